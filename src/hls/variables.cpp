#include "momentcut/hls/variables.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/hls/values.hpp"

namespace momentcut::hls {
namespace {

using core::quoted;

constexpr std::string_view kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

[[noreturn]] void refuse(const std::string& reason, const std::string& hint = {}) {
  throw core::Error(core::ErrorKind::bad_data, reason, hint);
}

const std::string* find_pair(const std::vector<std::pair<std::string, std::string>>& pairs,
                             std::string_view name) {
  const auto found = std::find_if(pairs.begin(), pairs.end(),
                                  [name](const auto& pair) { return pair.first == name; });
  return found == pairs.end() ? nullptr : &found->second;
}

// The name in the "{$name}" with which `text` begins; empty when it does not begin so, which is no
// reference and stays as it is.
std::string_view referenced_name(std::string_view text) {
  const auto end = text.find_first_not_of(kNameCharacters, 2);
  if (end == std::string_view::npos || text[end] != '}') return {};
  return text.substr(2, end - 2);
}

}  // namespace

void Variables::define(const AttributeList& attributes) {
  const auto name = attributes.text("NAME");
  const auto imported = attributes.text("IMPORT");
  const auto parameter = attributes.text("QUERYPARAM");
  if (int(name.has_value()) + int(imported.has_value()) + int(parameter.has_value()) != 1)
    refuse("a definition needs exactly one of NAME, IMPORT and QUERYPARAM");
  if (name) {
    auto value = attribute(attributes, "VALUE");
    if (!value) refuse("attribute VALUE is missing");
    add(*name, std::move(*value));
  } else if (imported) {
    const auto* value = find_pair(context_.imports, *imported);
    if (value == nullptr)
      refuse(fmt::format("the multivariant playlist defines no variable {}", quoted(*imported)),
             "give the multivariant playlist instead of this one");
    add(*imported, *value);
  } else {
    const auto* value = find_pair(context_.query_parameters, *parameter);
    if (value == nullptr || value->empty())
      refuse(fmt::format("the playlist's URL has no query parameter {}", quoted(*parameter)));
    add(*parameter, *value);
  }
}

void Variables::add(std::string_view name, std::string value) {
  if (name.empty() || name.find_first_not_of(kNameCharacters) != std::string_view::npos)
    refuse(fmt::format("{} is not a variable's name", quoted(name)));
  if (values_.size() == kMostVariables)
    refuse(fmt::format("more than {} variables", kMostVariables));
  if (!values_.emplace(name, std::move(value)).second)
    refuse(fmt::format("variable {} is defined twice", quoted(name)));
}

const std::string& Variables::value_of(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) refuse(fmt::format("variable {} is not defined", quoted(name)));
  return found->second;
}

void Variables::count_expanded(std::size_t line_bytes) {
  expanded_bytes_ += line_bytes;
  if (line_bytes > kMostLineBytes || expanded_bytes_ > kMostPlaylistBytes)
    refuse("its variables expand to too much text");
}

std::string Variables::expand(std::string_view text, std::string_view what) {
  std::string expanded;
  bool has_references = false;
  for (auto at = text.find("{$"); at != std::string_view::npos; at = text.find("{$")) {
    const auto name = referenced_name(text.substr(at));
    if (name.empty()) {
      expanded += text.substr(0, at + 2);
      text.remove_prefix(at + 2);
      continue;
    }
    has_references = true;
    expanded += text.substr(0, at);
    expanded += value_of(name);
    text.remove_prefix(at + name.size() + 3);
    if (expanded.size() > kMostLineBytes) break;  // count_expanded() refuses it
  }
  expanded += text;
  if (has_references) count_expanded(expanded.size());
  check_text(expanded, what);
  return expanded;
}

std::optional<std::string> Variables::attribute(const AttributeList& attributes,
                                                std::string_view name) {
  const auto value = attributes.text(name);
  if (!value) return {};
  return expand(*value, name);
}

std::string Variables::required_attribute(const AttributeList& attributes, std::string_view name) {
  auto value = expand(attributes.required(name), name);
  if (value.empty()) refuse(fmt::format("attribute {} is empty", name));
  return value;
}

std::vector<std::pair<std::string, std::string>> Variables::list() const {
  return {values_.begin(), values_.end()};
}

}  // namespace momentcut::hls
