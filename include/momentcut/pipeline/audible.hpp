// Finds what of a range the audio's own rendition has, where gaps part it.
#pragma once

#include <optional>
#include <vector>

#include "momentcut/core/time.hpp"
#include "momentcut/pipeline/run_meter.hpp"

namespace momentcut::pipeline {

// What one of the audio's runs has.
struct Heard {
  core::Range range;
  RunMeter* audio = nullptr;
  bool behind_gap = false;  // audio is missing between the range's start, or the Heard before it,
                            // and this one
};

struct Audible {
  std::vector<Heard> heard;            // ascending; they do not overlap
  bool ends_in_gap = false;            // audio is missing behind the last of them
  std::optional<core::Range> missing;  // the first span without audio, not cut down to the range
};

// What `runs`, the audio beside `video`'s run (SideTimeline::beside(), never empty), have of
// `range`. Only segments that are marked as missing leave a gap: audio that begins later than the
// video, or ends earlier, is merely silent there. `with_video`: the range is that of the run's
// frames, and audio is missed only beside them.
Audible audible(const std::vector<RunMeter*>& runs, RunMeter& video, const core::Range& range,
                bool with_video);

}  // namespace momentcut::pipeline
