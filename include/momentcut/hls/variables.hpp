// The variables of a playlist: EXT-X-DEFINE and {$name} (rfc8216bis §4.3 and §4.4.2.3).
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "momentcut/hls/attributes.hpp"
#include "momentcut/hls/parse.hpp"

namespace momentcut::hls {

inline constexpr std::size_t kMostVariables = 1000;

// What EXT-X-DEFINE tags have defined so far in one playlist. All members throw
// core::Error(bad_data), whose message is the reason alone; parse() adds file and line.
class Variables {
 public:
  // `context` is kept by reference.
  explicit Variables(const ParseContext& context) : context_(context) {}

  // One EXT-X-DEFINE: NAME and VALUE, IMPORT or QUERYPARAM, exactly one of the three. Refuses what
  // the draft says MUST fail: a name defined twice, an import that the multivariant playlist does
  // not define, a query parameter that the URI lacks or that is empty.
  void define(const AttributeList& attributes);

  // `text` with each {$name} replaced by its value, once: what a value contains is not replaced
  // again. Refuses an undefined name, control characters in the result, and results longer than
  // kMostLineBytes or in all than kMostPlaylistBytes, so that a small playlist cannot fill the
  // memory. `what` names the text in the reason.
  std::string expand(std::string_view text, std::string_view what);

  // The expanded value of an attribute; of one that has to be there, and not to be empty.
  std::optional<std::string> attribute(const AttributeList& attributes, std::string_view name);
  std::string required_attribute(const AttributeList& attributes, std::string_view name);

  // All of them, by name.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> list() const;

 private:
  void add(std::string_view name, std::string value);
  const std::string& value_of(std::string_view name) const;
  void count_expanded(std::size_t line_bytes);

  const ParseContext& context_;
  std::map<std::string, std::string, std::less<>> values_;
  std::size_t expanded_bytes_ = 0;
};

}  // namespace momentcut::hls
