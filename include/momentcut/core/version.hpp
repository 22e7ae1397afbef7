// The version of this build, as `momentcut --version` and every receipt give it.
#pragma once

#include <string_view>

namespace momentcut::core {

std::string_view version() noexcept;

}  // namespace momentcut::core
