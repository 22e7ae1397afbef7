// A playlist that is loaded again and again while it grows (RFC 8216 §6.2.1, §6.3.4).
#pragma once

#include <cstddef>
#include <cstdint>

#include "momentcut/core/time.hpp"
#include "momentcut/hls/playlist.hpp"

namespace momentcut::hls {

// What a later load of a playlist brought.
struct Growth {
  std::size_t added = 0;   // segments
  std::uint64_t lost = 0;  // segments that had left the playlist before they were seen
};

// Appends to `known` the segments of `fresh` that follow its last one by media sequence number, and
// takes over whether the playlist has ended. Those that left the playlist meanwhile stay in
// `known`. With segments lost, nothing is appended.
Growth grow(MediaPlaylist& known, const MediaPlaylist& fresh);

// How long after the last load began the next one is due (§6.3.4): the target duration, or half of
// it where that load brought nothing. Without a target duration, the longest segment's counts.
core::Time reload_interval(const MediaPlaylist& playlist, bool brought_something);

}  // namespace momentcut::hls
