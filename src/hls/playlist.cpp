#include "momentcut/hls/playlist.hpp"

#include <algorithm>

namespace momentcut::hls {
namespace {

using WallTimes = std::vector<std::optional<core::WallTime>>;

// Fills in the wall-clock times of one run, the segments [first, end) between two discontinuities.
void extrapolate_run(const std::vector<Segment>& segments, std::size_t first, std::size_t end,
                     WallTimes& times) {
  std::size_t tagged = first;
  while (tagged < end && !segments[tagged].program_date_time) ++tagged;
  if (tagged == end) return;
  auto time = *segments[tagged].program_date_time;
  for (std::size_t i = tagged; i > first; --i) {
    time -= segments[i - 1].duration;
    times[i - 1] = time;
  }
  for (std::size_t i = tagged; i < end; ++i) {
    time = segments[i].program_date_time.value_or(
        i == tagged ? time : *times[i - 1] + segments[i - 1].duration);
    times[i] = time;
  }
}

const std::vector<Key>* find_keys(const MediaPlaylist& playlist, std::uint32_t index) {
  return index < playlist.key_sets.size() ? &playlist.key_sets[index] : nullptr;
}

const Key* preferred_key(const std::vector<Key>* keys) {
  if (keys == nullptr || keys->empty()) return nullptr;
  const auto identity = std::find_if(keys->begin(), keys->end(),
                                     [](const Key& key) { return key.keyformat == "identity"; });
  return identity == keys->end() ? &keys->front() : &*identity;
}

}  // namespace

const Map* MediaPlaylist::map_of(const Segment& segment) const {
  return segment.map < maps.size() ? &maps[segment.map] : nullptr;
}

const std::vector<Key>* MediaPlaylist::keys_of(const Segment& segment) const {
  return find_keys(*this, segment.keys);
}

const std::vector<Key>* MediaPlaylist::keys_of(const Map& map) const {
  return find_keys(*this, map.keys);
}

const Key* MediaPlaylist::key_of(const Segment& segment) const {
  return preferred_key(keys_of(segment));
}

const Key* MediaPlaylist::key_of(const Map& map) const {
  return preferred_key(keys_of(map));
}

core::Time MediaPlaylist::total_duration() const {
  core::Time total{};
  for (const auto& segment : segments) total += segment.duration;
  return total;
}

std::size_t MediaPlaylist::discontinuities() const {
  if (segments.empty()) return 0;
  return static_cast<std::size_t>(
      std::count_if(segments.begin() + 1, segments.end(),
                    [](const Segment& segment) { return segment.discontinuity; }));
}

std::vector<std::optional<core::WallTime>> MediaPlaylist::wall_times() const {
  WallTimes times(segments.size());
  std::size_t first = 0;
  for (std::size_t i = 1; i <= segments.size(); ++i) {
    if (i < segments.size() && !segments[i].discontinuity) continue;
    extrapolate_run(segments, first, i, times);
    first = i;
  }
  return times;
}

}  // namespace momentcut::hls
