#include "momentcut/pipeline/timeline_meter.hpp"

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::pipeline {

TimelineMeter::TimelineMeter(const Rendition& rendition, Fetcher& fetcher, ToolCheck& tools,
                             Context& context)
    : fetcher_(fetcher),
      tools_(tools),
      context_(context),
      live_(!rendition.media.endlist),
      spans_(spans_of(rendition.media)),
      runs_(cut::runs_of(spans_)) {
  if (runs_.empty()) {
    throw core::Error(core::ErrorKind::bad_data,
                      core::quoted(core::redacted(rendition.location.text), 400) +
                          (spans_.empty() ? " has no segments" : " has only missing segments"));
  }
  begin_run(runs_.front().start, {});
}

void TimelineMeter::begin_run(core::Time start, const std::optional<Anchor>& anchor) {
  auto& run = runs_[meters_.size()];
  const auto later = start - run.start;
  run.start = start;
  for (auto i = run.first; i < run.last; ++i) spans_[i].start += later;
  meters_.emplace_back(spans_, run, fetcher_, tools_, context_, anchor);
}

// How much of the playlist is missing between a run and the one after it, which only EXTINF tells.
core::Time TimelineMeter::gap_after(std::size_t index) const {
  core::Time gap{};
  for (auto i = runs_[index].last; i < runs_[index + 1].first; ++i) gap += spans_[i].duration;
  return gap;
}

RunMeter& TimelineMeter::run(std::size_t index) {
  if (index >= meters_.size()) {
    std::vector<Portion> ends;
    for (auto i = meters_.size() - 1; i < index; ++i) {
      if (runs_[i + 1].continues) continue;
      ends.push_back({runs_[i].first, RunMeter::kFirstHead});
      ends.push_back({runs_[i].last - 1});
    }
    fetcher_.bring(ends);
  }
  while (meters_.size() <= index) {
    auto& before = meters_.back();
    const auto next = meters_.size();
    if (runs_[next].continues) {
      begin_run(before.run().start, before.anchor());
    } else {
      begin_run(before.end_of_run() + gap_after(next - 1), {});
    }
  }
  return meters_[index];
}

core::Time TimelineMeter::start_of(std::size_t segment) {
  for (std::size_t index = 0; index < runs_.size(); ++index) {
    if (segment < runs_[index].first || segment >= runs_[index].last) continue;
    return run(index).start_of(segment);
  }
  return spans_[segment].start;
}

core::Time TimelineMeter::end() {
  return run(runs_.size() - 1).end_of_run();
}

}  // namespace momentcut::pipeline
