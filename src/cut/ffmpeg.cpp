#include "momentcut/cut/ffmpeg.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/text.hpp"
#include "momentcut/cut/graph.hpp"
#include "momentcut/cut/probe.hpp"

namespace momentcut::cut {
namespace {

using Argv = std::vector<std::string>;

void append(Argv& argv, std::initializer_list<std::string_view> words) {
  for (const auto word : words) argv.emplace_back(word);
}

void extend(Argv& argv, Argv words) {
  for (auto& word : words) argv.push_back(std::move(word));
}

void append_video(Argv& argv, const RenderJob& job, const ToolVersion& version) {
  append(argv, {"-map", "[v]"});
  extend(argv, video_encoder_argv(job.encoding, job.pieces.front().colour));
  // The MP4 muxer's default of a constant rate would show frames twice.
  append(argv, {version.at_least(5, 1) ? "-fps_mode" : "-vsync", "passthrough"});
  append(argv, {"-enc_time_base:v", "1:90000", "-video_track_timescale", "90000"});
  // Without a frame rate, as after joining pieces, a last frame would last no time and not be
  // shown. What setts is not told to keep, it takes from the decoding timestamp.
  if (job.pieces.size() > 1) {
    append(argv, {"-bsf:v", fmt::format("setts=pts=PTS:dts=DTS:duration={}",
                                        job.pieces.back().last_frame())});
  }
}

void append_container(Argv& argv, Container container) {
  switch (container) {
    case Container::mp4:
      append(argv, {"-movflags", "+faststart", "-f", "mp4"});
      return;
    case Container::m4a:
      append(argv, {"-movflags", "+faststart", "-f", "ipod"});
      return;
    case Container::fragmented_mp4:
      // delay_moov: the edit list that brings the first frame to 0 is known only then.
      append(argv, {"-movflags", "+frag_keyframe+delay_moov+default_base_moof", "-f", "mp4"});
      return;
  }
}

int leading_number(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

bool ToolVersion::at_least(int wanted_major, int wanted_minor) const {
  if (!is_release) return true;
  return std::pair(major, minor) >= std::pair(wanted_major, wanted_minor);
}

std::optional<ToolVersion> parse_version(std::string_view line) {
  const auto at = line.find(" version ");
  if (at == std::string_view::npos || !line.starts_with("ff")) return {};
  line.remove_prefix(at + 9);
  ToolVersion version;
  version.text = core::printable(line.substr(0, line.find(' ')));
  std::string_view number = version.text;
  if (number.starts_with('n')) number.remove_prefix(1);  // "n6.0", as some packagers tag releases
  const auto dot = number.find('.');
  version.is_release =
      dot != std::string_view::npos && number.front() >= '0' && number.front() <= '9';
  if (version.is_release) {
    version.major = leading_number(number);
    version.minor = leading_number(number.substr(dot + 1));
  }
  return version;
}

Argv probe_file_argv(const std::string& ffprobe, const FileProbe& probe) {
  Argv argv{ffprobe, "-v", "error", "-protocol_whitelist", "file"};
  append(argv, {"-f", probe.demuxer});
  if (probe.deep) append(argv, {"-probesize", "2G", "-analyzeduration", "36000M"});
  if (!probe.stream.empty()) append(argv, {"-select_streams", probe.stream});
  if (probe.most_packets > 0) {
    append(argv, {"-read_intervals", fmt::format("%+#{}", probe.most_packets)});
  }
  if (probe.pictures) append(argv, {"-skip_frame", "nokey"});
  append(argv, {"-i", probe.file, "-show_entries",
                fmt::format("{}{}", kProbeEntries, probe.pictures ? ":frame=pict_type" : ""), "-of",
                "compact"});
  return argv;
}

std::int64_t Piece::length() const {
  return core::rescaled(end - first, base, kClipBase);
}

std::int64_t Piece::last_frame() const {
  return core::rescaled(end - timestamps.back(), base, kClipBase);
}

std::vector<std::int64_t> borders_of(const std::vector<Piece>& pieces) {
  std::vector<std::int64_t> borders{0};
  for (const auto& piece : pieces) borders.push_back(borders.back() + piece.length());
  return borders;
}

std::int64_t sample_at(std::int64_t ticks) {
  return core::rescaled(ticks, kClipBase, core::TimeBase{1, kSampleRate});
}

Argv input_argv(const Input& input) {
  return {"-copyts",
          "-protocol_whitelist",
          "file",
          "-format_whitelist",
          fmt::format("concat,{}", input.demuxer),
          "-f",
          "concat",
          "-i",
          input.list};
}

Argv ffmpeg_argv(const std::string& ffmpeg) {
  return {ffmpeg, "-v", "warning", "-nostdin", "-nostats", "-y", "-progress", "pipe:1"};
}

Argv clip_argv(const std::optional<core::WallTime>& creation_time) {
  Argv argv{"-dn", "-map_metadata", "-1", "-map_chapters", "-1"};
  if (creation_time) {
    append(argv, {"-metadata", "creation_time=" + core::format_wall_time(*creation_time)});
  }
  append(argv, {"-movie_timescale", "90000"});
  return argv;
}

Argv audio_argv(const Encoding& encoding) {
  return {"-map",       "[a]",     "-c:a", "aac",
          "-profile:a", "aac_low", "-b:a", fmt::format("{}k", encoding.audio_kbps)};
}

Argv subtitles_input_argv(const Subtitles& subtitles) {
  return {"-protocol_whitelist", "file", "-f", "webvtt", "-i", subtitles.file};
}

Argv subtitles_argv(const Subtitles& subtitles, std::size_t index) {
  return {"-map",
          fmt::format("{}:s:0", index),
          "-c:s",
          "mov_text",
          "-metadata:s:s:0",
          "language=" + subtitles.language};
}

Argv render_argv(const std::string& ffmpeg, const ToolVersion& version, const RenderJob& job) {
  const RenderGraph graph(job.pieces, job.encoding);
  auto argv = ffmpeg_argv(ffmpeg);
  for (const auto& input : graph.inputs()) extend(argv, input_argv(input));
  if (job.subtitles) extend(argv, subtitles_input_argv(*job.subtitles));
  append(argv, {"-filter_complex", graph.text()});
  if (graph.has_video()) append_video(argv, job, version);
  if (graph.has_audio()) extend(argv, audio_argv(job.encoding));
  if (job.subtitles) {
    extend(argv, subtitles_argv(*job.subtitles, graph.inputs().size()));
  } else {
    append(argv, {"-sn"});
  }
  extend(argv, clip_argv(job.creation_time));
  if (job.encoding.threads > 0) append(argv, {"-threads", std::to_string(job.encoding.threads)});
  append_container(argv, job.container);
  argv.push_back(job.output);
  return argv;
}

std::optional<EncodeProgress> ProgressReader::line(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return {};
  const auto key = text.substr(0, equals);
  const auto value = core::trimmed(text.substr(equals + 1));
  if (key == "out_time_us") {
    std::int64_t us = 0;
    const auto [end, status] = std::from_chars(value.data(), value.data() + value.size(), us);
    // "N/A" before the first packet, and below zero while the encoder primes.
    if (status == std::errc{} && us > 0) next_.done = core::Time(us);
  } else if (key == "speed") {
    double speed = 0;
    const auto [end, status] = std::from_chars(value.data(), value.data() + value.size(), speed);
    if (status == std::errc{} && std::isfinite(speed) && speed > 0) next_.speed = speed;
  } else if (key == "progress") {
    next_.ended = value == "end";
    return next_;
  }
  return {};
}

Failure explain_failure(std::string_view stderr_text) {
  using core::ErrorKind;
  static constexpr std::array<std::pair<std::string_view, ErrorKind>, 9> kSigns{{
      {"No space left on device", ErrorKind::io},
      {"Disk quota exceeded", ErrorKind::io},
      {"File too large", ErrorKind::io},
      {"Input/output error", ErrorKind::io},
      {"Unknown encoder", ErrorKind::unavailable},
      {"Cannot allocate memory", ErrorKind::temporary},
      {"Permission denied", ErrorKind::no_permission},
      {"Invalid data found when processing input", ErrorKind::bad_data},
      {": End of file", ErrorKind::bad_data},
  }};
  std::string_view last;
  for (const auto line : core::split(stderr_text, '\n')) {
    if (core::trimmed(line).empty()) continue;
    last = core::trimmed(line);
  }
  for (const auto& [sign, kind] : kSigns) {
    const auto at = stderr_text.rfind(sign);
    if (at == std::string_view::npos) continue;
    const auto begin = stderr_text.rfind('\n', at) + 1;  // npos + 1 is the text's beginning
    const auto line = stderr_text.substr(begin, stderr_text.find('\n', at) - begin);
    return {kind, core::printable(core::trimmed(line).substr(0, 300))};
  }
  return {ErrorKind::internal, core::printable(last.substr(0, 300))};
}

}  // namespace momentcut::cut
