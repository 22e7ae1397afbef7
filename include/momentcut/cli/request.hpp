// From raw settings to a request: pure, with the environment and the configuration as arguments.
#pragma once

#include <optional>
#include <string>

#include "momentcut/cli/options.hpp"
#include "momentcut/pipeline/request.hpp"

namespace momentcut::cli {

enum class Action { cut, plan, inspect };
enum class ProgressMode { automatic, bar, plain, json, none };

struct Invocation {
  Action action = Action::cut;
  pipeline::Request request;
  bool json = false;
  int verbosity = 0;  // -1: errors only; 1: details; 2: command lines, too
  ProgressMode progress = ProgressMode::automatic;
};

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

// Understands all settings. Throws core::Error(usage) for a value that is not in its form or range,
// for times that are missing, and for options that exclude each other.
Invocation make_invocation(const Settings& settings);

}  // namespace momentcut::cli
