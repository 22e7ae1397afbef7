#include "momentcut/cut/timeline.hpp"

#include <algorithm>

namespace momentcut::cut {
namespace {

std::int64_t floor_modulo(std::int64_t value, std::int64_t by) {
  const auto rest = value % by;
  return rest < 0 ? rest + by : rest;
}

}  // namespace

std::vector<Run> runs_of(std::span<const core::Span> spans) {
  std::vector<Run> runs;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (spans[i].gap) continue;
    const bool has_clock = !runs.empty() && spans[runs.back().first].run == spans[i].run;
    if (!has_clock) {
      runs.push_back({i, i, spans[i].start, false});
    } else if (runs.back().last < i) {
      runs.push_back({i, i, runs.back().start, true});
    }
    runs.back().last = i + 1;
  }
  return runs;
}

std::int64_t unwrapped_elapsed(std::int64_t anchor, std::int64_t raw, core::Time roughly,
                               core::TimeBase base) {
  const auto within_turn = floor_modulo(raw - anchor, kTransportTurn);
  const auto away = core::ticks_at_or_after(roughly, base) - within_turn;
  const auto half_a_turn_on = away + kTransportTurn / 2;
  return within_turn + half_a_turn_on - floor_modulo(half_a_turn_on, kTransportTurn);
}

std::int64_t RunClock::first_at(core::Time time) const {
  return timestamp_of(time - kTolerance);
}

std::int64_t RunClock::timestamp_of(core::Time time) const {
  return zero_ + core::ticks_at_or_after(time - run_start_, base_);
}

core::Time RunClock::time_of(std::int64_t timestamp) const {
  return run_start_ + core::to_time(timestamp - zero_, base_);
}

std::optional<std::int64_t> first_timestamp(std::span<const Packet> packets, bool complete) {
  const auto key = std::find_if(packets.begin(), packets.end(),
                                [](const Packet& p) { return p.key && p.pts != kNoTimestamp; });
  const bool any_key = key != packets.end();
  if (!any_key && !complete) return {};
  std::int64_t lowest = kNoTimestamp;
  for (const auto& packet : packets) {
    if (packet.pts == kNoTimestamp) continue;
    if (lowest != kNoTimestamp && packet.dts != kNoTimestamp && packet.dts >= lowest) return lowest;
    if (any_key && packet.pts < key->pts) continue;
    if (lowest == kNoTimestamp || packet.pts < lowest) lowest = packet.pts;
  }
  return complete && lowest != kNoTimestamp ? std::optional(lowest) : std::nullopt;
}

}  // namespace momentcut::cut
