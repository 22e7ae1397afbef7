// Between the playlist's time and a join's media timestamps: one clock a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "momentcut/core/media.hpp"
#include "momentcut/cut/probe.hpp"

namespace momentcut::cut {

// A frame belongs to [start, end) when start - kTolerance <= t < end - kTolerance: some encoders
// round their stamps to milliseconds, so a frame due at `start` may carry a stamp just before it.
inline constexpr core::Time kTolerance{2'000};

// The segments between two discontinuities, or between a discontinuity and a gap: indices
// [first, last) into the playlist's segments.
struct Run {
  std::size_t first = 0;
  std::size_t last = 0;
  core::Time start{};      // on the playlist's timeline, of what its clock counts from
  bool continues = false;  // the clock of the run before it, from which a gap parts it

  friend bool operator==(const Run&, const Run&) = default;
};

// The runs of a playlist, in order; together they hold every span once that is no gap.
std::vector<Run> runs_of(std::span<const core::Span> spans);

// What MPEG-TS timestamps count (ISO/IEC 13818-1 §2.4.3.7), and the tags of packed audio.
inline constexpr core::TimeBase kTransportBase{1, 90'000};
// They count modulo this.
inline constexpr std::int64_t kTransportTurn = std::int64_t{1} << 33;

// How long after `anchor` the timestamp `raw` is, in ticks, where both count modulo 2^33 (ISO/IEC
// 13818-1 §2.4.3.7) and `roughly` tells which turn is meant: right while it is off by less than 13
// hours.
std::int64_t unwrapped_elapsed(std::int64_t anchor, std::int64_t raw, core::Time roughly,
                               core::TimeBase base);

// The clock of one join of a run's segments, as ffprobe and ffmpeg both see it.
class RunClock {
 public:
  // `base`: of the join's video (or only) stream. `zero`: the join's timestamp for the moment at
  // which the run starts, which is `run_start` on the playlist's timeline.
  RunClock(core::TimeBase base, std::int64_t zero, core::Time run_start)
      : base_(base), zero_(zero), run_start_(run_start) {}

  [[nodiscard]] core::TimeBase base() const { return base_; }
  [[nodiscard]] std::int64_t zero() const { return zero_; }

  // The lowest timestamp that counts as at or after `time`, tolerance included.
  [[nodiscard]] std::int64_t first_at(core::Time time) const;
  // The timestamp of `time` itself.
  [[nodiscard]] std::int64_t timestamp_of(core::Time time) const;
  // Where on the playlist's timeline `timestamp` lies.
  [[nodiscard]] core::Time time_of(std::int64_t timestamp) const;

 private:
  core::TimeBase base_;
  std::int64_t zero_;
  core::Time run_start_;
};

// The earliest presentation time among `packets` that no later packet can undercut, i.e. once a dts
// at or after it was seen (a packet is never shown before it is decoded). Packets before the first
// key frame in presentation order cannot be decoded and do not count. nullopt: more is needed, or,
// with `complete`, there is no timestamp at all.
std::optional<std::int64_t> first_timestamp(std::span<const Packet> packets, bool complete);

}  // namespace momentcut::cut
