// Runs, clocks and where a run's presentation begins.
#include "momentcut/cut/timeline.hpp"

#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "cut/packets.hpp"
#include "print.hpp"

using namespace momentcut::cut;
using namespace std::chrono_literals;
using momentcut::core::Span;
using momentcut::core::Time;
using momentcut::core::TimeBase;

namespace {

constexpr TimeBase kTs{1, 90'000};
constexpr std::int64_t kTurn = std::int64_t{1} << 33;

std::optional<std::int64_t> first_of(const std::vector<Packet>& packets, bool complete) {
  return first_timestamp(packets, complete);
}

}  // namespace

TEST_CASE("a playlist without discontinuities is one run") {
  const std::vector<Span> spans{{0s, 6s, 0}, {6s, 6s, 0}, {12s, 3s, 0}};
  const auto runs = runs_of(spans);
  REQUIRE(runs.size() == 1);
  CHECK(runs[0] == Run{0, 3, 0s});
}

TEST_CASE("each discontinuity begins a run where the one before it ends") {
  const std::vector<Span> spans{{0s, 6s, 0}, {6s, 4s, 0}, {10s, 6s, 1}, {16s, 6s, 2}, {22s, 1s, 2}};
  const auto runs = runs_of(spans);
  REQUIRE(runs.size() == 3);
  CHECK(runs[0] == Run{0, 2, 0s});
  CHECK(runs[1] == Run{2, 3, 10s});
  CHECK(runs[2] == Run{3, 5, 16s});
}

TEST_CASE("no spans make no runs") {
  CHECK(runs_of({}).empty());
}

TEST_CASE("elapsed ticks need no guess within a turn of the clock") {
  CHECK(unwrapped_elapsed(1'000, 1'000, 0s, kTs) == 0);
  CHECK(unwrapped_elapsed(1'000, 91'000, 1s, kTs) == 90'000);
  CHECK(unwrapped_elapsed(91'000, 1'000, 0s, kTs) == -90'000);
}

TEST_CASE("elapsed ticks go on where the clock wraps") {
  CHECK(unwrapped_elapsed(kTurn - 90'000, 0, 1s, kTs) == 90'000);
  CHECK(unwrapped_elapsed(kTurn - 1, 0, 0s, kTs) == 1);
  CHECK(unwrapped_elapsed(0, kTurn - 1, 0s, kTs) == -1);
  // What has wrapped already and what ffprobe has unwrapped by itself are the same moment.
  CHECK(unwrapped_elapsed(kTurn - 90'000, kTurn, 1s, kTs) == 90'000);
}

TEST_CASE("elapsed ticks are right over many turns while the guess is off by hours") {
  const auto anchor = kTurn - 12'345;
  for (int turns = 0; turns < 8; ++turns) {
    for (const std::int64_t off : {-12LL * 3600, -3600LL, 0LL, 3600LL, 12LL * 3600}) {
      const auto truth = turns * kTurn + 777'777;
      const auto raw = (anchor + truth) % kTurn;
      const Time roughly = momentcut::core::to_time(truth, kTs) + std::chrono::seconds(off);
      CHECK(unwrapped_elapsed(anchor, raw, roughly, kTs) == truth);
      CHECK(unwrapped_elapsed(raw, anchor, -roughly, kTs) == -truth);
    }
  }
}

TEST_CASE("elapsed ticks are right for any anchor, any time and any guess nearer than 13 hours") {
  std::mt19937_64 random(5);
  for (int i = 0; i < 20'000; ++i) {
    const auto anchor = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(kTurn));
    const auto truth = static_cast<std::int64_t>(random() % (1ULL << 37)) - (std::int64_t{1} << 36);
    const auto raw = ((anchor + truth) % kTurn + kTurn) % kTurn;
    const auto off = std::chrono::seconds(static_cast<std::int64_t>(random() % 93'600) - 46'800);
    CHECK(unwrapped_elapsed(anchor, raw, momentcut::core::to_time(truth, kTs) + off, kTs) == truth);
  }
}

TEST_CASE("a run's clock turns times into timestamps and back") {
  const RunClock clock(kTs, 133'200, 10s);
  CHECK(clock.base() == kTs);
  CHECK(clock.zero() == 133'200);
  CHECK(clock.timestamp_of(10s) == 133'200);
  CHECK(clock.timestamp_of(11s) == 223'200);
  CHECK(clock.timestamp_of(9s) == 43'200);
  CHECK(clock.timestamp_of(10s + 1us) == 133'201);
  CHECK(clock.time_of(133'200) == 10s);
  CHECK(clock.time_of(223'200) == 11s);
  CHECK(clock.time_of(43'200) == 9s);
}

TEST_CASE("a frame counts from two milliseconds before its due") {
  const RunClock clock(kTs, 0, 0s);
  CHECK(clock.first_at(1s) == 90'000 - 180);
  CHECK(clock.first_at(0s) == -180);
  const RunClock milliseconds({1, 1000}, 500, 0s);
  CHECK(milliseconds.first_at(1s) == 1'498);
}

TEST_CASE("the first timestamp is the lowest that nothing after it can undercut") {
  CHECK(first_of(plain_frames(1'000, 10, 10), false) == 1'000);
  CHECK(first_of(reordered_frames(133'200, 2, 3), false) == 133'200);
}

TEST_CASE("a head that is too short to tell needs more") {
  // The first frame shown may still come while no later one is decoded.
  const std::vector<Packet> one{{100, 90, 10, 0, true}};
  CHECK(first_of(one, false) == std::nullopt);
  CHECK(first_of(one, true) == 100);
  const std::vector<Packet> two{{100, 80, 10, 0, true}, {130, 90, 10, 188, false}};
  CHECK(first_of(two, false) == std::nullopt);
  const std::vector<Packet> three{
      {100, 80, 10, 0, true}, {130, 90, 10, 188, false}, {110, 100, 10, 376, false}};
  CHECK(first_of(three, false) == 100);
  CHECK(first_of({}, false) == std::nullopt);
  CHECK(first_of({}, true) == std::nullopt);
}

TEST_CASE("frames before the first key frame do not count") {
  // Open GOP: two frames are decoded after the key frame and shown before it, from references that
  // are not there.
  const std::vector<Packet> leading{{130, 100, 10, 0, true},
                                    {110, 105, 10, 188, false},
                                    {120, 110, 10, 376, false},
                                    {140, 140, 10, 564, false}};
  CHECK(first_of(leading, false) == 130);
  // A recording that begins within a GOP.
  const std::vector<Packet> within{{10, 10, 10, 0, false},
                                   {20, 20, 10, 188, false},
                                   {30, 30, 10, 376, true},
                                   {40, 40, 10, 564, false}};
  CHECK(first_of(within, false) == 30);
}

TEST_CASE("without any key frame everything counts, once all is there") {
  const std::vector<Packet> packets{{20, 10, 10, 0, false}, {10, 15, 10, 188, false}};
  CHECK(first_of(packets, false) == std::nullopt);
  CHECK(first_of(packets, true) == 10);
}

TEST_CASE("packets without timestamps tell nothing") {
  const std::vector<Packet> some{{kNoTimestamp, kNoTimestamp, 0, 0, true},
                                 {50, 50, 10, 188, true},
                                 {kNoTimestamp, 60, 10, 376, false},
                                 {60, 60, 10, 564, false}};
  CHECK(first_of(some, false) == 50);
  const std::vector<Packet> none{{kNoTimestamp, kNoTimestamp, 0, 0, true}};
  CHECK(first_of(none, true) == std::nullopt);
  const std::vector<Packet> no_dts{{50, kNoTimestamp, 10, 0, true},
                                   {40, kNoTimestamp, 10, 188, true},
                                   {60, kNoTimestamp, 10, 376, true}};
  CHECK(first_of(no_dts, false) == std::nullopt);
}

TEST_CASE("a gap parts a run in two with one clock") {
  std::vector<Span> spans{{0s, 6s, 0}, {6s, 6s, 0}, {12s, 6s, 0}, {18s, 6s, 1}};
  spans[1].gap = true;
  const auto runs = runs_of(spans);
  REQUIRE(runs.size() == 3);
  CHECK(runs[0] == Run{0, 1, 0s});
  CHECK(runs[1] == Run{2, 3, 0s, true});
  CHECK(runs[2] == Run{3, 4, 18s});
}

TEST_CASE("a gap at the beginning leaves the clock to what follows it") {
  std::vector<Span> spans{{0s, 6s, 0}, {6s, 6s, 0}};
  spans[0].gap = true;
  const auto runs = runs_of(spans);
  REQUIRE(runs.size() == 1);
  CHECK(runs[0] == Run{1, 2, 6s});
  spans[1].gap = true;
  CHECK(runs_of(spans).empty());
}
