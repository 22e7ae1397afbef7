// The search for a range in recordings whose EXTINFs lie, played through.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "cut/packets.hpp"
#include "momentcut/cut/plan.hpp"
#include "print.hpp"

using namespace momentcut::cut;
using momentcut::core::Range;
using momentcut::core::Span;
using momentcut::core::Time;

namespace {

constexpr momentcut::core::TimeBase kTs{1, 90'000};
constexpr int kMostJumps = 4;

// A recording with what its playlist promises and what its segments really hold.
struct Recording {
  std::vector<Span> spans;
  std::vector<std::vector<Packet>> segments;
  std::vector<std::int64_t> frames;  // of all segments, ascending
};

// Segments of whole frames, each beginning with a key frame; EXTINFs off by up to `lie` of their
// length; now and then a hole in the timestamps.
Recording lying_recording(std::mt19937_64& random, double lie, bool holes) {
  Recording recording;
  const auto real = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  const int count = 1 + static_cast<int>(random() % 60);
  Time promised{};
  std::int64_t pts = 0;
  for (int i = 0; i < count; ++i) {
    const auto frames = 20 + random() % 200;
    recording.segments.push_back(plain_frames(pts, frames, 1'000));
    for (const auto& packet : recording.segments.back()) recording.frames.push_back(packet.pts);
    const auto length = static_cast<double>(frames) * 0.04 * real(1 - lie, 1 + lie);
    const Time duration(static_cast<std::int64_t>(length * 1e6));
    recording.spans.push_back({promised, duration, 0});
    promised += duration;
    pts += static_cast<std::int64_t>(frames) * kFrame;
    if (holes && random() % 8 == 0) pts += static_cast<std::int64_t>(random() % 100) * 90'000;
  }
  return recording;
}

Stream joined(const Recording& recording, const Window& window) {
  Stream video = video_of({});
  for (auto i = window.first; i < window.last; ++i) {
    const auto& packets = recording.segments[i];
    video.packets.insert(video.packets.end(), packets.begin(), packets.end());
  }
  return video;
}

// How many windows are measured until one holds the range; its verdict is held against the truth.
std::size_t guesses_until_found(const Recording& recording, const Range& range) {
  const RunClock clock(kTs, 0, Time{});
  const Run run{0, recording.spans.size(), Time{}};
  auto window = window_for(recording.spans, run, range, Time{});
  for (std::size_t guess = 1;; ++guess) {
    REQUIRE(window.first < window.last);
    REQUIRE(window.last <= recording.spans.size());
    REQUIRE(guess <= kMostJumps + recording.spans.size() + 1);
    const auto video = joined(recording, window);
    const auto verdict = judge(video, clock, range, window, run);
    if (!verdict.needs_earlier && !verdict.needs_later) {
      std::vector<std::int64_t> wanted;
      std::copy_if(recording.frames.begin(), recording.frames.end(), std::back_inserter(wanted),
                   [&](std::int64_t pts) {
                     return pts >= clock.first_at(range.start) && pts < clock.first_at(range.end);
                   });
      REQUIRE(verdict.cut.timestamps == wanted);
      return guess;
    }
    const auto start = clock.time_of(video.packets.front().pts);
    const auto next = widened(window, verdict, recording.spans, run, range, start,
                              guess <= static_cast<std::size_t>(kMostJumps));
    REQUIRE_FALSE(next == window);
    window = next;
  }
}

Range random_range(std::mt19937_64& random, const Recording& recording) {
  const auto end = momentcut::core::to_time(recording.frames.back(), kTs);
  const auto start = Time(
      static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(end.count() + 3'000'000)));
  return {start, start + Time(1'000 + static_cast<std::int64_t>(random() % 20'000'000))};
}

}  // namespace

TEST_CASE("the right frames are found however much EXTINF lies") {
  std::mt19937_64 random(6);
  for (int i = 0; i < 150; ++i) {
    const auto recording = lying_recording(random, 0.5, false);
    for (int j = 0; j < 5; ++j) guesses_until_found(recording, random_range(random, recording));
  }
}

TEST_CASE("the right frames are found across holes in the timestamps") {
  std::mt19937_64 random(7);
  for (int i = 0; i < 150; ++i) {
    const auto recording = lying_recording(random, 0.9, true);
    for (int j = 0; j < 5; ++j) guesses_until_found(recording, random_range(random, recording));
  }
}

TEST_CASE("where EXTINF is right the first guess does, but at a segment's very border") {
  std::mt19937_64 random(8);
  std::size_t guesses = 0;
  for (int i = 0; i < 200; ++i) {
    const auto recording = lying_recording(random, 0.0, false);
    guesses += guesses_until_found(recording, random_range(random, recording));
  }
  CHECK(guesses <= 205);
}
