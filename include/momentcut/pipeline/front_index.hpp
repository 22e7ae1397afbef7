// Puts an MP4's index in front of its media, so that players begin while they still load.
#pragma once

#include <string>

#include "momentcut/cut/h264.hpp"
#include "momentcut/io/interrupt.hpp"

namespace momentcut::pipeline {

// Writes the MP4 `from`, whose index comes last, to `to`, in place of what is there. The index also
// tells of `sets` (cut::index_for_front()). Throws core::Error: internal or bad_data where the
// boxes are not as ffmpeg writes them, io.
void write_with_index_first(const std::string& from, const std::string& to,
                            const cut::ParameterSets& sets, io::Interrupt& interrupt);

}  // namespace momentcut::pipeline
