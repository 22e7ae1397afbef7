#include "momentcut/pipeline/find_window.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

// Guesses that replace the window, and then guesses in all. Each of the latter adds a segment at
// least; more than this, and the timestamps have nothing to do with the playlist.
constexpr int kMostJumps = 4;
constexpr int kMostGuesses = 64;

// What is fetched of a segment behind the range, in bytes; of most streams that is a second.
constexpr std::uint64_t kMargin = 1U << 20U;

// What a decoder needs to hear before what it plays is right: of AAC-LC, one frame; of what builds
// on more of what came before (spectral band replication, bit reservoirs, Opus), so long.
constexpr std::int64_t kPlainAacFrame = 1024;
constexpr int kLowestPlainRate = 32'000;
constexpr core::Time kWarmUp = std::chrono::milliseconds(100);

core::Time first_time(const Measured& measured) {
  std::int64_t lowest = cut::kNoTimestamp;
  for (const auto& packet : measured.leading().packets) {
    if (packet.pts == cut::kNoTimestamp) continue;
    if (lowest == cut::kNoTimestamp || packet.pts < lowest) lowest = packet.pts;
  }
  return measured.clock.time_of(lowest);
}

// Of a last segment that begins after the range, only what may still be needed is fetched: frames
// to see that the range is over, and audio that lags behind them.
std::uint64_t most_of_last(const RunMeter& meter, const cut::Window& window,
                           const core::Range& range) {
  const auto last = window.last - 1;
  const bool is_margin = last > window.first && meter.spans()[last].start >= range.end;
  return is_margin && meter.readable_in_part(last) ? kMargin : Portion::kAll;
}

// Whether nothing of the cut can be in what is left out of the last segment.
bool reaches_end(const Found& found) {
  const auto& probe = found.measured.probe;
  const auto& leading = found.measured.leading();
  const auto end = found.verdict.cut.end;
  if (found.verdict.cut.empty() || !cut::decoding_reached(leading, end)) return false;
  if (!probe.video || !probe.audio || probe.audio->packets.empty()) return true;
  return cut::decoding_reached(*probe.audio,
                               core::rescaled(end, leading.time_base, probe.audio->time_base));
}

// Whether the window has so much audio before the cut that a decoder is warm when the cut begins.
bool has_audio_lead(const Found& found) {
  const auto& audio = found.measured.probe.audio;
  if (!audio || !is_understood(*audio, found.measured.join)) return false;
  std::vector<std::int64_t> first;
  for (const auto& packet : audio->packets) {
    if (packet.pts != cut::kNoTimestamp) first.push_back(packet.pts);
    if (first.size() == 2) break;
  }
  if (first.size() < 2) return false;
  const auto base = audio->time_base;
  const auto start = core::rescaled(found.verdict.cut.first - found.measured.join.shift,
                                    found.measured.leading().time_base, base);
  const bool is_plain_aac =
      audio->codec == "aac" && audio->sample_rate >= kLowestPlainRate &&
      core::rescaled(first[1] - first[0], base, {1, audio->sample_rate}) == kPlainAacFrame;
  return is_plain_aac ? first[1] <= start
                      : first[0] <= start - core::ticks_at_or_after(kWarmUp, base);
}

}  // namespace

bool is_understood(const cut::Stream& audio, const Join& join) {
  const auto& packets = audio.packets;
  const auto without_pts = std::count_if(packets.begin(), packets.end(),
                                         [](const auto& p) { return p.pts == cut::kNoTimestamp; });
  const bool from_the_start =
      join.offsets.size() < 2 || packets.empty() || packets.front().position < join.offsets[1];
  const bool stammers = packets.size() > 1 && packets[0].pts == packets[1].pts;
  return audio.sample_rate > 0 && audio.channels > 0 && from_the_start && !stammers &&
         static_cast<std::size_t>(without_pts) * 10 <= packets.size();
}

Found find_window(RunMeter& meter, const core::Range& range, Context& context) {
  const auto& spans = meter.spans();
  const auto wide = cut::window_for(spans, meter.run(), range, core::Time{});
  auto window = cut::without_lead(wide, spans, range);
  auto most = most_of_last(meter, window, range);
  for (int guess = 0; guess < kMostGuesses; ++guess) {
    auto measured = meter.measure(window, most);
    const bool cut_short = measured.join.cut_short;
    auto verdict =
        cut::judge(measured.leading(), measured.clock, range, window, meter.run(), cut_short);
    Found found{std::move(measured), window, std::move(verdict), most};
    if (found.verdict.needs_earlier || (found.verdict.needs_later && !cut_short)) {
      window = cut::widened(window, found.verdict, spans, meter.run(), range,
                            first_time(found.measured), guess < kMostJumps);
      most = Portion::kAll;
    } else if (cut_short && !reaches_end(found)) {
      most = Portion::kAll;
      context.detail(fmt::format("the range reaches into segment {}", window.last - 1));
      continue;
    } else if (window.first > wide.first && !has_audio_lead(found)) {
      window.first = wide.first;
    } else {
      return found;
    }
    context.detail(fmt::format("segments {} to {} are not enough: measuring {} to {}",
                               found.window.first, found.window.last - 1, window.first,
                               window.last - 1));
  }
  throw Error(ErrorKind::bad_data, "the segments' timestamps contradict the playlist",
              "the range could not be found in them; is the recording damaged?");
}

}  // namespace momentcut::pipeline
