#include "momentcut/cut/verify.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "momentcut/core/text.hpp"

namespace momentcut::cut {
namespace {

constexpr core::TimeBase kSampleBase{1, kSampleRate};
// The MP4 track's stamps are rounded once on their way from the source's time base.
constexpr std::int64_t kRounding = 1;
// Subtitles are told in whole milliseconds, rounded once on each side.
constexpr std::int64_t kCueRounding = 180;
// An AAC frame is 1024 samples; the last one may be padded, the first one primes the decoder.
constexpr std::int64_t kAudioSlack = 2048;

std::vector<std::int64_t> presentation_times(const Stream& stream, core::TimeBase base) {
  std::vector<std::int64_t> times;
  times.reserve(stream.packets.size());
  for (const auto& packet : stream.packets) {
    if (packet.pts != kNoTimestamp) {
      times.push_back(core::rescaled(packet.pts, stream.time_base, base));
    }
  }
  std::sort(times.begin(), times.end());
  return times;
}

std::string at_second(std::int64_t ticks) {
  return core::format_seconds(core::to_time(ticks, kClipBase));
}

std::optional<Flaw> video_flaw(const std::vector<std::int64_t>& expected,
                               const std::vector<std::int64_t>& found) {
  if (found.size() != expected.size()) {
    // Compared by distances, since the muxer may have moved what is left to time 0.
    const bool tail_matches =
        found.size() < expected.size() &&
        (found.empty() ||
         std::abs((found.back() - found.front()) -
                  (expected.back() - expected[expected.size() - found.size()])) <= kRounding);
    return Flaw{fmt::format("it has {} where {} were to be", core::counted(found.size(), "frame"),
                            expected.size()),
                tail_matches};
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (std::abs(found[i] - expected[i]) > kRounding) {
      return Flaw{fmt::format("frame {} is at {} s where it was to be at {} s", i,
                              at_second(found[i]), at_second(expected[i]))};
    }
  }
  return {};
}

std::string milliseconds_of(std::int64_t samples) {
  return fmt::format("{} ms", samples * 1000 / kSampleRate);
}

std::optional<Flaw> audio_flaw(std::int64_t samples, const Stream& audio) {
  const auto& packets = audio.packets;
  if (packets.empty()) return Flaw{"its audio is empty"};
  std::optional<std::int64_t> due;  // where the packet before ends
  for (const auto& packet : packets) {
    if (packet.pts == kNoTimestamp) return Flaw{"its audio has a packet without a timestamp"};
    const auto begin = core::rescaled(packet.pts, audio.time_base, kSampleBase);
    const auto off = begin - due.value_or(0);
    if (std::abs(off) > kAudioSlack) {
      return Flaw{due ? "its audio has a hole of " + milliseconds_of(off)
                      : fmt::format("its audio starts {} off", milliseconds_of(off))};
    }
    due = core::rescaled(packet.pts + packet.duration, audio.time_base, kSampleBase);
  }
  if (std::abs(*due - samples) > kAudioSlack) {
    return Flaw{fmt::format("its audio ends {} off", milliseconds_of(*due - samples))};
  }
  return {};
}

// Between two cues there is an empty one, which need not be told from them.
std::optional<Flaw> subtitles_flaw(const std::vector<core::Time>& cues, const Stream& subtitles) {
  const auto found = presentation_times(subtitles, kClipBase);
  for (const auto cue : cues) {
    const auto due = core::ticks_at_or_after(cue, kClipBase);
    const auto near = std::lower_bound(found.begin(), found.end(), due - kCueRounding);
    if (near == found.end() || *near > due + kCueRounding) {
      return Flaw{fmt::format("its subtitle of {} s is missing", core::format_seconds(cue))};
    }
  }
  return {};
}

}  // namespace

Expectation expected_of(const RenderJob& job) {
  const auto borders = borders_of(job.pieces);
  Expectation expected;
  for (std::size_t i = 0; i < job.pieces.size(); ++i) {
    const auto& piece = job.pieces[i];
    for (const auto pts : piece.timestamps) {
      expected.frames.push_back(borders[i] +
                                core::rescaled(pts - piece.first, piece.base, kClipBase));
    }
    if (piece.audio) expected.audio_samples = sample_at(borders.back());
  }
  if (job.subtitles) expected.cues = job.subtitles->starts;
  return expected;
}

std::optional<Flaw> find_flaw(const Expectation& expected, const Probe& clip) {
  if (expected.frames.empty() == clip.video.has_value()) {
    return Flaw{clip.video ? "it has video where none was to be" : "it has no video",
                !clip.video.has_value()};
  }
  if (expected.audio_samples.has_value() != clip.audio.has_value()) {
    return Flaw{clip.audio ? "it has audio where none was to be" : "it has no audio"};
  }
  if (expected.cues.empty() == clip.subtitles.has_value()) {
    return Flaw{clip.subtitles ? "it has subtitles where none were to be" : "it has no subtitles"};
  }
  std::optional<Flaw> flaw;
  if (clip.video) flaw = video_flaw(expected.frames, presentation_times(*clip.video, kClipBase));
  if (!flaw && clip.audio) flaw = audio_flaw(*expected.audio_samples, *clip.audio);
  if (!flaw && clip.subtitles) flaw = subtitles_flaw(expected.cues, *clip.subtitles);
  return flaw;
}

}  // namespace momentcut::cut
