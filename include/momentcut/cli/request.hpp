// From raw settings to a request: pure, with the environment and the configuration as arguments.
#pragma once

#include "momentcut/cli/settings.hpp"
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

// Understands all settings. Throws core::Error(usage) for a value that is not in its form or range,
// for times that are missing, and for options that exclude each other.
Invocation make_invocation(const Settings& settings);

}  // namespace momentcut::cli
