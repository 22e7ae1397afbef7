#include "momentcut/pipeline/run_meter.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/cut/concat.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

// How many packets are looked at to tell where audio begins.
constexpr std::size_t kFirstPackets = 16;
// Trailing segments that hold no frame are passed over, this many at most.
constexpr std::size_t kMostEmptyTail = 8;

bool has_packets(const std::optional<cut::Stream>& stream) {
  return stream && !stream->packets.empty();
}

// The timestamp of the first packet that has one.
std::optional<std::int64_t> any_timestamp(const std::optional<cut::Stream>& stream) {
  if (!stream) return {};
  for (const auto& packet : stream->packets) {
    if (packet.pts != cut::kNoTimestamp) return packet.pts;
  }
  return {};
}

// Whether ffprobe failed by what it read.
bool is_garbage(const Error& error) {
  return error.kind() == ErrorKind::internal || error.kind() == ErrorKind::bad_data;
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

cut::Probe RunMeter::probe_file(const std::string& file, const cut::SegmentFormat& format,
                                std::string_view doing) {
  const auto argv = cut::probe_file_argv(tools_.tools().ffprobe,
                                         {.file = file, .demuxer = format.demuxer, .stream = {}});
  return probe_all({argv}, doing, context_).front();
}

std::optional<Anchor> RunMeter::anchor_in(const Fetcher::Head& head) {
  const auto probe = probe_file(head.file, head.format, "read the first segment");
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
    // Not even the tag in front of packed audio is whole.
    if (!head.format.known()) continue;
    try {
      anchor_ = anchor_in(head);
    } catch (const Error& error) {
      const bool garbage = is_garbage(error);
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

Measured RunMeter::measure(const cut::Window& window, std::uint64_t most_of_last) {
  return measure(cut::segments_of(window), most_of_last);
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

// What ffprobe finds in a join; where it fails, what is wrong with a segment says more.
cut::Probe RunMeter::probe_of(const Join& join) {
  try {
    return probe_file(join.file, join.format, "measure the segments");
  } catch (const Error& error) {
    if (!is_garbage(error)) throw;
    const auto damage = std::find_if(join.damages.begin(), join.damages.end(),
                                     [](const std::string& text) { return !text.empty(); });
    if (damage != join.damages.end()) {
      throw Error(ErrorKind::bad_data, *damage, "fetch the recording again");
    }
    if (error.kind() != ErrorKind::bad_data) throw;
    throw Error(ErrorKind::bad_data,
                fmt::format("nothing can be read of what begins with {}: {}",
                            fetcher_.where(join.segments.front()), error.what()),
                "is the recording damaged there?");
  }
}

Measured RunMeter::measure(const std::vector<std::size_t>& segments, std::uint64_t most_of_last) {
  // What the anchor is read from comes with the segments, not after them.
  const auto also = anchor_ ? std::nullopt : std::optional(Portion{run_.first, kFirstHead});
  auto join = fetcher_.join(segments, most_of_last, also);
  const bool is_video = anchor().is_video;
  auto probe = probe_of(join);
  auto& leading = is_video ? probe.video : probe.audio;
  const auto raw = any_timestamp(leading);
  for (const auto& damage : join.damages) {
    if (!raw && !damage.empty()) throw Error(ErrorKind::bad_data, damage, "fetch it again");
  }
  if (!raw) {
    throw Error(ErrorKind::bad_data,
                fmt::format("no {} with timestamps in segments {} to {}",
                            is_video ? "video" : "audio", segments.front(), segments.back()),
                "is the recording damaged there?");
  }
  const auto base = leading->time_base;
  const auto since_start = elapsed(join, *raw - (is_video ? join.shift : 0), base);
  cut::list_timestamps(probe);
  const cut::RunClock clock(base, *any_timestamp(leading) - since_start, run_.start);
  if (!is_video) probe.video.reset();
  Measured measured{std::move(join), std::move(probe), clock};
  note_starts(measured);
  return measured;
}

// Keeps where the segments of a join begin, for start_of().
void RunMeter::note_starts(const Measured& measured) {
  const auto& offsets = measured.join.offsets;
  const auto& packets = measured.leading().packets;
  auto packet = packets.begin();
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const auto end = i + 1 < offsets.size() ? offsets[i + 1] : cut::kNoTimestamp;
    const auto first = packet;
    packet = std::find_if(packet, packets.end(), [&](const cut::Packet& p) {
      return end != cut::kNoTimestamp && p.position >= end;
    });
    const auto start = cut::first_timestamp({first, packet}, /*complete=*/true);
    if (start) starts_.emplace(measured.join.segments[i], measured.clock.time_of(*start));
  }
}

cut::Probe RunMeter::open(const Join& join, std::size_t packets) {
  auto probe =
      probe_all({cut::probe_file_argv(tools_.tools().ffprobe, {.file = join.file,
                                                               .demuxer = join.format.demuxer,
                                                               .stream = "v:0",
                                                               .most_packets = packets,
                                                               .pictures = true})},
                "decode a key frame", context_)
          .front();
  cut::list_timestamps(probe);
  return probe;
}

core::Time RunMeter::place_of(std::int64_t transport_timestamp, core::Time roughly) {
  const auto since_start =
      cut::unwrapped_elapsed(anchor().in(cut::kTransportBase), transport_timestamp,
                             roughly - run_.start, cut::kTransportBase);
  return run_.start + core::to_time(since_start, cut::kTransportBase);
}

core::Time RunMeter::start_of_run() {
  return start_of(run_.first);
}

core::Time RunMeter::start_of(std::size_t segment) {
  if (segment == run_.first && !run_.continues) return run_.start;
  if (const auto known = starts_.find(segment); known != starts_.end()) return known->second;
  measure(cut::Window{segment, segment + 1});
  return starts_.emplace(segment, spans_[segment].start).first->second;
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

std::optional<Measured> RunMeter::measure_late_audio(const Measured& measured) {
  const auto probe =
      probe_all(
          {cut::probe_file_argv(tools_.tools().ffprobe, {.file = measured.join.file,
                                                         .demuxer = measured.join.format.demuxer,
                                                         .stream = "a:0",
                                                         .most_packets = kFirstPackets,
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
