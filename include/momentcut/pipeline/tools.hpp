// The ffmpeg and ffprobe programs: checked before anything else, and run.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "momentcut/cut/ffmpeg.hpp"
#include "momentcut/cut/probe.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/request.hpp"

namespace momentcut::pipeline {

struct Tools {
  std::string ffmpeg;
  std::string ffprobe;
  cut::ToolVersion version;  // of ffmpeg
};

// Asks both programs for their version. Throws core::Error(unavailable) where one is missing, does
// not say its version, or is older than cut::kOldestMajor.kOldestMinor.
Tools check_tools(const Request& request, Context& context);

// Runs ffprobe calls beside each other and reads what they print; probes are in the order of
// `calls`. `doing` says what for, in errors: "read the segments". Throws core::Error as
// run_program does.
std::vector<cut::Probe> probe_all(const std::vector<std::vector<std::string>>& calls,
                                  std::string_view doing, Context& context);

// Runs one program to its end; its last words on stderr. Throws core::Error when it fails:
// temporary when it hung or was killed from outside, what its last words mean otherwise
// (cut::explain_failure).
std::string run_program(const std::vector<std::string>& argv, std::string_view doing,
                        std::function<void(std::string_view)> on_line, Context& context);

}  // namespace momentcut::pipeline
