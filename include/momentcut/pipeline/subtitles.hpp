// Gathers a rendition's subtitles beside its video.
#pragma once

#include <cstddef>
#include <set>
#include <vector>

#include "momentcut/core/time.hpp"
#include "momentcut/cut/webvtt.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/fetch.hpp"
#include "momentcut/pipeline/measure.hpp"
#include "momentcut/pipeline/side_timeline.hpp"
#include "momentcut/pipeline/timeline_meter.hpp"

namespace momentcut::pipeline {

// The subtitles of `cut`, told from the clip's beginning, and the segments they are in.
struct ClipSubtitles {
  std::vector<cut::Cue> cues;  // flattened
  std::set<std::size_t> segments;
};

// Throws core::Error(bad_data) for segments that are no WebVTT, and as Fetcher::content() does.
ClipSubtitles gather_subtitles(const MeasuredCut& cut, TimelineMeter& video,
                               SideTimeline& subtitles, Fetcher& fetcher);

}  // namespace momentcut::pipeline
