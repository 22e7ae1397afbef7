// The ffmpeg and ffprobe programs: checked before anything else, and run.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "momentcut/cut/ffmpeg.hpp"
#include "momentcut/cut/probe.hpp"
#include "momentcut/io/process.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/request.hpp"

namespace momentcut::pipeline {

struct Tools {
  std::string ffmpeg;
  std::string ffprobe;
  cut::ToolVersion version;  // of ffmpeg
};

// Asks both programs for their version, while other things are done.
class ToolCheck {
 public:
  // Throws core::Error(unavailable) where one is missing.
  ToolCheck(const Request& request, Context& context);

  // Waits for the answers, the first time. Throws core::Error(unavailable) where one does not say
  // its version, or is older than cut::kOldestMajor.kOldestMinor.
  const Tools& tools();

 private:
  const Request& request_;
  Context& context_;
  std::string ffmpeg_line_, ffprobe_line_;  // the first of each answer
  std::unique_ptr<io::Running> running_;
  std::optional<Tools> tools_;
};

// Runs ffprobe calls beside each other and reads what they print; probes are in the order of
// `calls`. `doing` says what for, in errors: "read the segments". Throws core::Error as
// run_program does.
std::vector<cut::Probe> probe_all(const std::vector<std::vector<std::string>>& calls,
                                  std::string_view doing, Context& context);

// A program that runs beside us. If it is not waited for, it is ended.
class Program {
 public:
  // Starts it. `doing` says what for, in errors; `on_line`, if any, is given what it prints, while
  // it is waited for. Throws core::Error(unavailable) where it is missing.
  Program(const std::vector<std::string>& argv, std::string_view doing,
          std::function<void(std::string_view)> on_line, Context& context);

  // Waits for its end; its last words on stderr. Throws core::Error when it fails: temporary when
  // it hung or was killed from outside, what its last words mean otherwise (cut::explain_failure).
  std::string finish();

 private:
  std::string path_, doing_;
  Context& context_;
  std::unique_ptr<io::Running> running_;
};

// Runs one program to its end, as Program does.
std::string run_program(const std::vector<std::string>& argv, std::string_view doing,
                        std::function<void(std::string_view)> on_line, Context& context);

}  // namespace momentcut::pipeline
