// Smart mode: makes clips most of which is copied, with only the edges encoded.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "momentcut/cut/ffmpeg.hpp"
#include "momentcut/cut/smart.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/measure.hpp"
#include "momentcut/pipeline/tools.hpp"
#include "momentcut/pipeline/workbench.hpp"

namespace momentcut::pipeline {

// How one clip is made: what is copied, and how the rest is encoded.
struct SmartPlan {
  cut::CopyPlan parts;
  cut::EdgeEncoding edges;
  cut::ParameterSets sets;         // the recording's
  std::vector<std::int64_t> keys;  // its IDR pictures, ascending pts
  // Is being encoded already; nullptr: there is none, or nothing is to be made.
  std::unique_ptr<Program> audio;
};

// Looks for IDR pictures and parameter sets, and plans; or tells why `cut` cannot be made like
// that. With `begin`, the audio, which takes longest, is encoded from now on. Throws core::Error as
// run_program() does.
std::variant<SmartPlan, cut::Refusal> plan_smart(const cut::Encoding& encoding,
                                                 const MeasuredCut& cut, bool begin,
                                                 Workbench& workbench, Context& context);

// Makes `job` of `cut`, reporting progress. Throws core::Error: internal or bad_data where ffmpeg
// did not do as planned, as run_program() does otherwise.
void render_smart(const SmartPlan& plan, const cut::RenderJob& job, const MeasuredCut& cut,
                  Workbench& workbench, Context& context);

}  // namespace momentcut::pipeline
