// Which segments and which frames a range needs: guessed from EXTINF, decided by measured packets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "momentcut/core/media.hpp"
#include "momentcut/cut/probe.hpp"
#include "momentcut/cut/timeline.hpp"

namespace momentcut::cut {

// Segments [first, last) of a playlist, all of one run.
struct Window {
  std::size_t first = 0;
  std::size_t last = 0;

  [[nodiscard]] std::size_t size() const { return last - first; }
  friend bool operator==(const Window&, const Window&) = default;
};

// The indices in `window`, ascending.
std::vector<std::size_t> segments_of(const Window& window);

// The segments of `run` that `range` touches by EXTINF, with two seconds on each side: EXTINFs are
// rounded, and audio for a clip's edge may lie in the neighbouring segment. `drift` is how much
// later than EXTINF promises the segments really are, as far as measured. Never empty.
Window window_for(std::span<const core::Span> spans, const Run& run, const core::Range& range,
                  core::Time drift);

// `window` without the segments that end before `range` by EXTINF, as long as one is left.
Window without_lead(const Window& window, std::span<const core::Span> spans,
                    const core::Range& range);

// The frames of a cut, measured on one join.
struct FrameCut {
  std::int64_t first = 0;                // pts of the first frame
  std::int64_t end = 0;                  // pts at which the last frame ends
  std::vector<std::int64_t> timestamps;  // pts of every frame, ascending; empty: there is none

  [[nodiscard]] bool empty() const { return timestamps.empty(); }
  // The same frames where every timestamp is `ticks` later.
  [[nodiscard]] FrameCut shifted(std::int64_t ticks) const;
};

// What measured packets say about a window.
struct Verdict {
  bool needs_earlier =
      false;                 // no key frame at or before the first wanted frame, and more to be had
  bool needs_later = false;  // a wanted frame may still follow, and there is more to be had
  bool ends_stream = false;  // the last frame of the run was seen
  FrameCut cut;              // right where neither is needed
};

// Judges `window`, whose join has `video` packets on `clock`. `cut_short`: its last segment's end
// is not in it.
Verdict judge(const Stream& video, const RunClock& clock, const core::Range& range,
              const Window& window, const Run& run, bool cut_short = false);

// Whether what follows `stream`'s packets, in the order of their file, is shown at or after
// `timestamp`.
bool decoding_reached(const Stream& stream, std::int64_t timestamp);

// The window to try after `verdict`: guessed anew where the measured clock shows how far off EXTINF
// is, and at least one segment more on the side that is short. `measured_start` is where the
// window's first frame really lies on the playlist's timeline. Where the range lies wholly outside
// the window, and with `may_jump`, the guess replaces the window; without, the window only grows,
// which ends even where the timestamps have a hole.
Window widened(const Window& window, const Verdict& verdict, std::span<const core::Span> spans,
               const Run& run, const core::Range& range, core::Time measured_start, bool may_jump);

// A stretch of [cut.first, cut.end) in which media is missing, or nullopt: the video (or only)
// stream `leading` pauses for far longer than its frames are apart, by half a second at least, and
// `audio` pauses there as well. Video alone may pause (variable frame rate); where there is no
// audio to ask, it may do so for two seconds.
std::optional<std::pair<std::int64_t, std::int64_t>> find_hole(const Stream& leading,
                                                               const Stream* audio,
                                                               const FrameCut& cut,
                                                               core::TimeBase base);

// The stretch between two of `video`'s frames in [from, until) that a segment cut short has left,
// or nullopt: its frames come at a steady rate but for a pause at the border of two segments. Where
// they come irregularly within segments, too, nothing can be told. `offsets` holds the byte at
// which each segment begins in the join.
std::optional<std::pair<std::int64_t, std::int64_t>> find_lost_end(
    const Stream& video, std::int64_t from, std::int64_t until,
    std::span<const std::int64_t> offsets);

// The last segment of `window` from which the cut's first frame can still be decoded: it has a key
// frame at or before that frame. What lies before it need not be decoded. `offsets` holds, for each
// segment of the window, the byte at which it begins in the join.
std::size_t decode_start(const Stream& video, const FrameCut& cut, const Window& window,
                         std::span<const std::int64_t> offsets);

// The pts that ends the last frame, from the frames' usual distance.
std::int64_t end_of_last_frame(std::span<const std::int64_t> ascending, const Stream& video);

}  // namespace momentcut::cut
