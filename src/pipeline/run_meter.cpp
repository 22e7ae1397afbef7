#include "momentcut/pipeline/run_meter.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

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
                   ToolCheck& tools, Context& context, std::optional<Anchor> anchor)
    : spans_(spans),
      run_(run),
      fetcher_(fetcher),
      tools_(tools),
      context_(context),
      anchor_(anchor) {}

std::optional<Anchor> RunMeter::anchor_in(const Fetcher::Head& head) {
  const auto probe =
      probe_all(
          {cut::probe_file_argv(tools_.tools().ffprobe,
                                {.file = head.file, .demuxer = head.format.demuxer, .stream = {}})},
          "read the first segment", context_)
          .front();
  const bool is_video = has_packets(probe.video);
  if (!is_video && !(head.complete && has_packets(probe.audio))) return {};
  const auto& stream = is_video ? *probe.video : *probe.audio;
  if (head.format.is_packed_audio) {
    // The first sample of the segment is what its tag speaks of.
    if (!head.timestamp) return Anchor{0, stream.time_base, false};
    return Anchor{*head.timestamp, cut::kTransportBase, false};
  }
  const auto first = cut::first_timestamp(stream.packets, head.complete);
  if (!first) return {};
  return Anchor{*first - (is_video ? head.shift : 0), stream.time_base, is_video};
}

const Anchor& RunMeter::anchor() {
  for (auto bytes = kFirstHead; !anchor_; bytes *= 4) {
    const auto head = fetcher_.head({run_.first, bytes});
    try {
      anchor_ = anchor_in(head);
    } catch (const Error& error) {
      const bool garbage =
          error.kind() == ErrorKind::internal || error.kind() == ErrorKind::bad_data;
      // A segment that is cut off within its index is no segment yet.
      if (garbage && !head.complete && !head.format.wraps) continue;
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

// How long after the run's beginning the moment is that the join's own timestamp `raw` tells.
std::int64_t RunMeter::elapsed(const Join& join, std::int64_t raw, core::TimeBase base) {
  const auto from = anchor().in(base);
  const auto roughly = spans_[join.segments.front()].start - run_.start;
  // Packed audio counts from its first sample, which its tag places.
  if (join.format.is_packed_audio && join.timestamp) {
    const auto begun = cut::unwrapped_elapsed(anchor().in(cut::kTransportBase), *join.timestamp,
                                              roughly, cut::kTransportBase);
    return raw + core::rescaled(begun, cut::kTransportBase, base);
  }
  if (!join.format.wraps) return raw - from;
  return cut::unwrapped_elapsed(from, raw, roughly, base);
}

Measured RunMeter::measure(const std::vector<std::size_t>& segments) {
  // What the anchor is read from comes with the segments, not after them.
  const auto also = anchor_ ? std::nullopt : std::optional(Portion{run_.first, kFirstHead});
  auto join = fetcher_.join(segments, also);
  const bool is_video = anchor().is_video;
  const std::string_view kind = is_video ? "v:0" : "a:0";
  auto probes =
      probe_all({cut::probe_list_argv(tools_.tools().ffprobe, join.input()),
                 cut::probe_file_argv(tools_.tools().ffprobe, {.file = join.file,
                                                               .demuxer = join.format.demuxer,
                                                               .stream = kind,
                                                               .most_packets = kShiftPackets})},
                "measure the segments", context_);
  const auto& listed = is_video ? probes[0].video : probes[0].audio;
  const auto& raw = is_video ? probes[1].video : probes[1].audio;
  const auto common =
      has_packets(listed) && has_packets(raw) ? common_timestamps(*raw, *listed) : std::nullopt;
  for (const auto& damage : join.damages) {
    if (!common && !damage.empty()) throw Error(ErrorKind::bad_data, damage, "fetch it again");
  }
  if (!common) {
    throw Error(ErrorKind::bad_data,
                fmt::format("no {} with timestamps in segments {} to {}",
                            is_video ? "video" : "audio", segments.front(), segments.back()),
                "is the recording damaged there?");
  }
  const auto [raw_pts, list_pts] = *common;
  const auto base = listed->time_base;
  const auto true_pts = raw_pts - (is_video ? join.shift : 0);
  const cut::RunClock clock(base, list_pts - elapsed(join, true_pts, base), run_.start);
  if (!is_video) probes[0].video.reset();
  return {std::move(join), std::move(probes[0]), clock};
}

core::Time RunMeter::start_of_run() {
  return start_of(run_.first);
}

core::Time RunMeter::start_of(std::size_t segment) {
  if (segment == run_.first && !run_.continues) return run_.start;
  if (const auto known = starts_.find(segment); known != starts_.end()) return known->second;
  const auto measured = measure(cut::Window{segment, segment + 1});
  const auto first = cut::first_timestamp(measured.leading().packets, /*complete=*/true);
  const auto start = first ? measured.clock.time_of(*first) : spans_[segment].start;
  return starts_[segment] = start;
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
      cut::probe_key_frame_argv(tools_.tools().ffprobe, measured.join.file,
                                measured.join.format.demuxer, count),
      "decode a key frame",
      [&](std::string_view line) { intra = intra || cut::tells_intra_picture(line); }, context_);
  return intra;
}

std::optional<Measured> RunMeter::measure_late_audio(const Measured& measured) {
  const auto probe =
      probe_all(
          {cut::probe_file_argv(tools_.tools().ffprobe, {.file = measured.join.file,
                                                         .demuxer = measured.join.format.demuxer,
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
