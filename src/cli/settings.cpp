#include "momentcut/cli/settings.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::cli {

using core::Error;
using core::ErrorKind;
using Found = Settings::Found;

Error bad_value(const Found& found, std::string_view wanted) {
  return {ErrorKind::usage,
          fmt::format("{}: {} is not {}", found.origin, core::quoted(found.value), wanted)};
}

std::optional<std::string> text_of(const Settings& settings, std::string_view option) {
  const auto found = settings.find(option);
  if (!found) return {};
  if (found->value.empty()) throw Error(ErrorKind::usage, found->origin + " is empty");
  return found->value;
}

std::optional<int> number_of(const Settings& settings, std::string_view option, unsigned lowest,
                             unsigned highest) {
  const auto found = settings.find(option);
  if (!found) return {};
  const auto value = core::parse_unsigned(found->value);
  if (!value || *value < lowest || *value > highest) {
    throw bad_value(*found, fmt::format("a whole number from {} to {}", lowest, highest));
  }
  return static_cast<int>(*value);
}

std::optional<core::Position> position_of(const Settings& settings, std::string_view option) {
  const auto found = settings.find(option);
  if (!found) return {};
  const auto position = core::parse_position(found->value);
  if (!position && core::is_date_without_zone(found->value)) {
    throw Error(ErrorKind::usage,
                fmt::format("{}: {} does not say in which time zone", found->origin,
                            core::quoted(found->value)),
                "add Z for UTC, or an offset such as +02:00");
  }
  if (!position) throw bad_value(*found, fmt::format("a time; write {}", core::kPositionForms));
  return position;
}

std::optional<core::Time> length_of(const Settings& settings, std::string_view option) {
  const auto found = settings.find(option);
  if (!found) return {};
  const auto length = core::parse_length(found->value);
  if (!length || *length <= core::Time{}) {
    throw bad_value(*found, fmt::format("a length of time; write {}", core::kLengthForms));
  }
  return length;
}

std::optional<std::string> choice_of(const Settings& settings, std::string_view option) {
  const auto found = settings.find(option);
  if (!found) return {};
  const auto choices = core::split(find_option(option)->choices, ' ');
  if (std::find(choices.begin(), choices.end(), found->value) == choices.end()) {
    throw bad_value(*found, fmt::format("one of {}", fmt::join(choices, ", ")));
  }
  return found->value;
}

std::vector<std::string> texts_of(const Settings& settings, std::string_view option) {
  const auto found = settings.find(option);
  if (!found) return {};
  if (found->value.empty()) throw Error(ErrorKind::usage, found->origin + " is empty");
  std::vector<std::string> texts;
  for (const auto text : core::split(found->value, '\n')) {
    // Elsewhere an empty line is how a list is laid out; on the command line, a variable that is
    // not set.
    if (!text.empty() || found->distance == 0) texts.emplace_back(text);
  }
  return texts;
}

Nearer nearer_of(const Settings& settings, std::string_view first, std::string_view second) {
  const auto a = settings.find(first)->distance;
  const auto b = settings.find(second)->distance;
  if (a != b) return a < b ? Nearer::first : Nearer::second;
  throw Error(ErrorKind::usage, fmt::format("both --{} and --{} are given", first, second),
              "give one of them");
}

std::optional<Found> Settings::find(std::string_view option) const {
  if (const auto at = command_line.find(option); at != command_line.end()) {
    return Found{at->second, option == "source" ? "SOURCE" : fmt::format("--{}", option), 0};
  }
  const auto* known = find_option(option);
  if (known != nullptr && !known->everywhere) return {};
  const auto variable = environment_name(option);
  if (const auto at = environment.find(variable); at != environment.end()) {
    return Found{at->second, variable, 1};
  }
  if (const auto at = configuration.find(option); at != configuration.end()) {
    return Found{at->second, fmt::format("{} in {}", option, configuration_name), 2};
  }
  return {};
}

bool Settings::flag(std::string_view option) const {
  const auto found = find(option);
  if (!found) return false;
  const auto value = core::lowered(found->value);
  for (const auto yes : {"1", "true", "yes", "on"}) {
    if (value == yes) return true;
  }
  for (const auto no : {"", "0", "false", "no", "off"}) {
    if (value == no) return false;
  }
  throw bad_value(*found, "yes or no");
}

ConfigurationFile configuration_file(const Settings& settings) {
  if (const auto given = text_of(settings, "config")) return {*given, true};
  const auto variable = [&](std::string_view name) -> std::string {
    const auto at = settings.environment.find(name);
    return at == settings.environment.end() ? "" : at->second;
  };
  if (const auto xdg = variable("XDG_CONFIG_HOME"); !xdg.empty()) {
    return {xdg + "/momentcut/config.toml", false};
  }
  const auto home = variable("HOME");
  return {home.empty() ? "" : home + "/.config/momentcut/config.toml", false};
}

}  // namespace momentcut::cli
