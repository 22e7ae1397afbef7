// Measures joins of a run's segments: what they hold, and where that lies on the playlist's
// timeline.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "momentcut/core/media.hpp"
#include "momentcut/cut/plan.hpp"
#include "momentcut/cut/probe.hpp"
#include "momentcut/cut/timeline.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/fetch.hpp"
#include "momentcut/pipeline/tools.hpp"

namespace momentcut::pipeline {

// A join, what it holds as ffmpeg reads it through the join's list, and how its timestamps lie on
// the playlist's timeline.
struct Measured {
  Join join;
  cut::Probe probe;
  cut::RunClock clock;

  // The stream that decides: the video, or the audio where there is no video.
  [[nodiscard]] const cut::Stream& leading() const {
    return probe.video ? *probe.video : *probe.audio;
  }
};

// The moment from which a run's time counts, as its media says it.
struct Anchor {
  std::int64_t timestamp = 0;
  core::TimeBase base;
  bool is_video = true;

  // The same moment for a stream that counts by `other`.
  [[nodiscard]] std::int64_t in(core::TimeBase other) const {
    return core::rescaled(timestamp, base, other);
  }
};

// Measures joins of one run against the run's own beginning: the first video frame of its first
// segment (or its first audio, where it has no video), unless another anchor is given, as for audio
// beside a video.
class RunMeter {
 public:
  // The head of the first segment that is probed for its first frame, in bytes; four times more
  // until it has one.
  static constexpr std::uint64_t kFirstHead = 256U << 10U;

  // `spans` holds the whole playlist's; those of `run` are where the run really begins.
  RunMeter(const std::vector<core::Span>& spans, const cut::Run& run, Fetcher& fetcher,
           ToolCheck& tools, Context& context, std::optional<Anchor> anchor = {});

  [[nodiscard]] const std::vector<core::Span>& spans() const { return spans_; }
  [[nodiscard]] const cut::Run& run() const { return run_; }

  // Joins and measures `segments` (of the run, ascending), of the last one at most `most_of_last`
  // bytes. Throws core::Error(bad_data) where there is neither video nor audio in them.
  Measured measure(const std::vector<std::size_t>& segments,
                   std::uint64_t most_of_last = Portion::kAll);
  Measured measure(const cut::Window& window, std::uint64_t most_of_last = Portion::kAll);

  // What the run counts from; measured once.
  const Anchor& anchor();

  // Where a moment that a media timestamp tells (90 kHz, modulo 2^33) lies on the playlist's
  // timeline; of all that it may be, the one next to `roughly`.
  core::Time place_of(std::int64_t transport_timestamp, core::Time roughly);

  // Where the run's own first frame lies on the playlist's timeline: where its clock begins, unless
  // it continues another run's.
  core::Time start_of_run();

  // Where a segment's first frame lies, likewise; measured once.
  core::Time start_of(std::size_t segment);

  // Where the run's last frame ends on the playlist's timeline; measured once.
  core::Time end_of_run();

  // Joins segments without measuring them.
  Join join(const cut::Window& window, std::uint64_t most_of_last) {
    return fetcher_.join(cut::segments_of(window), most_of_last);
  }

  // As Fetcher::readable_in_part().
  [[nodiscard]] bool readable_in_part(std::size_t segment) const {
    return fetcher_.readable_in_part(segment);
  }

  // The first `packets` video packets of a join, the key frames among them decoded.
  cut::Probe open(const Join& join, std::size_t packets);

  // Looks through the whole of `measured` for audio that begins too late to be seen at once, and
  // measures anew from the segment in which it does. nullopt: there is none.
  std::optional<Measured> measure_late_audio(const Measured& measured);

 private:
  cut::Probe probe_file(const std::string& file, const cut::SegmentFormat& format,
                        std::string_view doing);
  std::optional<Anchor> anchor_in(const Fetcher::Head& head);
  cut::Probe probe_of(const Join& join);
  void note_starts(const Measured& measured);
  std::int64_t elapsed(const Join& join, std::int64_t raw, core::TimeBase base);

  const std::vector<core::Span>& spans_;
  cut::Run run_;
  Fetcher& fetcher_;
  ToolCheck& tools_;
  Context& context_;
  std::optional<Anchor> anchor_;
  std::map<std::size_t, core::Time> starts_;  // of segments
  std::optional<core::Time> end_;
};

}  // namespace momentcut::pipeline
