// The ffconcat list through which ffmpeg reads a join.
#pragma once

#include <string>
#include <string_view>

#include "momentcut/cut/probe.hpp"

namespace momentcut::cut {

// A list (ffmpeg-formats(1), "concat") whose single entry is `file`, a name of our own beside the
// list: letters, digits, '-', '_' and '.', not beginning with '.'. One entry a run, never one a
// segment: entries are laid end to end by their durations, which drifts by up to 1.6 s in two
// minutes, where a single entry is exact. Throws core::Error(internal) for any other name.
std::string concat_list(std::string_view file);

// Gives what was probed of a file the timestamps that it has when it is read through its list:
// ffmpeg's concat demuxer has the file's start time (in microseconds, rounded to each stream's
// ticks) as 0.
void list_timestamps(Probe& probe);

}  // namespace momentcut::cut
