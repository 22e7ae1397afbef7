#include "momentcut/core/version.hpp"

namespace momentcut::core {

std::string_view version() noexcept {
  return MOMENTCUT_VERSION;
}

}  // namespace momentcut::core
