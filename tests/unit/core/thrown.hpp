// The error that a call throws, as a value to look at.
#pragma once

#include <stdexcept>

#include "momentcut/core/error.hpp"

namespace momentcut::core {

// What `call` throws; a call that throws no core::Error fails the test, by another exception.
template <typename Call>
Error thrown_by(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("no core::Error was thrown");
}

}  // namespace momentcut::core
