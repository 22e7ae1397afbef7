#include "momentcut/pipeline/run_meter.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

// The head of a segment that is probed for its first frame; four times more until it does.
constexpr std::uint64_t kFirstHead = 256U << 10U;
// How many packets of a join's beginning are compared to tell the list's shift.
constexpr unsigned kShiftPackets = 16;
// Trailing segments that hold no frame are passed over, this many at most.
constexpr std::size_t kMostEmptyTail = 8;

bool has_packets(const std::optional<cut::Stream>& stream) {
  return stream && !stream->packets.empty();
}

// The same packet in the raw join and in its list: {raw pts, list pts}.
std::optional<std::pair<std::int64_t, std::int64_t>> common_timestamps(const cut::Stream& raw,
                                                                       const cut::Stream& listed) {
  for (const auto& a : raw.packets) {
    if (a.pts == cut::kNoTimestamp || a.position < 0) continue;
    for (const auto& b : listed.packets) {
      if (b.position == a.position && b.pts != cut::kNoTimestamp) return std::pair(a.pts, b.pts);
      if (b.position > a.position) break;
    }
  }
  return {};
}

}  // namespace

RunMeter::RunMeter(const std::vector<core::Span>& spans, const cut::Run& run, Fetcher& fetcher,
                   ToolCheck& tools, Context& context)
    : spans_(spans), run_(run), fetcher_(fetcher), tools_(tools), context_(context) {}

std::optional<RunMeter::Anchor> RunMeter::anchor_in(const Fetcher::Head& head) {
  const auto probe =
      probe_all({cut::probe_file_argv(
                    tools_.tools().ffprobe,
                    {.file = head.file, .demuxer = cut::kTransportStream, .stream = {}})},
                "read the first segment", context_)
          .front();
  std::optional<std::int64_t> first;
  if (has_packets(probe.video)) {
    first = cut::first_timestamp(probe.video->packets, head.complete);
  } else if (head.complete && has_packets(probe.audio)) {
    first = cut::first_timestamp(probe.audio->packets, true);
  }
  return first ? std::optional(Anchor{*first, has_packets(probe.video)}) : std::nullopt;
}

const RunMeter::Anchor& RunMeter::anchor() {
  for (auto bytes = kFirstHead; !anchor_; bytes *= 4) {
    const auto head = fetcher_.head({run_.first, bytes});
    try {
      anchor_ = anchor_in(head);
    } catch (const Error& error) {
      const bool garbage =
          error.kind() == ErrorKind::internal || error.kind() == ErrorKind::bad_data;
      if (!garbage || head.damage.empty()) throw;
      throw Error(ErrorKind::bad_data, head.damage, "fetch the recording again");
    }
    if (!anchor_ && head.complete) {
      throw Error(
          ErrorKind::bad_data,
          head.damage.empty() ? "the first segment holds no frame with a timestamp" : head.damage,
          "time 0 is its first frame; is the recording damaged?");
    }
  }
  return *anchor_;
}

Measured RunMeter::measure(const cut::Window& window) {
  return measure(cut::segments_of(window));
}

Measured RunMeter::measure(const std::vector<std::size_t>& segments) {
  // What the anchor is read from comes with the segments, not after them.
  const auto also = anchor_ ? std::nullopt : std::optional(Portion{run_.first, kFirstHead});
  auto join = fetcher_.join(segments, also);
  const auto from = anchor();
  const std::string_view kind = from.is_video ? "v:0" : "a:0";
  auto probes =
      probe_all({cut::probe_list_argv(tools_.tools().ffprobe, join.list, cut::kTransportStream),
                 cut::probe_file_argv(tools_.tools().ffprobe, {.file = join.file,
                                                               .demuxer = cut::kTransportStream,
                                                               .stream = kind,
                                                               .most_packets = kShiftPackets})},
                "measure the segments", context_);
  const auto& listed = from.is_video ? probes[0].video : probes[0].audio;
  const auto& raw = from.is_video ? probes[1].video : probes[1].audio;
  const auto common =
      has_packets(listed) && has_packets(raw) ? common_timestamps(*raw, *listed) : std::nullopt;
  for (const auto& damage : join.damages) {
    if (!common && !damage.empty()) throw Error(ErrorKind::bad_data, damage, "fetch it again");
  }
  if (!common) {
    throw Error(ErrorKind::bad_data,
                fmt::format("no {} with timestamps in segments {} to {}",
                            from.is_video ? "video" : "audio", segments.front(), segments.back()),
                "is the recording damaged there?");
  }
  const auto [raw_pts, list_pts] = *common;
  const auto elapsed = cut::unwrapped_elapsed(
      from.timestamp, raw_pts, spans_[segments.front()].start - run_.start, listed->time_base);
  const cut::RunClock clock(listed->time_base, list_pts - elapsed, run_.start);
  if (!from.is_video) probes[0].video.reset();
  return {std::move(join), std::move(probes[0]), clock};
}

core::Time RunMeter::end_of_run() {
  for (std::size_t count = 1; !end_; ++count) {
    const auto first = run_.last - std::min(count, run_.last - run_.first);
    try {
      const auto measured = measure(cut::Window{first, run_.last});
      std::vector<std::int64_t> timestamps;
      for (const auto& packet : measured.leading().packets) {
        if (packet.pts != cut::kNoTimestamp) timestamps.push_back(packet.pts);
      }
      std::sort(timestamps.begin(), timestamps.end());
      end_ = measured.clock.time_of(cut::end_of_last_frame(timestamps, measured.leading()));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::bad_data || first == run_.first || count >= kMostEmptyTail) {
        throw;
      }
    }
  }
  return *end_;
}

bool RunMeter::starts_decodable(const Measured& measured) {
  if (measured.join.segments.front() == run_.first) return true;
  const auto& packets = measured.leading().packets;
  const auto key = std::find_if(packets.begin(), packets.end(), [](auto& p) { return p.key; });
  if (key == packets.end()) return false;
  const auto count = static_cast<unsigned>(key - packets.begin()) + 1;
  bool intra = false;
  run_program(
      cut::probe_key_frame_argv(tools_.tools().ffprobe, measured.join.file, cut::kTransportStream,
                                count),
      "decode a key frame",
      [&](std::string_view line) { intra = intra || cut::tells_intra_picture(line); }, context_);
  return intra;
}

std::optional<Measured> RunMeter::measure_late_audio(const Measured& measured) {
  const auto probe =
      probe_all({cut::probe_file_argv(tools_.tools().ffprobe, {.file = measured.join.file,
                                                               .demuxer = cut::kTransportStream,
                                                               .stream = "a:0",
                                                               .most_packets = kShiftPackets,
                                                               .deep = true})},
                "look for audio", context_)
          .front();
  if (!has_packets(probe.audio)) return {};
  const auto& packets = probe.audio->packets;
  const auto placed = std::find_if(packets.begin(), packets.end(),
                                   [](const cut::Packet& p) { return p.position >= 0; });
  if (placed == packets.end()) return {};
  const auto& offsets = measured.join.offsets;
  const auto after = std::upper_bound(offsets.begin(), offsets.end(), placed->position);
  const auto index = static_cast<std::size_t>(after - offsets.begin()) - 1;
  const auto& segments = measured.join.segments;
  return measure(
      std::vector(segments.begin() + static_cast<std::ptrdiff_t>(index), segments.end()));
}

}  // namespace momentcut::pipeline
