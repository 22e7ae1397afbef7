// Finds the segments of a run that hold a range, by measuring what EXTINF only promises.
#pragma once

#include <cstdint>

#include "momentcut/core/media.hpp"
#include "momentcut/cut/plan.hpp"
#include "momentcut/cut/probe.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/run_meter.hpp"

namespace momentcut::pipeline {

struct Found {
  Measured measured;
  cut::Window window;
  cut::Verdict verdict;
  std::uint64_t most_of_last = Portion::kAll;  // bytes of the window's last segment that were taken
};

// Measures windows until one holds the range, or as much of it as there is: what the range touches
// first, and more of the run on either side where that is not enough. Throws core::Error(bad_data)
// where the timestamps contradict the playlist, and as RunMeter::measure() does.
Found find_window(RunMeter& meter, const core::Range& range, Context& context);

// Whether ffprobe understood the audio from the join's beginning. Audio whose PID appears only in a
// later segment is found while reading: without its parameters at first, its timestamps off by a
// frame.
bool is_understood(const cut::Stream& audio, const Join& join);

}  // namespace momentcut::pipeline
