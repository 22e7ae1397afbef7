// The ffconcat list through which ffprobe and ffmpeg read a join.
#pragma once

#include <string>
#include <string_view>

namespace momentcut::cut {

// A list (ffmpeg-formats(1), "concat") whose single entry is `file`, a name of our own beside the
// list: letters, digits, '-', '_' and '.', not beginning with '.'. One entry a run, never one a
// segment: entries are laid end to end by their durations, which drifts by up to 1.6 s in two
// minutes, where a single entry is exact. Throws core::Error(internal) for any other name.
std::string concat_list(std::string_view file);

}  // namespace momentcut::cut
