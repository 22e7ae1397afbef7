#include "momentcut/cut/stitch.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/text.hpp"
#include "momentcut/cut/graph.hpp"

namespace momentcut::cut {
namespace {

using Argv = std::vector<std::string>;

// Parts begin here, so that no decoding timestamp in them is negative, nor near a turn of the
// transport stream's clock.
constexpr std::int64_t kPartBase = 900'000;

void extend(Argv& argv, Argv words) {
  for (auto& word : words) argv.push_back(std::move(word));
}

// A transport stream with the timestamps it is given.
void append_part(Argv& argv, const std::string& part) {
  extend(argv, {"-muxdelay", "0", "-muxpreload", "0", "-mpegts_copyts", "1", "-avoid_negative_ts",
                "disabled", "-mpegts_flags", "+initial_discontinuity", "-f", "mpegts", part});
}

// Packets without decoding, key frames or not.
void append_copy(Argv& argv, std::size_t input) {
  extend(argv, {"-map", fmt::format("{}:v:0", input), "-c:v", "copy", "-copyinkf"});
}

// The parameter sets of the first input, as a byte stream.
void append_sets(Argv& argv, const std::string& file) {
  append_copy(argv, 0);
  extend(argv, {"-bsf:v", "h264_mp4toannexb,filter_units=pass_types=7-8", "-f", "data", file});
}

// What libx264 cannot take from the frames.
Argv colour_argv(const Colour& colour) {
  Argv argv;
  const auto add = [&](std::string_view option, const std::string& value) {
    if (value.empty() || value == "unknown" || value == "reserved") return;
    extend(argv, {std::string(option), value});
  };
  add("-color_range", colour.range);
  add("-colorspace", colour.matrix);
  add("-color_primaries", colour.primaries);
  add("-color_trc", colour.transfer);
  return argv;
}

Argv matching_argv(const EdgeEncoding& matching, unsigned set_id) {
  auto parameters = fmt::format("sps-id={}:open-gop=0:force-cfr=0:ref={}:level={}", set_id,
                                matching.references, matching.level);
  if (matching.b_frames > 0) {
    parameters += matching.b_pyramid ? ":b-pyramid=normal" : ":b-pyramid=none";
  }
  return {"-profile:v",   matching.profile,
          "-pix_fmt",     "yuv420p",
          "-bf",          std::to_string(matching.b_frames),
          "-x264-params", std::move(parameters)};
}

// The packets of `copied`, `base` later than their place in the clip.
std::string copy_filter(const Copied& copied, std::int64_t base) {
  auto drop = fmt::format("lt(pts\\,{})", copied.from_pts);
  if (copied.from_dts) drop += fmt::format("+lt(dts\\,{})", *copied.from_dts);
  if (copied.to_dts) drop += fmt::format("+gte(dts\\,{})", *copied.to_dts);
  return fmt::format("noise=drop={0},setts=pts=PTS-({1}):dts=DTS-({1})", drop, copied.zero - base);
}

void append_mp4(Argv& argv, const RenderJob& job, std::string_view flags,
                const std::string& output) {
  extend(argv, clip_argv(job.creation_time));
  extend(argv, {"-video_track_timescale", "90000"});
  if (!flags.empty()) extend(argv, {"-movflags", std::string(flags)});
  extend(argv, {"-f", "mp4", output});
}

}  // namespace

Argv scan_argv(const std::string& ffmpeg, const Input& input, const std::string& sets_file) {
  Argv argv{ffmpeg, "-v", "error", "-nostdin", "-nostats", "-y"};
  extend(argv, input_argv(input));
  append_copy(argv, 0);
  extend(argv,
         {"-bsf:v", "h264_mp4toannexb,filter_units=pass_types=5", "-f", "framecrc", "pipe:1"});
  append_sets(argv, sets_file);
  return argv;
}

// "#tb 0: 1/90000", then "0, dts, pts, duration, size, checksum".
void KeyReader::line(std::string_view text) {
  constexpr std::string_view kBase = "#tb 0: ";
  if (text.starts_with(kBase)) base_ = core::trimmed(text.substr(kBase.size()));
  if (text.starts_with('#')) return;
  const auto fields = core::split(text, ',');
  if (fields.size() < 3) return;
  const auto field = core::trimmed(fields[2]);
  std::int64_t pts = 0;
  const auto [end, status] = std::from_chars(field.data(), field.data() + field.size(), pts);
  if (status == std::errc{}) keys_.push_back(pts);
}

std::optional<std::vector<std::int64_t>> KeyReader::keys(core::TimeBase base) const {
  if (keys_.empty()) return keys_;
  if (base_ != fmt::format("{}/{}", base.num, base.den)) return {};
  auto sorted = keys_;
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

Argv edge_argv(const std::string& ffmpeg, const ToolVersion& version, const Edge& edge,
               const EdgeEncoding& matching, const Encoding& encoding, const Colour& colour,
               const std::string& part) {
  auto argv = ffmpeg_argv(ffmpeg);
  extend(argv, input_argv(edge.input));
  extend(argv,
         {"-filter_complex",
          fmt::format("[0:v:0]trim=start_pts={0}:end_pts={1},setpts=PTS-({0}),settb=1/{2},"
                      "setpts=PTS+{3}[v]",
                      edge.frames.first, edge.frames.end, kClipBase.den, kPartBase + edge.place),
          "-map", "[v]"});
  extend(argv, {"-c:v", "libx264", "-preset", encoding.preset, "-crf",
                std::to_string(encoding.crf.value_or(usual_crf(VideoCodec::h264)))});
  extend(argv, matching_argv(matching, edge.set_id));
  extend(argv, colour_argv(colour));
  extend(argv, {version.at_least(5, 1) ? "-fps_mode" : "-vsync", "passthrough", "-enc_time_base:v",
                fmt::format("1:{}", kClipBase.den)});
  // Decoded as long before they are shown as the packets beside them, time goes on evenly.
  extend(argv, {"-bsf:v",
                fmt::format("setts=pts=PTS:dts=min(DTS\\,DTS+STARTPTS-STARTDTS-{})", edge.delay)});
  if (encoding.threads > 0) extend(argv, {"-threads", std::to_string(encoding.threads)});
  append_part(argv, part);
  return argv;
}

Copied::Copied(Input from, const Stream& video, const CopyPlan& plan, std::int64_t clip_first)
    : input(std::move(from)) {
  const auto& packets = video.packets;
  const auto in_clip = [&](std::int64_t ticks) {
    return core::rescaled(ticks, video.time_base, kClipBase);
  };
  const auto before = [&](std::size_t packet) -> std::optional<std::int64_t> {
    if (packet == 0 || packet >= packets.size()) return {};
    const auto last = in_clip(packets[packet - 1].dts);
    return last + (in_clip(packets[packet].dts) - last + 1) / 2;
  };
  from_dts = before(plan.first);
  to_dts = before(plan.last);
  from_pts = in_clip(packets[plan.first].pts) - 1;
  zero = in_clip(clip_first);
}

Argv copy_argv(const std::string& ffmpeg, const Copied& copied, const std::string& part) {
  auto argv = ffmpeg_argv(ffmpeg);
  extend(argv, input_argv(copied.input));
  append_copy(argv, 0);
  extend(argv, {"-bsf:v", copy_filter(copied, kPartBase)});
  append_part(argv, part);
  return argv;
}

RenderJob audio_job(const std::vector<Piece>& pieces, const Encoding& encoding,
                    const std::string& output) {
  RenderJob audio{pieces, encoding, Container::m4a, output};
  for (auto& piece : audio.pieces) piece.has_video = false;
  return audio;
}

Argv stitch_argv(const std::string& ffmpeg, const Stitch& stitch, const RenderJob& job) {
  auto argv = ffmpeg_argv(ffmpeg);
  const auto append_input = [&](std::string_view demuxer, const std::string& file) {
    extend(argv,
           {"-copyts", "-protocol_whitelist", "file", "-f", std::string(demuxer), "-i", file});
  };
  append_input("mpegts", stitch.parts);
  if (stitch.audio) append_input(kMovie, *stitch.audio);
  if (job.subtitles) extend(argv, subtitles_input_argv(*job.subtitles));
  append_copy(argv, 0);
  // The last packet's own duration is lost in the transport stream; the others' lies in between.
  extend(argv, {"-bsf:v", fmt::format("setts=pts=PTS-{0}:dts=DTS-{0}:duration={1}", kPartBase,
                                      job.pieces.back().last_frame())});
  if (stitch.audio) extend(argv, {"-map", "1:a:0", "-c:a", "copy"});
  if (job.subtitles) extend(argv, subtitles_argv(*job.subtitles, stitch.audio ? 2 : 1));
  append_mp4(argv, job, "", stitch.output);
  append_sets(argv, stitch.sets);
  return argv;
}

Argv copied_clip_argv(const std::string& ffmpeg, const RenderJob& job, const Copied& copied,
                      std::string_view codec) {
  auto argv = ffmpeg_argv(ffmpeg);
  const RenderGraph audio(audio_job(job.pieces, job.encoding, "").pieces, job.encoding);
  for (const auto& input : audio.inputs()) extend(argv, input_argv(input));
  extend(argv, input_argv(copied.input));
  if (job.subtitles) extend(argv, subtitles_input_argv(*job.subtitles));
  const auto video = audio.inputs().size();
  append_copy(argv, video);
  // Apple's players know HEVC by this name alone.
  if (codec == "hevc") extend(argv, {"-tag:v", "hvc1"});
  extend(argv, {"-bsf:v", fmt::format("{}:duration={}", copy_filter(copied, 0),
                                      job.pieces.back().last_frame())});
  if (audio.has_audio()) {
    extend(argv, {"-filter_complex", audio.text()});
    extend(argv, audio_argv(job.encoding));
  }
  if (job.subtitles) extend(argv, subtitles_argv(*job.subtitles, video + 1));
  append_mp4(argv, job, "+faststart", job.output);
  return argv;
}

}  // namespace momentcut::cut
