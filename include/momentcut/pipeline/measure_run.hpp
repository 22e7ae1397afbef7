// Finds the exact frames of a cut in one run: fetches what EXTINF promises, measures it, widens
// where that was short.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "momentcut/core/time.hpp"
#include "momentcut/cut/ffmpeg.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/find_window.hpp"
#include "momentcut/pipeline/run_meter.hpp"

namespace momentcut::pipeline {

// Which streams a cut takes.
struct Streams {
  bool video = true;
  bool audio = true;
};

// What of a cut lies in one run.
struct RunCut {
  core::Range actual;  // from the first frame to the end of the last one
  cut::Piece piece;
  std::vector<std::size_t> segments;        // that the piece needs
  std::vector<std::size_t> audio_segments;  // of the audio's own rendition
  bool can_start_earlier = false;  // a larger `lead` would decode more before the first frame
  std::optional<Found> video;      // what was measured of it
};

struct RunPart {
  std::optional<RunCut> cut;  // nullopt: no frame of the run lies in the range
  bool ends_run = false;      // the run's last frame was seen
};

// A join from which frames can be decoded, and those frames by its timestamps.
struct Decoded {
  cut::Input input;
  std::size_t first;  // segment
  cut::FrameCut frames;
};

// For `frames` of what was found: a join without the segments that need not be decoded for them.
// nullopt where decoding cannot begin there: no parameter sets, or a key frame that merely begins a
// gradual refresh of the picture.
std::optional<Decoded> shortened(RunMeter& meter, const Found& found, const cut::FrameCut& frames);

// The part of `range` in `meter`'s run, with the audio of the run `audio` beside it, where it is a
// rendition of its own (nullptr otherwise). With `lead` 0, decoding starts at the last segment with
// a key frame at or before the first wanted frame, which is enough as a rule; streams whose key
// frames need what lies before them (intra refresh) take more: 1 starts a segment before the range,
// 2 two segments, and so on. Throws core::Error(bad_data) where the timestamps cannot be right or
// media is missing, not_found where there is no audio and only that is wanted.
RunPart measure_run(RunMeter& meter, RunMeter* audio, const core::Range& range,
                    const Streams& streams, std::size_t lead, Context& context);

}  // namespace momentcut::pipeline
