// Measures what has a playlist of its own beside the video's: audio, subtitles (RFC 8216
// §4.3.4.2.1).
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "momentcut/core/media.hpp"
#include "momentcut/cut/timeline.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/fetch.hpp"
#include "momentcut/pipeline/run_meter.hpp"
#include "momentcut/pipeline/source.hpp"
#include "momentcut/pipeline/tools.hpp"

namespace momentcut::pipeline {

class SideTimeline {
 public:
  // `what` is "audio" or "subtitles", the option that leaves it out.
  SideTimeline(std::string_view what, const Rendition& video, const Rendition& side,
               Fetcher& fetcher, ToolCheck& tools, Context& context);

  // What lies beside the video's run number `index`, counted from the same moment: both renditions'
  // timestamps are of one clock between the same two discontinuities (§6.2.4). In order, and more
  // than one where gaps part them. Throws core::Error(bad_data) where there is no such run.
  std::vector<RunMeter*> beside(std::size_t index, RunMeter& video);

  // The segments, where EXTINF promises them after where their run really begins, as far as known.
  [[nodiscard]] const std::vector<core::Span>& spans() const { return spans_; }

 private:
  RunMeter& meter(std::size_t own, RunMeter& video);

  std::string_view what_;
  Fetcher& fetcher_;
  ToolCheck& tools_;
  Context& context_;
  std::vector<std::uint64_t> video_numbers_;  // discontinuity sequence numbers of its runs
  std::vector<std::uint64_t> numbers_;
  std::vector<core::Span> spans_;
  std::vector<cut::Run> runs_;
  std::map<std::size_t, std::unique_ptr<RunMeter>> meters_;  // by its own run
};

}  // namespace momentcut::pipeline
