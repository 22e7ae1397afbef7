#include "momentcut/pipeline/audible.hpp"

#include <algorithm>
#include <cstddef>

#include "momentcut/cut/timeline.hpp"

namespace momentcut::pipeline {
namespace {

// So much audio may be missing beside a gap: audio and video segments do not end at one moment.
constexpr core::Time kHardlyHeard = std::chrono::milliseconds(50);

bool is_gap_beside(const RunMeter& meter, std::size_t segment, std::size_t neighbour) {
  const auto& spans = meter.spans();
  return neighbour < spans.size() && spans[neighbour].gap &&
         spans[neighbour].run == spans[segment].run;
}

bool is_behind_gap(const RunMeter& meter) {
  const auto first = meter.run().first;
  return first > 0 && is_gap_beside(meter, first, first - 1);
}

bool is_before_gap(const RunMeter& meter) {
  const auto last = meter.run().last;
  return is_gap_beside(meter, last - 1, last);
}

}  // namespace

Audible audible(const std::vector<RunMeter*>& runs, RunMeter& video, const core::Range& range,
                bool with_video) {
  Audible out;
  // Measured where they matter: each takes a segment that the clip may not need.
  const auto lower = [&] {
    return std::max(range.start, with_video ? video.start_of_run() : video.run().start);
  };
  const auto upper = [&] {
    return with_video ? std::min(range.end, video.end_of_run()) : range.end;
  };
  const auto miss = [&](core::Time from, core::Time until) {
    if (!out.missing) out.missing = {from, until};
  };
  bool is_lost = false;
  // Up to where there is audio, and where that is measured.
  auto had = range.start;
  auto end_of_audio = lower();
  for (auto* run : runs) {
    auto& audio = *run;
    const bool is_open = !is_before_gap(audio) && run == runs.back();
    if (!is_open && audio.end_of_run() <= lower() + cut::kTolerance) {
      end_of_audio = audio.end_of_run();
      continue;
    }
    auto begin = had;
    if (run != runs.front() || is_behind_gap(audio)) {
      begin = audio.start_of_run();
      is_lost = begin > std::max(had, lower()) + kHardlyHeard;
      if (is_lost) miss(end_of_audio, begin);
      if (is_lost && begin >= upper() - cut::kTolerance) break;
      if (!is_lost) begin = had;
    }
    end_of_audio = is_open ? range.end : audio.end_of_run();
    const bool is_enough =
        end_of_audio >= range.end - kHardlyHeard || end_of_audio >= upper() - kHardlyHeard;
    had = is_enough ? range.end : end_of_audio;
    out.heard.push_back({{begin, had}, run, is_lost});
    if (is_enough) return out;
  }
  out.ends_in_gap = true;
  miss(end_of_audio, with_video ? video.end_of_run() : range.end);
  return out;
}

}  // namespace momentcut::pipeline
