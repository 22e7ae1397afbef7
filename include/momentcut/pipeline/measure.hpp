// Finds the exact frames of a cut, run by run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "momentcut/core/time.hpp"
#include "momentcut/cut/ffmpeg.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/measure_run.hpp"
#include "momentcut/pipeline/side_timeline.hpp"
#include "momentcut/pipeline/timeline_meter.hpp"

namespace momentcut::pipeline {

// A cut that was measured and can be rendered.
struct MeasuredCut {
  // Which stretch of which run a piece is.
  struct Part {
    std::size_t run = 0;
    core::Range actual;
  };

  core::Range actual;                 // from the first frame to the end of the last one
  std::vector<cut::Piece> pieces;     // what gaps and discontinuities part is more than one; never
                                      // empty, but where `awaits_more`
  std::vector<Part> parts;            // of each piece
  std::vector<std::size_t> segments;  // that the cut needs, ascending
  std::vector<std::size_t> audio_segments;  // of the audio's own rendition
  std::vector<core::Range> gaps;            // of the range, which are left out: media is missing
  bool can_start_earlier = false;  // a larger `lead` would decode more before the first frame
  std::optional<Found> video;      // what was measured of the only piece, where it has video

  // The playlist is live, and does not reach to the end of the range yet: this is no cut.
  bool awaits_more = false;

  // Of a cut of one piece with video, its packets.
  [[nodiscard]] const cut::Stream& video_stream() const { return *video->measured.probe.video; }
  [[nodiscard]] bool has_video() const { return pieces.front().has_video; }
  [[nodiscard]] bool has_audio() const;
  [[nodiscard]] std::uint64_t frames() const;
  [[nodiscard]] core::Time duration() const;  // of the clip: `actual` without the gaps
};

// The cut of `range` (positions resolved); `audio` is the timeline of the audio's own rendition, or
// nullptr. For `lead`, see measure_run(). Missing segments (EXT-X-GAP) in the range, of the video
// or of the audio beside it, are cut around with `allow_gaps`, else core::Error(not_found). Throws
// core::Error: not_found where the range lies outside the stream or holds no frame, bad_data where
// the timestamps cannot be right. Notes, in `context`, where the clip must end before `range` does,
// and where its runs differ in size.
MeasuredCut measure_cut(TimelineMeter& timeline, SideTimeline* audio, const core::Range& range,
                        const Streams& streams, bool allow_gaps, std::size_t lead,
                        Context& context);

}  // namespace momentcut::pipeline
