// Measures a whole playlist: its runs, each of which begins where the one before it ends.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "momentcut/core/media.hpp"
#include "momentcut/core/time.hpp"
#include "momentcut/cut/timeline.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/fetch.hpp"
#include "momentcut/pipeline/run_meter.hpp"
#include "momentcut/pipeline/source.hpp"
#include "momentcut/pipeline/tools.hpp"

namespace momentcut::pipeline {

class TimelineMeter {
 public:
  // Throws core::Error(bad_data) for a playlist without segments.
  TimelineMeter(const Rendition& rendition, Fetcher& fetcher, ToolCheck& tools, Context& context);
  TimelineMeter(const TimelineMeter&) = delete;
  TimelineMeter& operator=(const TimelineMeter&) = delete;

  [[nodiscard]] std::size_t runs() const { return runs_.size(); }

  // A run, where it really begins: for that, the ends of all runs before it are measured, since
  // EXTINF only promises how long they are.
  RunMeter& run(std::size_t index);

  // Where a segment's first frame really lies.
  core::Time start_of(std::size_t segment);

  // Whether more may follow the last run.
  [[nodiscard]] bool live() const { return live_; }

  // Where the last run ends.
  core::Time end();

  // The segments, where they really begin as far as their runs were measured, else where EXTINF
  // promises.
  [[nodiscard]] const std::vector<core::Span>& spans() const { return spans_; }

 private:
  void begin_run(core::Time start, const std::optional<Anchor>& anchor);
  [[nodiscard]] core::Time gap_after(std::size_t index) const;

  Fetcher& fetcher_;
  ToolCheck& tools_;
  Context& context_;
  bool live_;
  std::vector<core::Span> spans_;
  std::vector<cut::Run> runs_;
  std::deque<RunMeter> meters_;  // of the first runs; they stay where they are
};

}  // namespace momentcut::pipeline
