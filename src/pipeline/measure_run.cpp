#include "momentcut/pipeline/measure_run.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

// A range as long as this has frames in it, unless something is wrong.
constexpr core::Time kSurelyFrames = std::chrono::seconds(1);

// Refuses a window without a frame where there should be one.
void check_emptiness(RunMeter& meter, const Found& found, const core::Range& range) {
  // Past the run's end there is nothing to miss.
  const auto end = found.verdict.ends_stream ? std::min(range.end, meter.end_of_run()) : range.end;
  if (range.start >= end) return;
  for (const auto& damage : found.measured.join.damages) {
    if (!damage.empty()) throw Error(ErrorKind::bad_data, damage, "fetch it again");
  }
  if (end - range.start < kSurelyFrames) return;
  throw Error(ErrorKind::bad_data,
              fmt::format("no frame lies in the range {} to {} s, though the playlist promises "
                          "some",
                          core::format_seconds(range.start), core::format_seconds(range.end)),
              "the recording is damaged there");
}

// Refuses a clip to which a damaged segment would contribute.
void check_damage(const Found& found) {
  const auto& join = found.measured.join;
  for (const auto& packet : found.measured.leading().packets) {
    const bool wanted = packet.pts >= found.verdict.cut.first && packet.pts < found.verdict.cut.end;
    if (!wanted || packet.position < 0) continue;
    const auto after = std::upper_bound(join.offsets.begin(), join.offsets.end(), packet.position);
    const auto& damage = join.damages[static_cast<std::size_t>(after - join.offsets.begin()) - 1];
    if (damage.empty()) continue;
    throw Error(ErrorKind::bad_data, damage,
                "fetch the recording again; a clip with a hole is not made");
  }
}

// Refuses a clip with a hole where a part of a segment is missing.
void check_hole(const Found& found, const core::Range& range) {
  const auto& clock = found.measured.clock;
  // A hole may also lie between the range's bounds and the first or the last frame.
  auto cut = found.verdict.cut;
  cut.timestamps.insert(cut.timestamps.begin(),
                        std::min(clock.timestamp_of(range.start), cut.first));
  cut.timestamps.push_back(
      std::max(cut.timestamps.back(), std::min(clock.timestamp_of(range.end), cut.end)));
  const cut::Stream* audio = found.measured.probe.video && found.measured.probe.audio
                                 ? &*found.measured.probe.audio
                                 : nullptr;
  auto hole = cut::find_hole(found.measured.leading(), audio, cut, clock.base());
  if (!hole && found.measured.probe.video) {
    hole = cut::find_lost_end(*found.measured.probe.video, clock.timestamp_of(range.start),
                              clock.first_at(range.end), found.measured.join.offsets);
  }
  if (!hole) return;
  throw Error(ErrorKind::bad_data,
              fmt::format("media is missing from {} to {} s",
                          core::format_seconds(clock.time_of(hole->first)),
                          core::format_seconds(clock.time_of(hole->second))),
              "the recording is damaged there; a clip with a hole is not made");
}

// ffprobe does not know how long each packet lasts; the next one then tells.
bool overlaps(const cut::Stream& audio, std::int64_t first, std::int64_t end) {
  const auto longest = core::ticks_at_or_after(std::chrono::seconds(1), audio.time_base);
  const auto& packets = audio.packets;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (packets[i].pts == cut::kNoTimestamp || packets[i].pts >= end) continue;
    auto until = packets[i].pts + packets[i].duration;
    if (packets[i].duration <= 0 && i + 1 < packets.size()) {
      const auto next = packets[i + 1].pts;
      if (next != cut::kNoTimestamp && next - packets[i].pts <= longest) until = next;
    }
    if (until > first) return true;
  }
  return false;
}

// The audio of [first, end) on `found`'s clock: in the same join, or in one that begins where the
// audio does. nullopt: none in the range.
std::optional<cut::AudioCut> find_own_audio(RunMeter& meter, const Measured& found,
                                            std::int64_t first, std::int64_t end) {
  const auto base = found.clock.base();
  const auto& audio = found.probe.audio;
  // The audio is where it should be where the video is late.
  const auto shift = found.probe.video ? found.join.shift : 0;
  first -= shift;
  end -= shift;
  if (audio && (audio->packets.empty() || is_understood(*audio, found.join))) {
    const auto own = audio->time_base;
    if (!overlaps(*audio, core::rescaled(first, base, own), core::rescaled(end, base, own))) {
      return {};
    }
    return cut::AudioCut{found.join.input(), first, end, base};
  }
  const auto late = meter.measure_late_audio(found);
  if (!late) return {};
  if (!late->probe.audio || !is_understood(*late->probe.audio, late->join)) {
    throw Error(ErrorKind::bad_data, "the audio cannot be understood where it begins",
                "is the recording damaged there?");
  }
  const auto later = late->clock.zero() - found.clock.zero();
  if (!overlaps(*late->probe.audio, first + later, end + later)) return {};
  return cut::AudioCut{late->join.input(), first + later, end + later, base};
}

// Decoding a stream that refreshes its pictures little by little (x264's intra-refresh: key frames
// that are no intra pictures) brings whole pictures only with the second refresh after the one it
// began in.
constexpr int kRefreshes = 3;

// How many key frames of the window's own segments lie at or before `timestamp`.
int refreshes_before(const Found& found, std::int64_t timestamp) {
  const bool prefixed = found.measured.join.segments.front() != found.window.first;
  const auto begin = found.measured.join.offsets[prefixed ? 1 : 0];
  const auto& packets = found.measured.probe.video->packets;
  return static_cast<int>(std::count_if(packets.begin(), packets.end(), [&](const cut::Packet& p) {
    return p.key && p.position >= begin && p.pts != cut::kNoTimestamp && p.pts <= timestamp;
  }));
}

// Joins and judges a wider window, with the run's first segment in front where the parameter sets
// stand only there.
Found measured_again(RunMeter& meter, const cut::Window& window, const core::Range& range,
                     bool has_parameters) {
  auto segments = cut::segments_of(window);
  if (!has_parameters && window.first > meter.run().first) {
    segments.insert(segments.begin(), meter.run().first);
  }
  auto measured = meter.measure(segments);
  auto verdict = cut::judge(*measured.probe.video, measured.clock, range, window, meter.run());
  return {std::move(measured), window, std::move(verdict)};
}

// What to decode from, when a key frame before the range is not enough: `lead` segments before the
// range's own, and as many refreshes as it takes.
Found with_lead(RunMeter& meter, Found found, const core::Range& range, std::size_t lead) {
  const auto& run = meter.run();
  const bool has_parameters = found.measured.probe.video->width > 0;
  auto window = found.window;
  window.first -= std::min(lead > 0 ? lead - 1 : 0, window.first - run.first);
  if (window != found.window || !has_parameters) {
    found = measured_again(meter, window, range, has_parameters);
  }
  for (std::size_t step = 1; window.first > run.first; step *= 2) {
    if (refreshes_before(found, found.verdict.cut.first) >= kRefreshes) break;
    window.first -= std::min(step, window.first - run.first);
    found = measured_again(meter, window, range, has_parameters);
  }
  return found;
}

RunCut audio_cut(RunMeter& meter, const Found& found, const core::Range& range) {
  const auto& clock = found.measured.clock;
  const auto first = std::max(clock.timestamp_of(range.start), clock.zero());
  const auto end = found.verdict.ends_stream
                       ? std::min(clock.timestamp_of(range.end), found.verdict.cut.end)
                       : clock.timestamp_of(range.end);
  const auto audio = find_own_audio(meter, found.measured, first, end);
  if (!audio) throw Error(ErrorKind::not_found, "there is no audio in the range");
  RunCut out;
  out.actual = {clock.time_of(first), clock.time_of(end)};
  out.piece.input = audio->input;
  out.piece.has_video = false;
  out.piece.first = first;
  out.piece.end = end;
  out.piece.base = clock.base();
  out.piece.audio = audio;
  out.segments = found.measured.join.segments;
  return out;
}

// Where the parts of a piece come from.
struct Sources {
  RunMeter& meter;
  RunMeter* audio;
  const Streams& streams;
  Context& context;
};

void add_audio(RunCut& out, const Sources& from, const Found& found) {
  if (!from.streams.audio) return;
  if (from.audio == nullptr) {
    const auto& cut = found.verdict.cut;
    out.piece.audio = find_own_audio(from.meter, found.measured, cut.first, cut.end);
    return;
  }
  const auto other = find_window(*from.audio, out.actual, from.context);
  check_damage(other);
  out.audio_segments = other.measured.join.segments;
  const auto& clock = other.measured.clock;
  const auto first = clock.timestamp_of(out.actual.start);
  const auto end = clock.timestamp_of(out.actual.end);
  if (!overlaps(other.measured.leading(), first, end)) return;
  out.piece.audio = cut::AudioCut{other.measured.join.input(), first, end, clock.base()};
}

RunCut video_cut(const Sources& from, const Found& found, const Decoded& decoded) {
  const auto& cut = found.verdict.cut;
  const auto& clock = found.measured.clock;
  const auto& video = *found.measured.probe.video;
  RunCut out;
  out.segments = found.measured.join.segments;
  out.actual = {clock.time_of(cut.first), clock.time_of(cut.end)};
  out.can_start_earlier = decoded.first > from.meter.run().first;
  const auto& frames = decoded.frames;
  out.piece = {decoded.input, true,       video.width,     video.height,      video.colour,
               frames.first,  frames.end, video.time_base, frames.timestamps, {}};
  add_audio(out, from, found);
  return out;
}

}  // namespace

std::optional<Decoded> shortened(RunMeter& meter, const Found& found, const cut::FrameCut& frames) {
  // A segment in front of the window's own is there for its parameter sets.
  if (found.measured.join.segments.front() != found.window.first) return {};
  const auto& video = *found.measured.probe.video;
  const auto& offsets = found.measured.join.offsets;
  const auto start = cut::decode_start(video, frames, found.window, offsets);
  const auto& whole = found.measured.join;
  if (start == meter.run().first) return Decoded{whole.input(), start, frames};
  const bool is_whole = start == found.window.first;
  const auto join = is_whole ? whole : meter.join({start, found.window.last}, found.most_of_last);
  const auto later = offsets[start - found.window.first] - join.offsets.front();
  const auto begin = std::find_if(
      video.packets.begin(), video.packets.end(),
      [&](const cut::Packet& p) { return p.position >= offsets[start - found.window.first]; });
  const auto key =
      std::find_if(begin, video.packets.end(), [](const cut::Packet& p) { return p.key; });
  if (key == video.packets.end()) return {};
  const auto opening = meter.open(join, static_cast<std::size_t>(key - begin) + 1);
  if (!opening.video || opening.video->width == 0 || !opening.starts_intra) return {};
  const auto& packets = opening.video->packets;
  const auto same = std::find_if(packets.begin(), packets.end(), [&](const cut::Packet& p) {
    return p.position + later == key->position && p.pts != cut::kNoTimestamp;
  });
  if (same == packets.end() || key->pts == cut::kNoTimestamp) return {};
  return Decoded{join.input(), start, frames.shifted(same->pts - key->pts)};
}

RunPart measure_run(RunMeter& meter, RunMeter* audio, const core::Range& range,
                    const Streams& streams, std::size_t lead, Context& context) {
  // Of audio alone, the video only tells where time begins.
  if (!streams.video && audio != nullptr) {
    auto alone = measure_run(*audio, nullptr, range, streams, lead, context);
    if (alone.cut) alone.cut->audio_segments = std::exchange(alone.cut->segments, {});
    return alone;
  }
  auto found = find_window(meter, range, context);
  RunPart part;
  part.ends_run = found.verdict.ends_stream;
  if (found.verdict.cut.empty()) {
    check_emptiness(meter, found, range);
    return part;
  }
  check_damage(found);
  check_hole(found, {std::max(range.start, meter.start_of_run()), range.end});
  if (!streams.video || !found.measured.probe.video) {
    part.cut = audio_cut(meter, found, range);
    return part;
  }
  if (lead == 0 && found.measured.probe.video->width > 0) {
    if (const auto decoded = shortened(meter, found, found.verdict.cut)) {
      part.cut = video_cut({meter, audio, streams, context}, found, *decoded);
      part.cut->video = std::move(found);
      return part;
    }
  }
  found = with_lead(meter, std::move(found), range, lead);
  const auto& join = found.measured.join;
  part.cut = video_cut({meter, audio, streams, context}, found,
                       {join.input(), join.segments.front(), found.verdict.cut});
  part.cut->video = std::move(found);
  return part;
}

}  // namespace momentcut::pipeline
