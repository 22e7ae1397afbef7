#include "momentcut/pipeline/measure.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/pipeline/audible.hpp"

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
void check_end(TimelineMeter& timeline, core::Time end, const core::Range& range,
               Context& context) {
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

void merge(std::vector<std::size_t>& all, const std::vector<std::size_t>& more) {
  all.insert(all.end(), more.begin(), more.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
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
  merge(cut.segments, part.segments);
  merge(cut.audio_segments, part.audio_segments);
  cut.can_start_earlier = cut.can_start_earlier || part.can_start_earlier;
  cut.video = cut.pieces.empty() ? std::move(part.video) : std::nullopt;
  cut.pieces.push_back(std::move(part.piece));
}

Error missing_error(const core::Range& gap) {
  return {ErrorKind::not_found,
          fmt::format("the recording is missing from {} to {} s (EXT-X-GAP)",
                      core::format_seconds(gap.start), core::format_seconds(gap.end)),
          "choose a range without it, or cut around it with --allow-gaps"};
}

Error missing_audio_error(const core::Range& gap) {
  return {ErrorKind::not_found,
          fmt::format("the audio is missing from {} to {} s (EXT-X-GAP)",
                      core::format_seconds(gap.start), core::format_seconds(gap.end)),
          "choose a range without it, cut around it with --allow-gaps, or leave the audio out with "
          "--audio none"};
}

// A cut as it is added up, run by run.
struct Growing {
  MeasuredCut cut;
  core::Time settled{};     // up to where the range is known to be had or to be left out
  bool is_missing = false;  // media is missing behind `settled`
};

// Where media is missing behind `settled`, it is left out up to `end`.
void settle(Growing& growing, core::Time end) {
  if (growing.is_missing && growing.settled < end) {
    growing.cut.gaps.push_back({growing.settled, end});
  }
  growing.is_missing = false;
  growing.settled = std::max(growing.settled, end);
}

// What measure_cut() was asked for.
struct Wanted {
  const core::Range& range;
  const Streams& streams;
  bool allow_gaps;
  std::size_t lead;

  // Of audio alone that has its own playlist, the video only tells where time begins.
  [[nodiscard]] bool only_beside(const SideTimeline* audio) const {
    return !streams.video && audio != nullptr;
  }
};

// Adds what the run has of the range, parted where the audio beside it is; returns whether its last
// frame was seen.
bool add_run(Growing& growing, std::size_t index, RunMeter& run, SideTimeline* audio,
             const Wanted& wanted, Context& context) {
  Audible there{{{wanted.range}}, false, {}};
  if (audio != nullptr && wanted.streams.audio) {
    there = audible(audio->beside(index, run), run, wanted.range, wanted.streams.video);
  }
  if (there.missing && !wanted.allow_gaps) throw missing_audio_error(*there.missing);
  bool ends_run = false;
  for (const auto& heard : there.heard) {
    growing.is_missing = growing.is_missing || heard.behind_gap;
    auto part = measure_run(run, heard.audio, heard.range, wanted.streams, wanted.lead, context);
    ends_run = part.ends_run;
    if (!part.cut) continue;
    settle(growing, part.cut->actual.start);
    add(growing.cut, index, std::move(*part.cut));
    growing.settled = growing.cut.actual.end;
  }
  if (!there.ends_in_gap) return ends_run;
  growing.is_missing = true;
  return !wanted.streams.video || run.end_of_run() <= wanted.range.end + cut::kTolerance;
}

// What lies behind `settled` is missing up to `until`, or to the range's end.
void miss(Growing& growing, core::Time until, const Wanted& wanted) {
  if (growing.settled >= until - cut::kTolerance) return;
  if (!wanted.allow_gaps) {
    throw missing_error({growing.settled, std::min(until, wanted.range.end)});
  }
  growing.is_missing = true;
}

// What is missing at the playlist's very end, which only EXTINF tells.
core::Time missing_at_end(const std::vector<core::Span>& spans) {
  core::Time missing{};
  for (auto span = spans.rbegin(); span != spans.rend() && span->gap; ++span) {
    missing += span->duration;
  }
  return missing;
}

// Once the last run's end was seen: where the playlist ends, with what is missing there.
core::Time end_of_playlist(Growing& growing, TimelineMeter& timeline, const SideTimeline* audio,
                           const Wanted& wanted) {
  const auto& cut = growing.cut;
  const bool is_measured = !cut.pieces.empty() && !growing.is_missing;
  const auto end = is_measured ? cut.actual.end : timeline.end();
  const auto missing = missing_at_end(timeline.spans());
  if (missing == core::Time{} || wanted.only_beside(audio)) return end;
  if (wanted.range.end > end + cut::kTolerance) miss(growing, end + missing, wanted);
  return end + missing;
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

// Refuses a cut without a frame, and notes what is peculiar about one.
void check(const MeasuredCut& cut, const core::Range& range, Context& context) {
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
  const Wanted wanted{range, streams, allow_gaps, lead};
  const bool only_beside = wanted.only_beside(audio);
  Growing growing{{}, range.start};
  auto& cut = growing.cut;
  auto stop = range.end;
  bool ends_run = false;
  for (std::size_t index = 0;; ++index) {
    const bool is_last = index + 1 == timeline.runs();
    if (!is_last && ends_before(timeline, index, range.start)) continue;
    auto& run = timeline.run(index);
    const auto begin = only_beside ? run.run().start : run.start_of_run();
    if (!only_beside) miss(growing, begin, wanted);
    if (begin >= range.end - cut::kTolerance) break;
    // Audio beside a video goes on where only the video has a gap.
    const bool is_had = only_beside && run.run().continues && !cut.pieces.empty();
    if (!is_had) ends_run = add_run(growing, index, run, audio, wanted, context);
    if (ends_run && !growing.is_missing) settle(growing, run.end_of_run());
    if (ends_run && is_last) {
      const auto end = end_of_playlist(growing, timeline, audio, wanted);
      cut.awaits_more = timeline.live() && range.end > end + cut::kTolerance;
      if (cut.awaits_more) return std::move(cut);
      if (!timeline.live()) check_end(timeline, end, range, context);
      stop = std::min(range.end, end);
    }
    const bool is_over =
        !ends_run || (!cut.pieces.empty() && cut.actual.end >= range.end - cut::kTolerance);
    if (is_over || is_last) break;
  }
  settle(growing, stop);
  check(cut, range, context);
  return std::move(cut);
}

}  // namespace momentcut::pipeline
