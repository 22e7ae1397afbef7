// Copy mode: makes clips of which nothing but the audio is encoded.
#pragma once

#include <string>
#include <vector>

#include "momentcut/core/time.hpp"
#include "momentcut/cut/ffmpeg.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/measure.hpp"
#include "momentcut/pipeline/tools.hpp"
#include "momentcut/pipeline/workbench.hpp"

namespace momentcut::pipeline {

// What has to be cut for `cut` to be copied: from the last key frame at or before its first frame
// to where copying can stop. Throws core::Error(bad_data) where nothing can be copied.
core::Range copyable_range(const MeasuredCut& cut, Workbench& workbench, Context& context);

// The call that makes `job` of `cut`, a cut of such a range, by copying. Throws
// core::Error(bad_data) where its timestamps do not allow it.
std::vector<std::string> copy_argv(const cut::RenderJob& job, const MeasuredCut& cut,
                                   const Tools& tools);

// Makes it with that call; what ffmpeg complained of, as render().
cut::Failure render_copy(const cut::RenderJob& job, const MeasuredCut& cut, const Tools& tools,
                         Context& context);

}  // namespace momentcut::pipeline
