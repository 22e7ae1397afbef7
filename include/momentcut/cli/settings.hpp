// Settings by name, wherever they come from, and their texts read as values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "momentcut/cli/command_line.hpp"
#include "momentcut/core/error.hpp"
#include "momentcut/core/time.hpp"

namespace momentcut::cli {

// Where settings come from, the first that has one winning.
struct Settings {
  Values command_line;
  Values environment;    // the process's, by variable name
  Values configuration;  // of the file
  std::string configuration_name;

  struct Found {
    std::string value;
    std::string origin;  // "--crf", "MOMENTCUT_CRF" or "crf in FILE", for messages
    int distance = 0;    // 0: command line, 1: environment, 2: file
  };
  [[nodiscard]] std::optional<Found> find(std::string_view option) const;
  // A flag's value: false where nothing sets it. Throws core::Error(usage) for a word that is
  // neither yes nor no.
  [[nodiscard]] bool flag(std::string_view option) const;
};

// The configuration file to read: --config, MOMENTCUT_CONFIG (then `required` is set), or
// momentcut/config.toml in $XDG_CONFIG_HOME or ~/.config. An empty path: there is none.
struct ConfigurationFile {
  std::string path;
  bool required = false;
};
ConfigurationFile configuration_file(const Settings& settings);

// The readers of values. nullopt: nothing sets the option. Each throws core::Error(usage) for what
// is not in its form or range, naming where it was said.
core::Error bad_value(const Settings::Found& found, std::string_view wanted);
std::optional<std::string> text_of(const Settings& settings, std::string_view option);
std::optional<int> number_of(const Settings& settings, std::string_view option, unsigned lowest,
                             unsigned highest);
std::optional<core::Position> position_of(const Settings& settings, std::string_view option);
std::optional<core::Time> length_of(const Settings& settings, std::string_view option);
std::optional<std::string> choice_of(const Settings& settings, std::string_view option);
// The values of a repeatable option; none: nothing sets it. Empty ones count on the command line
// alone; elsewhere they lay out the list.
std::vector<std::string> texts_of(const Settings& settings, std::string_view option);

// Which of two settings that exclude each other is given nearer to this call: the command line is
// nearer than the environment, and that than the file. Throws core::Error(usage) for both at once.
enum class Nearer { first, second };
Nearer nearer_of(const Settings& settings, std::string_view first, std::string_view second);

}  // namespace momentcut::cli
