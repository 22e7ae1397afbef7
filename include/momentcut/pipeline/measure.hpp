// Finds the exact frames of a cut: fetches what EXTINF promises, measures it, widens where that was
// short.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "momentcut/core/time.hpp"
#include "momentcut/cut/ffmpeg.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/run_meter.hpp"

namespace momentcut::pipeline {

// A cut that was measured and can be rendered.
struct MeasuredCut {
  core::Range actual;  // from the first frame to the end of the last one
  cut::Piece piece;
  std::vector<std::int64_t> timestamps;  // of the frames; empty for audio alone
  std::vector<std::size_t> segments;     // that the cut needs
  bool can_start_earlier = false;        // a larger `lead` would decode more before the first frame
};

// The cut of `range` (positions resolved). With `lead` 0, decoding starts at the last segment with
// a key frame at or before the first wanted frame, which is enough as a rule; streams whose key
// frames need what lies before them (intra refresh) take more: 1 starts a segment before the range,
// 2 two segments, and so on. Throws core::Error: not_found where the range lies outside the stream
// or holds no frame, bad_data where the timestamps cannot be right. Notes, in `context`, where the
// clip must end before `range` does.
MeasuredCut measure_cut(RunMeter& meter, const core::Range& range, bool audio_only,
                        std::size_t lead, Context& context);

}  // namespace momentcut::pipeline
