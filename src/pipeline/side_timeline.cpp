#include "momentcut/pipeline/side_timeline.hpp"

#include <algorithm>

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

RunMeter& SideTimeline::beside(std::size_t index, RunMeter& video) {
  auto& meter = meters_[index];
  if (meter) return *meter;
  const auto number = std::find(numbers_.begin(), numbers_.end(), video_numbers_[index]);
  auto own = static_cast<std::size_t>(number - numbers_.begin());
  // Packagers forget to number; as many runs are the same runs.
  if (number == numbers_.end() && runs_.size() == video_numbers_.size()) own = index;
  if (own >= runs_.size()) {
    throw core::Error(core::ErrorKind::bad_data,
                      fmt::format("the playlist of the {} has nothing for the stretch from {} s on",
                                  what_, core::format_seconds(video.run().start)),
                      fmt::format("leave them out with --{} none", what_));
  }
  auto& run = runs_[own];
  const auto later = video.run().start - run.start;
  run.start = video.run().start;
  for (auto i = run.first; i < run.last; ++i) spans_[i].start += later;
  auto anchor = video.anchor();
  anchor.is_video = false;
  meter = std::make_unique<RunMeter>(spans_, run, fetcher_, tools_, context_, anchor);
  return *meter;
}

}  // namespace momentcut::pipeline
