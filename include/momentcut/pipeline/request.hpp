// What is asked for: the command line, the environment and the configuration, understood.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "momentcut/core/time.hpp"
#include "momentcut/cut/ffmpeg.hpp"

namespace momentcut::pipeline {

struct Request {
  // A playlist or a recording's folder; nullopt: the working folder, if it holds a recording.
  std::optional<std::string> source;
  // The rendition by name, as hls::select_rendition takes it; nullopt: the best.
  std::optional<std::string> rendition;

  core::Position start;
  core::Position end;  // read unless `duration` is given
  std::optional<core::Time> duration;

  // A file, a folder, a template of one (pipeline/naming), or "-" for stdout; nullopt: the default
  // template in the working folder.
  std::optional<std::string> output;
  bool force = false;
  bool skip_existing = false;
  bool want_digest = false;  // the receipt shall hold a SHA-256

  cut::Encoding encoding;
  std::string ffmpeg = "ffmpeg";
  std::string ffprobe = "ffprobe";
  std::filesystem::path temp_dir;
  bool keep_temp = false;
  std::chrono::milliseconds stall_timeout{60'000};
};

}  // namespace momentcut::pipeline
