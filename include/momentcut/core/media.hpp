// Neutral values about media that the rooms exchange: time bases, ticks, spans of a playlist.
#pragma once

#include <cstddef>
#include <cstdint>

#include "momentcut/core/time.hpp"

namespace momentcut::core {

// Seconds a tick, as a fraction. Both are positive; MPEG-TS has 1/90000 (ISO/IEC 13818-1 §2.4.3.7).
struct TimeBase {
  std::int64_t num = 1;
  std::int64_t den = 90'000;

  friend bool operator==(const TimeBase&, const TimeBase&) = default;
};

// Exact as long as the result fits 64 bits; rounded to the nearest microsecond.
Time to_time(std::int64_t ticks, TimeBase base);

// The first tick at or after `time`.
std::int64_t ticks_at_or_after(Time time, TimeBase base);

// `ticks` of `from` in ticks of `to`, rounded to the nearest.
std::int64_t rescaled(std::int64_t ticks, TimeBase from, TimeBase to);

// One segment as the playlist promises it: where it begins on the playlist's timeline (the sum of
// the durations before it) and which run, counted from 0, it belongs to. A run is what lies between
// two discontinuities: within it, one clock counts.
struct Span {
  Time start{};
  Time duration{};
  std::size_t run = 0;
  bool gap = false;  // its media is known to be missing
};

}  // namespace momentcut::core
