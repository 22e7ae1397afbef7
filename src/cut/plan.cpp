#include "momentcut/cut/plan.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace momentcut::cut {
namespace {

// How long past the range's end its last frame may be shown.
constexpr core::Time kLongestOverhang = std::chrono::seconds(1);

// EXTINFs are rounded, and a clip that begins or ends near a segment's edge may need audio from
// beyond it.
constexpr core::Time kMargin = std::chrono::seconds(2);

constexpr core::Time kShortestHole = std::chrono::milliseconds(500);
constexpr core::Time kShortestSilentHole = std::chrono::seconds(2);

// Whether an audio packet begins in the middle half of [begin, end).
bool plays_within(const Stream& audio, std::int64_t begin, std::int64_t end) {
  const auto quarter = (end - begin) / 4;
  return std::any_of(audio.packets.begin(), audio.packets.end(), [&](const Packet& p) {
    return p.pts != kNoTimestamp && p.pts >= begin + quarter && p.pts < end - quarter;
  });
}

struct Decodable {
  std::vector<std::int64_t> timestamps;  // ascending
  bool has_key = false;
};

// The presentation times of the frames that can be decoded, ascending: what comes before the join's
// first key frame cannot.
Decodable decodable_frames(const Stream& video) {
  std::vector<std::int64_t> timestamps;
  std::int64_t first_key = kNoTimestamp;
  for (const auto& packet : video.packets) {
    if (packet.pts == kNoTimestamp) continue;
    if (packet.key && first_key == kNoTimestamp) first_key = packet.pts;
    timestamps.push_back(packet.pts);
  }
  std::sort(timestamps.begin(), timestamps.end());
  timestamps.erase(timestamps.begin(),
                   std::lower_bound(timestamps.begin(), timestamps.end(), first_key));
  return {std::move(timestamps), first_key != kNoTimestamp};
}

// Whether no frame before the first of `frames` (ascending, not empty) belongs to a range that
// begins at `start`, or for the tolerance at `from`.
bool reaches(const Stream& video, const std::vector<std::int64_t>& frames, std::int64_t from,
             std::int64_t start) {
  if (frames.front() > start) return false;
  // Another one would be within the tolerance if frames were as near to each other.
  const auto usual = end_of_last_frame(frames, video) - frames.back();
  return frames.front() <= from || usual > start - from;
}

}  // namespace

// Every packet after one that is decoded no earlier than `timestamp` is shown no earlier either.
bool decoding_reached(const Stream& stream, std::int64_t timestamp) {
  return std::any_of(stream.packets.begin(), stream.packets.end(),
                     [&](const Packet& p) { return p.dts != kNoTimestamp && p.dts >= timestamp; });
}

FrameCut FrameCut::shifted(std::int64_t ticks) const {
  auto cut = *this;
  cut.first += ticks;
  cut.end += ticks;
  for (auto& timestamp : cut.timestamps) timestamp += ticks;
  return cut;
}

std::vector<std::size_t> segments_of(const Window& window) {
  std::vector<std::size_t> segments(window.size());
  std::iota(segments.begin(), segments.end(), window.first);
  return segments;
}

Window window_for(std::span<const core::Span> spans, const Run& run, const core::Range& range,
                  core::Time drift) {
  std::size_t first = run.last - 1;
  std::size_t last = run.first + 1;
  for (std::size_t i = run.last; i-- > run.first;) {
    if (spans[i].start + spans[i].duration + drift > range.start - kMargin) first = i;
  }
  for (std::size_t i = run.first; i < run.last; ++i) {
    if (spans[i].start + drift < range.end + kMargin) last = i + 1;
  }
  return {first, std::max(last, first + 1)};
}

Window without_lead(const Window& window, std::span<const core::Span> spans,
                    const core::Range& range) {
  auto narrow = window;
  while (narrow.size() > 1 &&
         spans[narrow.first].start + spans[narrow.first].duration <= range.start) {
    ++narrow.first;
  }
  return narrow;
}

std::int64_t end_of_last_frame(std::span<const std::int64_t> ascending, const Stream& video) {
  if (ascending.size() < 2) {
    return ascending.back() +
           std::max<std::int64_t>(video.packets.empty() ? 1 : video.packets.back().duration, 1);
  }
  std::vector<std::int64_t> distances;
  distances.reserve(ascending.size() - 1);
  for (std::size_t i = 1; i < ascending.size(); ++i) {
    distances.push_back(ascending[i] - ascending[i - 1]);
  }
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  return ascending.back() + std::max<std::int64_t>(*middle, 1);
}

Verdict judge(const Stream& video, const RunClock& clock, const core::Range& range,
              const Window& window, const Run& run, bool cut_short) {
  const auto from = clock.first_at(range.start);
  const auto until = clock.first_at(range.end);
  const auto [frames, has_key] = decodable_frames(video);
  Verdict verdict;
  const bool reaches_back =
      has_key && reaches(video, frames, from, clock.timestamp_of(range.start));
  verdict.needs_earlier = !reaches_back && window.first > run.first;
  const bool is_last = window.last == run.last && !cut_short;
  verdict.needs_later = !decoding_reached(video, until) && !is_last;
  verdict.ends_stream = is_last;

  const auto begin = std::lower_bound(frames.begin(), frames.end(), from);
  const auto end = std::lower_bound(begin, frames.end(), until);
  if (begin == end) return verdict;
  verdict.cut.timestamps.assign(begin, end);
  verdict.cut.first = *begin;
  verdict.cut.end = end != frames.end() ? *end : end_of_last_frame(frames, video);
  // A picture that stands on long after the range (a paused screen) ends with the range.
  const auto range_end = clock.timestamp_of(range.end);
  if (clock.time_of(verdict.cut.end) - range.end > kLongestOverhang) verdict.cut.end = range_end;
  return verdict;
}

Window widened(const Window& window, const Verdict& verdict, std::span<const core::Span> spans,
               const Run& run, const core::Range& range, core::Time measured_start, bool may_jump) {
  const auto drift = measured_start - spans[window.first].start;
  const auto guess = window_for(spans, run, range, drift);
  const bool apart = guess.last <= window.first || guess.first >= window.last;
  if (may_jump && apart && verdict.cut.empty()) return guess;
  Window wider = window;
  if (verdict.needs_earlier) wider.first = std::min(guess.first, window.first - 1);
  if (verdict.needs_later) wider.last = std::max(guess.last, window.last + 1);
  return wider;
}

std::optional<std::pair<std::int64_t, std::int64_t>> find_hole(const Stream& leading,
                                                               const Stream* audio,
                                                               const FrameCut& cut,
                                                               core::TimeBase base) {
  if (cut.timestamps.size() < 2) return {};
  const auto usual = end_of_last_frame(cut.timestamps, leading) - cut.timestamps.back();
  const auto shortest =
      core::ticks_at_or_after(audio != nullptr ? kShortestHole : kShortestSilentHole, base);
  for (std::size_t i = 1; i < cut.timestamps.size(); ++i) {
    const auto begin = cut.timestamps[i - 1] + usual;
    const auto end = cut.timestamps[i];
    if (end - begin < std::max(shortest, 10 * usual)) continue;
    if (audio == nullptr || !plays_within(*audio, begin, end)) return std::pair(begin, end);
  }
  return {};
}

std::optional<std::pair<std::int64_t, std::int64_t>> find_lost_end(
    const Stream& video, std::int64_t from, std::int64_t until,
    std::span<const std::int64_t> offsets) {
  std::vector<std::int64_t> shown;
  const Packet* before = nullptr;
  const auto segment_of = [&](const Packet& packet) {
    return std::upper_bound(offsets.begin(), offsets.end(), packet.position);
  };
  for (const auto& packet : video.packets) {
    if (packet.pts != kNoTimestamp) shown.push_back(packet.pts);
  }
  if (shown.size() < 3) return {};
  std::sort(shown.begin(), shown.end());
  const auto usual = end_of_last_frame(shown, video) - shown.back();
  const auto is_pause = [usual](std::int64_t step) { return 2 * step > 3 * usual; };
  bool is_short = false;
  // In the order of decoding what is lost is the last of its segment, wherever it was to be shown.
  for (const auto& packet : video.packets) {
    if (packet.dts == kNoTimestamp || packet.position < 0) return {};
    const bool pauses = before != nullptr && is_pause(packet.dts - before->dts);
    if (pauses && segment_of(packet) == segment_of(*before)) return {};
    is_short = is_short || pauses;
    before = &packet;
  }
  for (std::size_t i = 1; is_short && i < shown.size(); ++i) {
    const auto begin = shown[i - 1] + usual;
    if (is_pause(shown[i] - shown[i - 1]) && begin < until && shown[i] > from) {
      return std::pair(begin, shown[i]);
    }
  }
  return {};
}

std::size_t decode_start(const Stream& video, const FrameCut& cut, const Window& window,
                         std::span<const std::int64_t> offsets) {
  std::size_t start = window.first;
  for (const auto& packet : video.packets) {
    if (!packet.key || packet.position < 0 || packet.pts == kNoTimestamp) continue;
    if (packet.pts > cut.first) continue;
    const auto after = std::upper_bound(offsets.begin(), offsets.end(), packet.position);
    const auto segment = window.first + static_cast<std::size_t>(after - offsets.begin()) - 1;
    start = std::max(start, segment);
  }
  return start;
}

}  // namespace momentcut::cut
