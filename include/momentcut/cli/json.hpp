// How values are written as JSON: one way for every report.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "momentcut/core/time.hpp"

namespace momentcut::cli {

using Json = nlohmann::ordered_json;

// Seconds as a decimal number.
inline double seconds_json(core::Time time) {
  return static_cast<double>(time.count()) / 1e6;
}

// The value, or null.
template <typename Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

// One line with its end. Bytes that are no UTF-8 become replacement characters, not an exception.
inline std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace momentcut::cli
