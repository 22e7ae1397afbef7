// Runs ffmpeg on a measured cut, and checks what came out.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "momentcut/cut/ffmpeg.hpp"
#include "momentcut/cut/verify.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/tools.hpp"

namespace momentcut::pipeline {

// Reads ffmpeg's `-progress` while it renders as long as `job` is, which is `share` of the stage.
std::function<void(std::string_view)> watch_render(const cut::RenderJob& job, double share,
                                                   Context& context);

// Renders `job`, reporting progress. Throws core::Error when ffmpeg fails, hangs or is killed. What
// it complained of otherwise is returned, since it ends well even where it could not write all.
cut::Failure render(const cut::RenderJob& job, const Tools& tools, Context& context);

// Probes the rendered clip and holds it against what the job's pieces must become; nullopt: it is
// that. Throws core::Error when it cannot be read at all.
std::optional<cut::Flaw> verify(const cut::RenderJob& job, const Tools& tools, Context& context);

}  // namespace momentcut::pipeline
