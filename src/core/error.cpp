#include "momentcut/core/error.hpp"

#include <utility>

namespace momentcut::core {

Error::Error(ErrorKind kind, const std::string& message, std::string hint)
    : std::runtime_error(message), kind_(kind), hint_(std::move(hint)) {}

Error Error::interrupted_by(int signal) {
  Error error(ErrorKind::interrupted, "interrupted");
  error.signal_ = signal;
  return error;
}

int Error::exit_code() const noexcept {
  switch (kind_) {
    case ErrorKind::usage:
      return 64;
    case ErrorKind::bad_data:
      return 65;
    case ErrorKind::not_found:
      return 66;
    case ErrorKind::unavailable:
      return 69;
    case ErrorKind::internal:
      return 70;
    case ErrorKind::cannot_create:
      return 73;
    case ErrorKind::io:
      return 74;
    case ErrorKind::temporary:
      return 75;
    case ErrorKind::protocol:
      return 76;
    case ErrorKind::no_permission:
      return 77;
    case ErrorKind::configuration:
      return 78;
    case ErrorKind::interrupted:
      return 128 + signal_;
  }
  return 70;
}

std::string Error::line() const {
  if (hint_.empty()) return what();
  return std::string(what()) + "; " + hint_;
}

}  // namespace momentcut::core
