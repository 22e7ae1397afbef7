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
  if (spans_.empty()) {
    throw core::Error(core::ErrorKind::bad_data,
                      core::quoted(core::redacted(rendition.location.text), 400) +
                          " has no segments");
  }
  begin_run(core::Time{});
}

void TimelineMeter::begin_run(core::Time start) {
  auto& run = runs_[meters_.size()];
  const auto later = start - run.start;
  run.start = start;
  for (auto i = run.first; i < run.last; ++i) spans_[i].start += later;
  meters_.emplace_back(spans_, run, fetcher_, tools_, context_);
}

RunMeter& TimelineMeter::run(std::size_t index) {
  if (index >= meters_.size()) {
    std::vector<Portion> ends;
    for (auto i = meters_.size() - 1; i < index; ++i) {
      ends.push_back({runs_[i].first, RunMeter::kFirstHead});
      ends.push_back({runs_[i].last - 1});
    }
    fetcher_.bring(ends);
  }
  while (meters_.size() <= index) begin_run(meters_.back().end_of_run());
  return meters_[index];
}

core::Time TimelineMeter::end() {
  return run(runs_.size() - 1).end_of_run();
}

}  // namespace momentcut::pipeline
