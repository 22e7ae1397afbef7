#include "momentcut/pipeline/measure.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

// A range may reach this far past the end and is cut at the end, with a note: EXTINF promises more
// than there is by fractions of a second as a rule.
constexpr core::Time kEndSlack = std::chrono::seconds(1);

// Whether the run lies before the range, as measured; EXTINF only tells where that may be so.
bool ends_before(TimelineMeter& timeline, std::size_t index, core::Time start) {
  auto& run = timeline.run(index);
  const auto& last = timeline.spans()[run.run().last - 1];
  return last.start + last.duration <= start && run.end_of_run() <= start + cut::kTolerance;
}

// Refuses a range outside the stream, and notes one that reaches past its end.
void check_end(TimelineMeter& timeline, bool has_frames, core::Time clip_end,
               const core::Range& range, Context& context) {
  const auto end = has_frames ? clip_end : timeline.end();
  const auto promised = timeline.spans().back().start + timeline.spans().back().duration;
  if (range.start >= end || range.end > std::max(promised, end) + kEndSlack) {
    throw Error(ErrorKind::not_found,
                fmt::format("the range {} to {} s is outside the recording, which ends at {} s",
                            core::format_seconds(range.start), core::format_seconds(range.end),
                            core::format_seconds(end)),
                "times count from its beginning; \"end\" is its end");
  }
  if (range.end > end + cut::kTolerance) {
    context.note(
        fmt::format("the recording ends at {} s, and so does the clip", core::format_seconds(end)));
  }
}

void add(MeasuredCut& cut, std::size_t run, RunCut part) {
  if (cut.pieces.empty()) {
    cut.actual.start = part.actual.start;
  } else if (part.piece.has_video != cut.has_video()) {
    throw Error(ErrorKind::bad_data,
                fmt::format("the recording has video only on one side of {} s",
                            core::format_seconds(part.actual.start)),
                "cut each side by itself, or the audio alone with -r audio");
  }
  cut.actual.end = part.actual.end;
  cut.parts.push_back({run, part.actual});
  cut.segments.insert(cut.segments.end(), part.segments.begin(), part.segments.end());
  cut.audio_segments.insert(cut.audio_segments.end(), part.audio_segments.begin(),
                            part.audio_segments.end());
  cut.can_start_earlier = cut.can_start_earlier || part.can_start_earlier;
  cut.video = cut.pieces.empty() ? std::move(part.video) : std::nullopt;
  cut.pieces.push_back(std::move(part.piece));
}

void add_gap(MeasuredCut& cut, const core::Range& gap, bool allow_gaps) {
  if (!allow_gaps) {
    throw Error(ErrorKind::not_found,
                fmt::format("the recording is missing from {} to {} s (EXT-X-GAP)",
                            core::format_seconds(gap.start), core::format_seconds(gap.end)),
                "choose a range without it, or cut around it with --allow-gaps");
  }
  cut.gaps.push_back(gap);
}

void note_sizes(const MeasuredCut& cut, Context& context) {
  const auto& first = cut.pieces.front();
  for (const auto& piece : cut.pieces) {
    if (piece.width == first.width && piece.height == first.height) continue;
    context.note(fmt::format(
        "the picture changes from {}x{} to {}x{} within the clip, which is {}x{}", first.width,
        first.height, piece.width, piece.height, first.width, first.height));
    return;
  }
}

}  // namespace

bool MeasuredCut::has_audio() const {
  return std::any_of(pieces.begin(), pieces.end(),
                     [](const cut::Piece& piece) { return piece.audio.has_value(); });
}

std::uint64_t MeasuredCut::frames() const {
  std::uint64_t count = 0;
  for (const auto& piece : pieces) count += piece.timestamps.size();
  return count;
}

core::Time MeasuredCut::duration() const {
  return core::to_time(cut::borders_of(pieces).back(), cut::kClipBase);
}

MeasuredCut measure_cut(TimelineMeter& timeline, SideTimeline* audio, const core::Range& range,
                        const Streams& streams, bool allow_gaps, std::size_t lead,
                        Context& context) {
  MeasuredCut cut;
  // Up to where the range is known to be had or to be missing.
  auto settled = range.start;
  for (std::size_t index = 0;; ++index) {
    const bool is_last = index + 1 == timeline.runs();
    if (!is_last && ends_before(timeline, index, range.start)) continue;
    auto& run = timeline.run(index);
    if (run.run().start >= range.end - cut::kTolerance) break;
    if (run.run().continues) {
      const auto begin = run.start_of_run();
      if (settled < begin - cut::kTolerance) {
        add_gap(cut, {settled, std::min(begin, range.end)}, allow_gaps);
      }
      if (begin >= range.end - cut::kTolerance) break;
    }
    const auto beside = audio != nullptr ? audio->beside(index, run) : std::vector<RunMeter*>();
    auto part = measure_run(run, beside, range, streams, lead, context);
    if (part.cut) add(cut, index, std::move(*part.cut));
    if (part.ends_run) settled = std::max(settled, run.end_of_run());
    const bool is_over =
        !part.ends_run || (!cut.pieces.empty() && cut.actual.end >= range.end - cut::kTolerance);
    if (part.ends_run && is_last && timeline.live()) {
      const auto end = cut.pieces.empty() ? timeline.end() : cut.actual.end;
      cut.awaits_more = range.end > end + cut::kTolerance;
      if (cut.awaits_more) return cut;
    } else if (part.ends_run && is_last) {
      check_end(timeline, !cut.pieces.empty(), cut.actual.end, range, context);
    }
    if (is_over || is_last) break;
  }
  if (cut.pieces.empty()) {
    throw Error(ErrorKind::not_found,
                fmt::format("no frame lies in the range {} to {} s",
                            core::format_seconds(range.start), core::format_seconds(range.end)),
                cut.gaps.empty() ? "make the range longer" : "all of it is missing (EXT-X-GAP)");
  }
  for (const auto& gap : cut.gaps) {
    context.note(fmt::format("{} to {} s of the recording are missing, and left out of the clip",
                             core::format_seconds(gap.start), core::format_seconds(gap.end)));
  }
  if (cut.has_video()) note_sizes(cut, context);
  return cut;
}

}  // namespace momentcut::pipeline
