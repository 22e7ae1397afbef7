// The command line: one definition an option, from which parsing, help, environment variables,
// configuration and completions follow.
#pragma once

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
  bool repeatable = false;        // every value counts, not the last one; they are parted by lines
  bool may_stand_alone = false;   // its value may be missing: then it is empty
};

std::span<const Option> options();
const Option* find_option(std::string_view name);

// "MOMENTCUT_AUDIO_BITRATE" for "audio-bitrate".
std::string environment_name(std::string_view option);

// The text of --help.
std::string help_text();

}  // namespace momentcut::cli
