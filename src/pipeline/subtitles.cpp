#include "momentcut/pipeline/subtitles.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/cut/timeline.hpp"

namespace momentcut::pipeline {
namespace {

constexpr std::uint64_t kMostBytes = 8U << 20U;

// A segment's cues on the playlist's timeline.
std::vector<cut::Cue> cues_of(Fetcher& fetcher, RunMeter& meter, std::size_t segment) {
  auto file = [&] {
    try {
      return cut::parse_webvtt(fetcher.content(segment, kMostBytes));
    } catch (const core::Error& error) {
      if (error.kind() != core::ErrorKind::bad_data) throw;
      throw core::Error(error.kind(), fmt::format("{}: {}", fetcher.where(segment), error.what()),
                        error.hint());
    }
  }();
  const auto roughly = meter.spans()[segment].start;
  for (auto& cue : file.cues) {
    const auto length = cue.end - cue.start;
    const auto ticks = core::ticks_at_or_after(cue.start - file.local, cut::kTransportBase);
    cue.start = meter.place_of(file.mpegts + ticks, roughly);
    cue.end = cue.start + length;
  }
  return std::move(file.cues);
}

// The segments of a run that have a range's cues: those that it touches by EXTINF, which is
// rounded, and one on each side.
cut::Window window_of(const RunMeter& meter, const core::Range& range) {
  const auto& run = meter.run();
  cut::Window window{run.last, run.first};
  for (auto i = run.first; i < run.last; ++i) {
    const auto& span = meter.spans()[i];
    if (span.start >= range.end || span.start + span.duration <= range.start) continue;
    window.first = std::min(window.first, i);
    window.last = i + 1;
  }
  if (window.first >= window.last) window = {run.last - 1, run.last};
  if (window.first > run.first) --window.first;
  if (window.last < run.last) ++window.last;
  return window;
}

}  // namespace

ClipSubtitles gather_subtitles(const MeasuredCut& cut, TimelineMeter& video,
                               SideTimeline& subtitles, Fetcher& fetcher) {
  ClipSubtitles gathered;
  const auto borders = cut::borders_of(cut.pieces);
  for (std::size_t i = 0; i < cut.parts.size(); ++i) {
    const auto& part = cut.parts[i];
    std::vector<cut::Cue> cues;
    for (auto* meter : subtitles.beside(part.run, video.run(part.run))) {
      const auto window = window_of(*meter, part.actual);
      std::vector<Portion> portions;
      for (auto s = window.first; s < window.last; ++s) portions.push_back({s});
      fetcher.bring(portions);
      for (auto s = window.first; s < window.last; ++s) {
        auto more = cues_of(fetcher, *meter, s);
        cues.insert(cues.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
        gathered.segments.insert(s);
      }
    }
    const auto shown = cut::cues_in(cues, part.actual, core::to_time(borders[i], cut::kClipBase));
    gathered.cues.insert(gathered.cues.end(), shown.begin(), shown.end());
  }
  gathered.cues = cut::flattened(std::move(gathered.cues));
  return gathered;
}

}  // namespace momentcut::pipeline
