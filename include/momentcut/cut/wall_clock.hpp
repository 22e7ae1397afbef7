// Between wall-clock time and a playlist's timeline, by EXT-X-PROGRAM-DATE-TIME (RFC 8216
// §4.3.2.6).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "momentcut/core/media.hpp"
#include "momentcut/core/time.hpp"

namespace momentcut::cut {

// What is known of one segment's date.
struct Dating {
  std::optional<core::WallTime> tag;    // of its own EXT-X-PROGRAM-DATE-TIME: of its first frame
  std::optional<core::WallTime> start;  // its tag, or reckoned from another one by EXTINF
};

// A moment, told from a segment whose date stands in the playlist: `offset` after its first frame,
// or before it.
struct WallPlace {
  std::size_t segment = 0;
  core::Time offset{};

  friend bool operator==(const WallPlace&, const WallPlace&) = default;
};

// Where `wall` lies: in the first segment, in playlist order, that covers it; with `is_end`, a
// moment at which one ends counts, too. `spans` and `dates` hold one entry for each segment. Throws
// core::Error(not_found), naming the nearest times that are covered, where none does: it lies in a
// gap, outside the recording, or in one without dates.
WallPlace place_of(core::WallTime wall, bool is_end, std::span<const core::Span> spans,
                   std::span<const Dating> dates);

// The date of the moment `time` on the timeline, by the dates of its segment; nullopt: not known.
struct DatedPlace {
  std::size_t segment = 0;  // whose date stands in the playlist
  core::WallTime date;      // of its first frame
};
std::optional<DatedPlace> date_near(core::Time time, std::span<const core::Span> spans,
                                    std::span<const Dating> dates);

}  // namespace momentcut::cut
