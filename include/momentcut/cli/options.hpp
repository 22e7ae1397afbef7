// The command line: one definition an option, from which parsing, help, environment variables,
// configuration and completions follow.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace momentcut::cli {

struct Option {
  std::string_view name;         // long name without dashes
  char letter = '\0';            // its short form, if it has one
  std::string_view placeholder;  // of its value; empty for a flag
  std::string_view group;        // of --help
  std::string_view help;
  std::string_view choices = {};  // values to complete, parted by spaces; or "FILE", "FOLDER"
  bool countable = false;         // a flag that may be repeated
  bool everywhere = true;         // also as MOMENTCUT_NAME and in the configuration file
};

std::span<const Option> options();
const Option* find_option(std::string_view name);

// "MOMENTCUT_AUDIO_BITRATE" for "audio-bitrate".
std::string environment_name(std::string_view option);

using Values = std::map<std::string, std::string, std::less<>>;

// What stands on the command line: option name to value (a flag's is "true", or what stands after
// its equals sign; a countable one's is how often it stands there), and SOURCE under "source". Of
// an option that is repeated, the last one counts. Throws core::Error(usage).
Values parse_command_line(const std::vector<std::string>& arguments);

// The same from the text of a configuration file (TOML, as CLI11 reads it: `name = value` lines).
// `name` is what errors call the file. Throws core::Error(configuration) for an option that does
// not exist or cannot stand there.
Values parse_configuration(const std::string& text, const std::string& name);

// The text of --help.
std::string help_text();

}  // namespace momentcut::cli
