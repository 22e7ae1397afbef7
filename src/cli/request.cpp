#include "momentcut/cli/request.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "momentcut/cli/network.hpp"
#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/core/time.hpp"
#include "momentcut/pipeline/naming.hpp"

namespace momentcut::cli {
namespace {

using core::Error;
using core::ErrorKind;

// --last stands for a start and an end; whichever were given nearer count.
bool read_last(const Settings& settings, pipeline::Request& request) {
  const auto last = length_of(settings, "last");
  if (!last) return false;
  for (const auto other : {"start", "end", "duration"}) {
    if (settings.find(other) && nearer_of(settings, "last", other) == Nearer::second) return false;
  }
  request.start = {core::Position::Origin::end, -*last, {}};
  request.end = {core::Position::Origin::end, core::Time{}, {}};
  return true;
}

void read_waiting(const Settings& settings, pipeline::Request& request) {
  request.wait = settings.flag("wait");
  request.wait_timeout = length_of(settings, "wait-timeout");
  if (request.wait_timeout && !request.wait) {
    throw Error(ErrorKind::usage, "--wait-timeout without --wait", "add --wait");
  }
}

void read_moment(const Settings& settings, pipeline::Request& request) {
  read_waiting(settings, request);
  if (read_last(settings, request)) return;
  const auto start = position_of(settings, "start");
  auto end = position_of(settings, "end");
  request.duration = length_of(settings, "duration");
  if (!start || (!end && !request.duration)) {
    throw Error(ErrorKind::usage, start ? "no end given" : "no start given",
                "momentcut [SOURCE] --start TIME --end TIME, or --duration TIME, or --last TIME");
  }
  if (end && request.duration) {
    const auto nearer = nearer_of(settings, "end", "duration");
    if (nearer == Nearer::first) request.duration.reset();
    if (nearer == Nearer::second) end.reset();
  }
  request.start = *start;
  if (end) request.end = *end;
  const bool same_origin = !request.duration && request.start.origin == request.end.origin;
  if (same_origin && request.start.origin == core::Position::Origin::wall &&
      request.end.wall <= request.start.wall) {
    throw Error(ErrorKind::usage, fmt::format("the end ({}) is not after the start ({})",
                                              core::format_wall_time(request.end.wall),
                                              core::format_wall_time(request.start.wall)));
  }
  if (same_origin && request.start.origin != core::Position::Origin::wall &&
      request.end.offset <= request.start.offset) {
    throw Error(ErrorKind::usage, fmt::format("the end ({} s) is not after the start ({} s)",
                                              core::format_seconds(request.end.offset),
                                              core::format_seconds(request.start.offset)));
  }
}

void read_output(const Settings& settings, Invocation& invocation) {
  auto& request = invocation.request;
  request.output = text_of(settings, "output");
  request.force = settings.flag("force");
  request.skip_existing = settings.flag("skip-existing");
  if (request.output) pipeline::check_template(*request.output);
  if (request.force && request.skip_existing) {
    request.force = nearer_of(settings, "force", "skip-existing") == Nearer::first;
    request.skip_existing = !request.force;
  }
  if (request.output == "-" && invocation.json && invocation.action == Action::cut) {
    throw Error(ErrorKind::usage, "--json and the clip cannot both go to stdout",
                "write the clip to a file");
  }
}

void read_encoding(const Settings& settings, cut::Encoding& encoding) {
  const auto codec = choice_of(settings, "video-codec").value_or("h264");
  if (codec == "hevc") encoding.codec = cut::VideoCodec::hevc;
  if (codec == "av1") encoding.codec = cut::VideoCodec::av1;
  encoding.keep_hdr = settings.flag("keep-hdr");
  if (encoding.keep_hdr && encoding.codec != cut::VideoCodec::hevc) {
    throw Error(ErrorKind::usage, fmt::format("--keep-hdr does not go with the codec {}", codec),
                "add --video-codec hevc");
  }
  constexpr unsigned kWorst = 51;
  constexpr unsigned kWorstAv1 = 63;
  encoding.crf =
      number_of(settings, "crf", 0, encoding.codec == cut::VideoCodec::av1 ? kWorstAv1 : kWorst);
  encoding.preset = choice_of(settings, "preset").value_or(encoding.preset);
  encoding.audio_kbps = number_of(settings, "audio-bitrate", 16, 512).value_or(encoding.audio_kbps);
  encoding.threads = number_of(settings, "threads", 1, 256).value_or(encoding.threads);
}

pipeline::Mode mode_of(const Settings& settings) {
  using pipeline::Mode;
  const auto choice = choice_of(settings, "mode").value_or("exact");
  if (choice == "smart") return Mode::smart;
  if (choice == "smart-only") return Mode::smart_only;
  return choice == "copy" ? Mode::copy : Mode::exact;
}

void read_workings(const Settings& settings, pipeline::Request& request) {
  request.ffmpeg = text_of(settings, "ffmpeg").value_or(request.ffmpeg);
  request.ffprobe = text_of(settings, "ffprobe").value_or(request.ffprobe);
  const auto tmpdir = settings.environment.find("TMPDIR");
  const bool has_tmpdir = tmpdir != settings.environment.end() && !tmpdir->second.empty();
  request.temp_dir =
      text_of(settings, "temp-dir").value_or(has_tmpdir ? tmpdir->second : std::string("/tmp"));
  request.keep_temp = settings.flag("keep-temp");
  if (const auto limit = length_of(settings, "stall-timeout")) {
    request.stall_timeout = std::chrono::ceil<std::chrono::milliseconds>(*limit);
  }
}

ProgressMode progress_mode(const Settings& settings) {
  const auto choice = choice_of(settings, "progress").value_or("auto");
  if (choice == "bar") return ProgressMode::bar;
  if (choice == "plain") return ProgressMode::plain;
  if (choice == "json") return ProgressMode::json;
  return choice == "none" ? ProgressMode::none : ProgressMode::automatic;
}

int verbosity_of(const Settings& settings) {
  if (settings.flag("quiet")) return -1;
  const auto found = settings.find("verbose");
  if (found && !core::parse_unsigned(found->value)) return settings.flag("verbose") ? 1 : 0;
  return number_of(settings, "verbose", 0, 100).value_or(0);
}

}  // namespace

Invocation make_invocation(const Settings& settings) {
  Invocation invocation;
  const bool inspect = settings.flag("inspect");
  const bool plan = settings.flag("dry-run");
  if (inspect && plan) {
    throw Error(ErrorKind::usage, "both --inspect and --dry-run are given", "give one of them");
  }
  invocation.action = inspect ? Action::inspect : plan ? Action::plan : Action::cut;
  invocation.json = settings.flag("json");
  invocation.verbosity = verbosity_of(settings);
  invocation.progress = progress_mode(settings);
  auto& request = invocation.request;
  request.source = text_of(settings, "source");
  request.rendition = text_of(settings, "rendition");
  request.audio = text_of(settings, "audio");
  request.audio_only = settings.flag("audio-only");
  request.subtitles = text_of(settings, "subtitles");
  if (request.subtitles == "none") request.subtitles.reset();
  request.allow_gaps = settings.flag("allow-gaps");
  request.want_digest = invocation.json;
  if (!inspect) read_moment(settings, request);
  read_output(settings, invocation);
  request.network = network_options(settings);
  if (!inspect) request.upload = upload_options(settings);
  if (request.upload && request.output == "-") {
    throw Error(ErrorKind::usage, "--upload and a clip on stdout exclude each other",
                "write the clip to a file");
  }
  read_encoding(settings, request.encoding);
  request.mode = mode_of(settings);
  if (request.mode == pipeline::Mode::copy && text_of(settings, "video-codec")) {
    throw Error(ErrorKind::usage, "--mode copy and --video-codec exclude each other",
                "a copied clip has the recording's codec");
  }
  read_workings(settings, request);
  return invocation;
}

}  // namespace momentcut::cli
