#include "momentcut/hls/attributes.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/hls/values.hpp"

namespace momentcut::hls {
namespace {

using core::trimmed;

[[noreturn]] void refuse(const std::string& reason) {
  throw core::Error(core::ErrorKind::bad_data, reason);
}

// Printable ASCII without what has a meaning in a list; the RFC's A-Z, 0-9 and '-' are among it.
bool is_name_character(char c) {
  return c > ' ' && c < 0x7f && c != '"';
}

// Takes the text up to the next of `ends` off the front of `rest`, and leaves that character there.
std::string_view take_until(std::string_view& rest, std::string_view ends) {
  const auto taken = rest.substr(0, rest.find_first_of(ends));
  rest.remove_prefix(taken.size());
  return taken;
}

// After an '=': a value, and the comma that ends it.
std::string_view take_value(std::string_view& rest, std::string_view name) {
  rest = trimmed(rest);
  if (!rest.starts_with('"')) {
    const auto value = trimmed(take_until(rest, ","));
    if (value.find('"') != std::string_view::npos)
      refuse(fmt::format("attribute {} has a quote inside its value", core::quoted(name)));
    return value;
  }
  rest.remove_prefix(1);
  const auto value = take_until(rest, "\"");
  if (rest.empty())
    refuse(fmt::format("attribute {} has a quoted string that does not close", core::quoted(name)));
  rest = trimmed(rest.substr(1));
  if (!rest.empty() && rest.front() != ',')
    refuse(fmt::format("attribute {} has text after its closing quote", core::quoted(name)));
  return value;
}

}  // namespace

AttributeList::AttributeList(std::string_view text) {
  auto rest = trimmed(text);
  while (!rest.empty()) {
    const auto name = trimmed(take_until(rest, "=,"));
    if (rest.starts_with('=')) {
      rest.remove_prefix(1);
      add(name, take_value(rest, name));
    } else if (!name.empty()) {
      refuse(fmt::format("attribute {} has no value", core::quoted(name)));
    }
    if (!rest.empty()) rest.remove_prefix(1);  // the comma
  }
}

void AttributeList::add(std::string_view name, std::string_view value) {
  if (name.empty()) refuse("an attribute has no name");
  if (!std::all_of(name.begin(), name.end(), is_name_character))
    refuse(fmt::format("{} is not an attribute's name", core::quoted(name)));
  if (this->text(name)) refuse(fmt::format("attribute {} appears twice", core::quoted(name)));
  if (attributes_.size() == kMostAttributes)
    refuse(fmt::format("more than {} attributes", kMostAttributes));
  attributes_.push_back({name, value});
}

std::optional<std::string_view> AttributeList::text(std::string_view name) const noexcept {
  const auto found = std::find_if(attributes_.begin(), attributes_.end(),
                                  [name](const Attribute& a) { return a.name == name; });
  if (found == attributes_.end()) return {};
  return found->value;
}

std::string_view AttributeList::required(std::string_view name) const {
  const auto value = text(name);
  if (!value) refuse(fmt::format("attribute {} is missing", name));
  if (value->empty()) refuse(fmt::format("attribute {} is empty", name));
  return *value;
}

bool AttributeList::is_yes(std::string_view name) const noexcept {
  return text(name) == "YES";
}

std::optional<std::uint64_t> AttributeList::integer(std::string_view name) const {
  const auto value = text(name);
  return value ? find_integer(*value, name) : std::nullopt;
}

std::optional<double> AttributeList::decimal(std::string_view name) const {
  const auto value = text(name);
  return value ? find_decimal(*value, name) : std::nullopt;
}

std::optional<Resolution> AttributeList::resolution(std::string_view name) const {
  const auto value = text(name);
  return value ? find_resolution(*value, name) : std::nullopt;
}

}  // namespace momentcut::hls
