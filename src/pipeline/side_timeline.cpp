#include "momentcut/pipeline/side_timeline.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::pipeline {
namespace {

// The discontinuity sequence number of each run's first segment (RFC 8216 §6.2.2).
std::vector<std::uint64_t> numbers_of(const hls::MediaPlaylist& playlist,
                                      const std::vector<cut::Run>& runs) {
  std::vector<std::uint64_t> numbers;
  auto number = playlist.discontinuity_sequence;
  std::size_t segment = 0;
  for (const auto& run : runs) {
    for (; segment <= run.first; ++segment) {
      number += playlist.segments[segment].discontinuity ? 1U : 0U;
    }
    numbers.push_back(number);
  }
  return numbers;
}

// How much is missing (EXT-X-GAP) before the first segment that is there of those that share the
// clock of `segment`.
core::Time missing_before(const std::vector<core::Span>& spans, std::size_t segment) {
  const auto is_other = [&](const core::Span& span) { return span.run != spans[segment].run; };
  const auto own = spans.begin() + static_cast<std::ptrdiff_t>(segment);
  auto span = std::find_if(std::make_reverse_iterator(own), spans.rend(), is_other).base();
  core::Time missing{};
  for (; span != spans.end() && span->gap; ++span) missing += span->duration;
  return missing;
}

}  // namespace

SideTimeline::SideTimeline(std::string_view what, const Rendition& video, const Rendition& side,
                           Fetcher& fetcher, ToolCheck& tools, Context& context)
    : what_(what),
      fetcher_(fetcher),
      tools_(tools),
      context_(context),
      video_numbers_(numbers_of(video.media, cut::runs_of(spans_of(video.media)))),
      spans_(spans_of(side.media)),
      runs_(cut::runs_of(spans_)) {
  numbers_ = numbers_of(side.media, runs_);
}

std::vector<RunMeter*> SideTimeline::beside(std::size_t index, RunMeter& video) {
  auto number = video_numbers_[index];
  // Packagers forget to number; as many runs are the same runs.
  const bool is_numbered = std::find(numbers_.begin(), numbers_.end(), number) != numbers_.end();
  if (!is_numbered && runs_.size() == video_numbers_.size()) number = numbers_[index];
  std::vector<RunMeter*> found;
  for (std::size_t own = 0; own < runs_.size(); ++own) {
    if (numbers_[own] == number) found.push_back(&meter(own, video));
  }
  if (found.empty()) {
    throw core::Error(core::ErrorKind::bad_data,
                      fmt::format("the playlist of the {} has nothing for the stretch from {} s on",
                                  what_, core::format_seconds(video.run().start)),
                      fmt::format("leave them out with --{} none", what_));
  }
  return found;
}

RunMeter& SideTimeline::meter(std::size_t own, RunMeter& video) {
  auto& meter = meters_[own];
  if (meter) return *meter;
  auto& run = runs_[own];
  // Both clocks begin at one moment, which may be missing in either.
  const auto later = (video.run().start - missing_before(video.spans(), video.run().first)) -
                     (run.start - missing_before(spans_, run.first));
  run.start = video.run().start;
  // Where what follows a gap begins is not where the clock does.
  run.continues = run.continues || missing_before(spans_, run.first) > core::Time{};
  for (auto i = run.first; i < run.last; ++i) spans_[i].start += later;
  auto anchor = video.anchor();
  anchor.is_video = false;
  meter = std::make_unique<RunMeter>(spans_, run, fetcher_, tools_, context_, anchor);
  return *meter;
}

}  // namespace momentcut::pipeline
