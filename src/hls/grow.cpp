#include "momentcut/hls/grow.hpp"

#include <algorithm>

namespace momentcut::hls {
namespace {

// Servers are spared, whatever the playlist says, and a typing error does not keep us for hours.
constexpr core::Time kShortest = std::chrono::milliseconds(500);
constexpr core::Time kLongest = std::chrono::minutes(1);

// The index in `list` of what `index` is in `other`, appended where it is not the last one.
template <typename Item>
std::uint32_t taken_over(std::vector<Item>& list, const std::vector<Item>& other,
                         std::uint32_t index) {
  if (index == Segment::kNone) return index;
  if (list.empty() || list.back() != other[index]) list.push_back(other[index]);
  return static_cast<std::uint32_t>(list.size() - 1);
}

}  // namespace

Growth grow(MediaPlaylist& known, const MediaPlaylist& fresh) {
  const auto next = known.media_sequence + known.segments.size();
  if (fresh.media_sequence > next) return {0, fresh.media_sequence - next};
  known.endlist = fresh.endlist;
  Growth growth;
  for (auto i = next - fresh.media_sequence; i < fresh.segments.size(); ++i) {
    auto segment = fresh.segments[i];
    if (segment.map != Segment::kNone) {
      auto map = fresh.maps[segment.map];
      map.keys = taken_over(known.key_sets, fresh.key_sets, map.keys);
      if (known.maps.empty() || known.maps.back() != map) known.maps.push_back(std::move(map));
      segment.map = static_cast<std::uint32_t>(known.maps.size() - 1);
    }
    segment.keys = taken_over(known.key_sets, fresh.key_sets, segment.keys);
    known.segments.push_back(std::move(segment));
    ++growth.added;
  }
  return growth;
}

core::Time reload_interval(const MediaPlaylist& playlist, bool brought_something) {
  core::Time target = playlist.target_duration.value_or(core::Time{});
  if (target == core::Time{}) {
    for (const auto& segment : playlist.segments) target = std::max(target, segment.duration);
  }
  return std::clamp(brought_something ? target : target / 2, kShortest, kLongest);
}

}  // namespace momentcut::hls
