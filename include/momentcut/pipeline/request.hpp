// What is asked for: the command line, the environment and the configuration, understood.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "momentcut/core/time.hpp"
#include "momentcut/cut/ffmpeg.hpp"
#include "momentcut/s3/credentials.hpp"
#include "momentcut/s3/location.hpp"

namespace momentcut::pipeline {

// How servers are talked to.
struct NetworkOptions {
  unsigned connections = 8;         // at once
  std::optional<unsigned> retries;  // of a request that failed; nullopt: AWS_MAX_ATTEMPTS', or 4
  std::chrono::milliseconds connect_timeout{10'000};
  bool allow_http = false;                                   // also where https led there
  std::vector<std::pair<std::string, std::string>> headers;  // for http(s) servers, not for S3
  std::string user_agent;
  bool sign = false;           // http(s) URLs of S3 objects are read as S3
  bool request_payer = false;  // this account pays for what it reads
  s3::AwsOptions aws;
  s3::Environment environment;  // of the process, from which AWS settings come
};

// Where a finished clip is uploaded to, and how.
struct UploadOptions {
  s3::Location
      destination;  // "s3://bucket/key", a template; ending in '/', the default name follows
  std::vector<std::pair<std::string, std::string>> metadata;
  std::string acl, storage_class, encryption, cache_control;  // as S3 has them; empty: its default
  bool keep_existing = false;                                 // an object of that key is an error
  std::optional<std::chrono::seconds> presign;                // a URL of it that lives so long
};

// How a clip's video is made.
enum class Mode {
  exact,       // encoded
  smart,       // encoded at its edges, copied in between; exact where that cannot be done
  smart_only,  // the same; an error where it cannot be done
  copy,        // copied, which makes it longer than asked for
};

struct Request {
  // A playlist or a recording's folder; nullopt: the working folder, if it holds a recording.
  std::optional<std::string> source;
  // The rendition by name, as hls::select_rendition takes it; nullopt: the best.
  std::optional<std::string> rendition;
  // The audio by name or language, as hls::select_audio takes it, or "none"; nullopt: the usual
  // one.
  std::optional<std::string> audio;
  bool audio_only = false;
  // Subtitles by name or language, as hls::select_subtitles takes it; nullopt: none.
  std::optional<std::string> subtitles;

  core::Position start;
  core::Position end;  // read unless `duration` is given
  std::optional<core::Time> duration;

  // Cut around missing segments.
  bool allow_gaps = false;

  // Wait for what a live stream has not shown yet; nullopt for `wait_timeout`: however long.
  bool wait = false;
  std::optional<core::Time> wait_timeout;

  // A file, a folder, a template of one (pipeline/naming), or "-" for stdout; nullopt: the default
  // template in the working folder.
  std::optional<std::string> output;
  bool force = false;
  bool skip_existing = false;
  bool want_digest = false;  // the receipt shall hold a SHA-256

  NetworkOptions network;
  std::optional<UploadOptions> upload;

  Mode mode = Mode::exact;
  cut::Encoding encoding;
  std::string ffmpeg = "ffmpeg";
  std::string ffprobe = "ffprobe";
  std::filesystem::path temp_dir;
  bool keep_temp = false;
  std::chrono::milliseconds stall_timeout{60'000};
};

}  // namespace momentcut::pipeline
