#include "momentcut/pipeline/render.hpp"

#include <algorithm>
#include <chrono>

#include "momentcut/core/error.hpp"

namespace momentcut::pipeline {

std::function<void(std::string_view)> watch_render(const cut::RenderJob& job, double share,
                                                   Context& context) {
  const auto total = core::to_time(cut::borders_of(job.pieces).back(), cut::kClipBase);
  return [reader = cut::ProgressReader(), total, share, &context](std::string_view line) mutable {
    const auto progress = reader.line(line);
    if (!progress) return;
    const auto done = std::chrono::duration<double>(progress->done);
    const auto whole = std::chrono::duration<double>(total);
    std::optional<core::Time> left;
    if (progress->speed > 0) {
      left = std::chrono::duration_cast<core::Time>((whole - done) / progress->speed);
      left = std::max(*left, core::Time{});
    }
    context.progress(share * (progress->ended ? 1 : done / whole), progress->speed, left);
  };
}

cut::Failure render(const cut::RenderJob& job, const Tools& tools, Context& context) {
  return cut::explain_failure(run_program(cut::render_argv(tools.ffmpeg, tools.version, job),
                                          "render the clip", watch_render(job, 1, context),
                                          context));
}

std::optional<cut::Flaw> verify(const cut::RenderJob& job, const Tools& tools, Context& context) {
  const auto clip =
      probe_all({cut::probe_file_argv(tools.ffprobe,
                                      {.file = job.output, .demuxer = cut::kMovie, .stream = {}})},
                "verify the clip", context)
          .front();
  return cut::find_flaw(cut::expected_of(job), clip);
}

}  // namespace momentcut::pipeline
