#include "momentcut/pipeline/copy.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/cut/smart.hpp"
#include "momentcut/cut/stitch.hpp"
#include "momentcut/pipeline/key_scan.hpp"
#include "momentcut/pipeline/render.hpp"

namespace momentcut::pipeline {
namespace {

[[noreturn]] void refuse(std::string_view why) {
  throw core::Error(core::ErrorKind::bad_data, fmt::format("the range cannot be copied: {}", why),
                    "cut it with --mode exact");
}

}  // namespace

core::Range copyable_range(const MeasuredCut& cut, Workbench& workbench, Context& context) {
  if (!cut.has_video()) refuse("there is no video to copy");
  if (!cut.gaps.empty()) refuse("media is missing within it");
  if (cut.pieces.size() > 1) refuse("a discontinuity lies within it");
  const auto& video = cut.video_stream();
  const auto& frames = cut.video->verdict.cut;
  std::vector<std::int64_t> keys;
  if (video.codec == "h264") {
    const auto found = scan_keys(cut, workbench.folder(), workbench.tools(), context);
    if (found) keys = found->keys;
  }
  const auto is_late = [&](std::int64_t key) { return key > frames.first; };
  keys.erase(std::remove_if(keys.begin(), keys.end(), is_late), keys.end());
  if (keys.empty()) {
    // Without IDR, other pictures at which decoding can begin.
    for (const auto& packet : video.packets) {
      if (packet.key && packet.pts != cut::kNoTimestamp && !is_late(packet.pts)) {
        keys.push_back(packet.pts);
      }
    }
  }
  if (keys.empty()) refuse("no key frame lies before it");
  const auto start = *std::max_element(keys.begin(), keys.end());
  const auto& clock = cut.video->measured.clock;
  return {clock.time_of(start), clock.time_of(cut::copyable_end(video, start, frames.end))};
}

std::vector<std::string> copy_argv(const cut::RenderJob& job, const MeasuredCut& cut,
                                   const Tools& tools) {
  const auto& video = cut.video_stream();
  const auto& frames = cut.video->verdict.cut;
  const auto plan = cut::plan_copy(video, frames, std::vector{frames.first}, 0);
  if (const auto* refusal = std::get_if<cut::Refusal>(&plan)) refuse(refusal->why);
  const auto& parts = std::get<cut::CopyPlan>(plan);
  if (parts.has_edges()) refuse("it does not end where copying can stop");
  return cut::copied_clip_argv(tools.ffmpeg, job,
                               {cut.video->measured.join.input(), video, parts, frames.first},
                               video.codec);
}

cut::Failure render_copy(const cut::RenderJob& job, const MeasuredCut& cut, const Tools& tools,
                         Context& context) {
  return cut::explain_failure(run_program(copy_argv(job, cut, tools), "copy the clip",
                                          watch_render(job, 1, context), context));
}

}  // namespace momentcut::pipeline
