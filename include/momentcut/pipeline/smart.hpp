// Makes clips most of which is copied: smart mode encodes the edges, copy mode nothing but the
// audio.
#pragma once

#include <variant>

#include "momentcut/core/time.hpp"
#include "momentcut/cut/ffmpeg.hpp"
#include "momentcut/cut/smart.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/measure.hpp"
#include "momentcut/pipeline/workbench.hpp"

namespace momentcut::pipeline {

// How one clip is made: what is copied, and how the rest is encoded.
struct SmartPlan {
  cut::CopyPlan parts;
  cut::EdgeEncoding edges;
  cut::ParameterSets sets;  // the recording's
};

// Looks for IDR pictures and parameter sets, and plans; or tells why `cut` cannot be made like
// that. Throws core::Error as run_program() does.
std::variant<SmartPlan, cut::Refusal> plan_smart(const cut::Encoding& encoding,
                                                 const MeasuredCut& cut, Workbench& workbench,
                                                 Context& context);

// Makes `job` of `cut`, reporting progress. Throws core::Error: internal or bad_data where ffmpeg
// did not do as planned, as run_program() does otherwise.
void render_smart(const SmartPlan& plan, const cut::RenderJob& job, const MeasuredCut& cut,
                  Workbench& workbench, Context& context);

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
