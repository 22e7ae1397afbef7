#include "momentcut/pipeline/workbench.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/cut/language.hpp"
#include "momentcut/cut/plan.hpp"
#include "momentcut/cut/webvtt.hpp"
#include "momentcut/pipeline/splice.hpp"
#include "momentcut/pipeline/subtitles.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

// The sound of a range's last frames may lie in the segment after them.
constexpr core::Time kSoundLater = std::chrono::seconds(1);

Source load_source(const Request& request, Remote& remote, Context& context) {
  context.enter(Stage::source);
  return choose_rendition(find_entry(request, remote), request, remote);
}

std::vector<Portion> portions_of(const hls::MediaPlaylist& playlist, const core::Range& range) {
  const auto spans = spans_of(playlist);
  std::vector<Portion> portions;
  for (const auto& run : cut::runs_of(spans)) {
    const auto window = cut::window_for(spans, run, range, core::Time{});
    const bool has_ended = run.last < spans.size();
    for (auto i = run.first; i < run.last; ++i) {
      const bool is_near = i >= window.first && i < window.last &&
                           spans[i].start < range.end + kSoundLater &&
                           spans[i].start + spans[i].duration > range.start - kSoundLater;
      // Where a run ends, the next one begins.
      if (is_near || (has_ended && i + 1 == run.last)) portions.push_back({i});
    }
    portions.push_back({run.first, RunMeter::kFirstHead});
  }
  return portions;
}

PlannedSegment planned_segment(const Rendition& rendition, const std::vector<core::Span>& spans,
                               std::size_t segment, Fetcher& fetcher) {
  return {core::redacted_reference(rendition.media.segments[segment].uri), spans[segment].start,
          spans[segment].duration, fetcher.known_size(segment)};
}

}  // namespace

Workbench::Workbench(const Request& request, Context& context)
    : request_(request),
      context_(context),
      tools_(request, context),
      remote_(request, context),
      source_(load_source(request, remote_, context)),
      deadline_(Follower::Clock::time_point::max()),
      folder_(request.temp_dir),
      fetcher_(source_, "media", remote_, folder_, context) {
  follower_.emplace(source_.entry, source_, remote_, context);
  if (source_.audio) {
    audio_fetcher_.emplace(*source_.audio, "audio", remote_, folder_, context);
    audio_follower_.emplace(source_.entry, *source_.audio, remote_, context);
  }
  if (source_.subtitles) {
    subtitle_fetcher_.emplace(*source_.subtitles, "subtitles", remote_, folder_, context);
  }
  if (request.wait_timeout) deadline_ = Follower::Clock::now() + *request.wait_timeout;
  if (!request.keep_temp) return;
  folder_.keep();
  context.note("temporary files are kept in " + folder_.path().native());
}

TimelineMeter& Workbench::timeline() {
  if (!timeline_) timeline_.emplace(source_, fetcher_, tools_, context_);
  return *timeline_;
}

SideTimeline* Workbench::audio_timeline() {
  if (!source_.audio) return nullptr;
  if (!audio_) {
    audio_.emplace("audio", source_, *source_.audio, *audio_fetcher_, tools_, context_);
  }
  return &*audio_;
}

core::Time Workbench::resolved(const core::Position& position, bool is_end) {
  if (position.origin == core::Position::Origin::wall) return resolved(position.wall, is_end);
  if (position.origin == core::Position::Origin::start) return position.offset;
  const auto end = timeline().end();
  const auto time = end + position.offset;
  if (time < core::Time{}) {
    throw Error(ErrorKind::not_found,
                fmt::format("{} s from the end lies before the beginning: the {} {} s long",
                            core::format_seconds(-position.offset),
                            ended() ? "recording is" : "live playlist's window is",
                            core::format_seconds(end)));
  }
  return time;
}

core::Range Workbench::range() {
  core::Range range;
  range.start = resolved(request_.start, false);
  range.end = request_.duration ? range.start + *request_.duration : resolved(request_.end, true);
  if (range.end <= range.start) {
    throw Error(ErrorKind::usage,
                fmt::format("the end ({} s) is not after the start ({} s)",
                            core::format_seconds(range.end), core::format_seconds(range.start)));
  }
  return range;
}

std::vector<cut::Dating> Workbench::dates() const {
  const auto& segments = source_.media.segments;
  const auto starts = source_.media.wall_times();
  std::vector<cut::Dating> dates;
  dates.reserve(segments.size());
  for (std::size_t i = 0; i < segments.size(); ++i) {
    dates.push_back({segments[i].program_date_time, starts[i]});
  }
  return dates;
}

// EXTINF only tells in which segment it lies; where that segment really is, its frames tell.
core::Time Workbench::resolved(core::WallTime wall, bool is_end) {
  for (;;) {
    try {
      const auto place = cut::place_of(wall, is_end, timeline().spans(), dates());
      return timeline().start_of(place.segment) + place.offset;
    } catch (const Error& error) {
      const auto starts = source_.media.wall_times();
      const bool may_come =
          request_.wait && !ended() && !starts.empty() && starts.back() && *starts.back() < wall;
      if (!may_come || error.kind() != ErrorKind::not_found) throw;
    }
    load_more({promised(), promised()});
  }
}

std::optional<core::WallTime> Workbench::date_of(core::Time time) {
  const auto near = cut::date_near(time, timeline().spans(), dates());
  if (!near) return {};
  return near->date + (time - timeline().start_of(near->segment));
}

std::optional<core::WallTime> Workbench::rough_date_of(core::Time time) {
  const auto near = cut::date_near(time, timeline().spans(), dates());
  if (near) return near->date + (time - timeline().spans()[near->segment].start);
  if (const auto& event = source_.entry.event) return event->started_at;
  return {};
}

bool Workbench::ended() const {
  return follower_->ended() && (!audio_follower_ || audio_follower_->ended());
}

core::Time Workbench::promised() const {
  const auto video = source_.media.total_duration();
  return source_.audio ? std::min(video, source_.audio->media.total_duration()) : video;
}

// What is there may be gone from the server when the rest has come.
void Workbench::bring_what_is_there(const core::Range& range) {
  bring(source_, fetcher_, range);
  // Its window may begin elsewhere, which its timestamps tell once it is measured.
  if (source_.audio) bring(*source_.audio, *audio_fetcher_, range);
}

// What turns out to be missing becomes a gap of the playlist, where that is allowed.
void Workbench::bring(Rendition& rendition, Fetcher& fetcher, const core::Range& range) {
  if (!request_.allow_gaps) return fetcher.bring(portions_of(rendition.media, range));
  for (;;) {
    const auto missing = fetcher.bring_what_is_there(portions_of(rendition.media, range));
    if (missing.empty()) return;
    for (const auto segment : missing) rendition.media.segments[segment].gap = true;
    timeline_.reset();
    audio_.reset();
  }
}

void Workbench::load_more(const core::Range& range) {
  if (Follower::Clock::now() >= deadline_) {
    throw Error(ErrorKind::temporary,
                fmt::format("the stream reaches to {} s so far, the range to {} s",
                            core::format_seconds(promised()), core::format_seconds(range.end)),
                "it did not come within --wait-timeout");
  }
  context_.detail(
      fmt::format("the stream reaches to {} s so far; waiting", core::format_seconds(promised())));
  bool grew = !follower_->ended() && follower_->reload(deadline_);
  if (audio_follower_ && !audio_follower_->ended()) {
    grew = audio_follower_->reload(deadline_) || grew;
  }
  if (!grew && !ended()) return;
  timeline_.reset();
  audio_.reset();
  bring_what_is_there(range);
}

void Workbench::await(const core::Range& range) {
  if (ended() || promised() >= range.end + kSoundLater) return;
  const auto before = context_.stage();
  context_.enter(Stage::wait);
  bring_what_is_there(range);
  while (!ended() && promised() < range.end + kSoundLater) load_more(range);
  context_.enter(before);
}

MeasuredCut Workbench::measure(const core::Range& range, std::size_t lead) {
  for (;;) {
    if (request_.wait) await(range);
    if (request_.allow_gaps) bring_what_is_there(range);
    auto cut =
        measure_cut(timeline(), audio_timeline(), range, {!source_.audio_only, !source_.silent},
                    request_.allow_gaps, lead, context_);
    if (!cut.awaits_more) return cut;
    if (!request_.wait) {
      throw Error(
          ErrorKind::temporary,
          fmt::format("the live stream reaches to {} s so far, the range to {} s",
                      core::format_seconds(timeline().end()), core::format_seconds(range.end)),
          "wait for the rest with --wait, or try again later");
    }
    load_more(range);
  }
}

std::optional<Decoded> Workbench::decodable(const MeasuredCut& cut, const cut::FrameCut& frames,
                                            std::int64_t key, const std::string& name) {
  auto& run = timeline().run(cut.parts.front().run);
  auto part = spliced(run, *cut.video, frames, key, folder() / name, context_.interrupt());
  return part ? part : shortened(run, *cut.video, frames);
}

std::optional<cut::Subtitles> Workbench::subtitles(const MeasuredCut& cut) {
  auto& wanted = source_.subtitles;
  if (!wanted) return {};
  if (!wanted->media.endlist) {
    // What has been cut of a live stream may have come after its subtitles were loaded.
    wanted->media = load_again(source_.entry, *wanted, remote_);
    subtitle_fetcher_.emplace(*wanted, "subtitles", remote_, folder_, context_);
  }
  SideTimeline beside("subtitles", source_, *wanted, *subtitle_fetcher_, tools_, context_);
  auto gathered = gather_subtitles(cut, timeline(), beside, *subtitle_fetcher_);
  for (const auto segment : gathered.segments) {
    subtitle_segments_.push_back(
        planned_segment(*wanted, beside.spans(), segment, *subtitle_fetcher_));
  }
  if (gathered.cues.empty()) {
    context_.note("no subtitles are shown in the clip");
    return {};
  }
  const auto file = folder_.path() / "subtitles.vtt";
  io::write_new_file(file, cut::to_webvtt(gathered.cues));
  cut::Subtitles track{file.native(), cut::mp4_language(source_.subtitles_language), {}};
  for (const auto& cue : gathered.cues) track.starts.push_back(cue.start);
  return track;
}

std::vector<const Fetcher*> Workbench::fetchers() const {
  std::vector<const Fetcher*> all{&fetcher_};
  for (const auto* beside : {&audio_fetcher_, &subtitle_fetcher_}) {
    if (*beside) all.push_back(&**beside);
  }
  return all;
}

std::vector<PlannedSegment> Workbench::segments_of(const MeasuredCut& cut) {
  std::vector<PlannedSegment> planned;
  const auto add = [&](const Rendition& rendition, const std::vector<core::Span>& spans,
                       const std::vector<std::size_t>& segments, Fetcher& fetcher) {
    for (const auto segment : segments) {
      planned.push_back(planned_segment(rendition, spans, segment, fetcher));
    }
  };
  add(source_, timeline().spans(), cut.segments, fetcher_);
  if (audio_) add(*source_.audio, audio_->spans(), cut.audio_segments, *audio_fetcher_);
  planned.insert(planned.end(), subtitle_segments_.begin(), subtitle_segments_.end());
  return planned;
}

std::uint64_t Workbench::fetched_segments() const {
  std::uint64_t count = 0;
  for (const auto* fetcher : fetchers()) count += fetcher->fetched_segments();
  return count;
}

std::uint64_t Workbench::fetched_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto* fetcher : fetchers()) bytes += fetcher->fetched_bytes();
  return bytes;
}

}  // namespace momentcut::pipeline
