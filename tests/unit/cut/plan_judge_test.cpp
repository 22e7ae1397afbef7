// What measured packets say about a window: the frames of the cut, and what is missing.
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "cut/packets.hpp"
#include "momentcut/cut/plan.hpp"
#include "print.hpp"

using namespace momentcut::cut;
using namespace std::chrono_literals;
using momentcut::core::Range;
using momentcut::core::Time;
using momentcut::core::TimeBase;

namespace {

constexpr TimeBase kTs{1, 90'000};
using Pts = std::vector<std::int64_t>;

// Four seconds from 10 s of the run on, in the middle of it; a key frame a second.
Verdict judged(const Range& range, Window window = {2, 4}, Run run = {0, 9, 0s}) {
  return judge(video_of(plain_frames(900'000, 100, 25)), RunClock(kTs, 0, 0s), range, window, run);
}

}  // namespace

TEST_CASE("a range within a window needs nothing else") {
  const auto verdict = judged({11s, 12s});
  CHECK_FALSE(verdict.needs_earlier);
  CHECK_FALSE(verdict.needs_later);
  CHECK_FALSE(verdict.ends_stream);
  CHECK(verdict.cut.first == 990'000);
  CHECK(verdict.cut.end == 1'080'000);
  REQUIRE(verdict.cut.timestamps.size() == 25);
  CHECK(verdict.cut.timestamps.front() == 990'000);
  CHECK(verdict.cut.timestamps.back() == 1'080'000 - kFrame);
}

TEST_CASE("a frame on the end's border is not in the range, one on the start's border is") {
  CHECK(judged({11s, 11s + 40ms}).cut.timestamps == Pts{990'000});
  CHECK(judged({11s, 11s + 41ms}).cut.timestamps == Pts{990'000});
  CHECK(judged({11s, 11s + 80ms}).cut.timestamps == Pts{990'000, 993'600});
  CHECK(judged({11s + 1ms, 11s + 79ms}).cut.timestamps == Pts{990'000, 993'600});
}

TEST_CASE("stamps up to two milliseconds early count as their due, at both ends") {
  for (const std::int64_t early : {0, 90, 179, 180}) {
    auto packets = plain_frames(900'000, 100, 25);
    packets[25].pts -= early;
    packets[50].pts -= early;
    const auto verdict =
        judge(video_of(packets), RunClock(kTs, 0, 0s), {11s, 12s}, {2, 4}, {0, 9, 0s});
    CAPTURE(early);
    CHECK(verdict.cut.first == 990'000 - early);
    CHECK(verdict.cut.timestamps.size() == 25);
    CHECK(verdict.cut.end == 1'080'000 - early);
  }
  auto packets = plain_frames(900'000, 100, 25);
  packets[25].pts -= 181;
  packets[50].pts -= 181;
  const auto verdict =
      judge(video_of(packets), RunClock(kTs, 0, 0s), {11s, 12s}, {2, 4}, {0, 9, 0s});
  CHECK(verdict.cut.first == 990'000 + kFrame);
  CHECK(verdict.cut.timestamps.back() == 1'080'000 - 181);
}

TEST_CASE("a stamp later than its due by any rounding stays where it is") {
  auto packets = plain_frames(900'000, 100, 25);
  for (auto& packet : packets) packet.pts += 90;  // a millisecond
  const auto verdict =
      judge(video_of(packets), RunClock(kTs, 0, 0s), {11s, 12s}, {2, 4}, {0, 9, 0s});
  CHECK(verdict.cut.first == 990'090);
  CHECK(verdict.cut.timestamps.size() == 25);
}

TEST_CASE("a range that begins before the window's first key frame needs earlier segments") {
  CHECK(judged({9s, 11s}).needs_earlier);
  CHECK(judged({10s - 3ms, 11s}).needs_earlier);
  CHECK_FALSE(judged({10s + 3ms, 11s}).needs_earlier);
  // The tolerance reaches before the first frame, but the one before it does not come so near.
  CHECK_FALSE(judged({10s, 11s}).needs_earlier);
  CHECK(judged({10s - 1ms, 11s}).needs_earlier);
}

TEST_CASE("where frames are nearer than the tolerance, one before the window might belong") {
  std::vector<Packet> packets;
  for (std::int64_t i = 0; i < 4'000; ++i) {
    packets.push_back({900'000 + i * 90, 900'000 + i * 90, 90, i * 188, i % 1'000 == 0});
  }
  const auto judge_at = [&](Range range) {
    return judge(video_of(packets), RunClock(kTs, 0, 0s), range, {2, 4}, {0, 9, 0s});
  };
  CHECK(judge_at({10s, 11s}).needs_earlier);
  CHECK_FALSE(judge_at({10s + 2ms, 11s}).needs_earlier);
}

TEST_CASE("a segment that is cut short is not seen to its end") {
  const auto packets = plain_frames(900'000, 100, 25);
  const auto judge_to = [&](Range range, Run run, bool cut_short) {
    return judge(video_of(packets), RunClock(kTs, 0, 0s), range, {2, 4}, run, cut_short);
  };
  CHECK_FALSE(judge_to({11s, 13s}, {0, 9, 0s}, true).needs_later);
  CHECK(judge_to({11s, 15s}, {0, 4, 0s}, true).needs_later);
  CHECK_FALSE(judge_to({11s, 15s}, {0, 4, 0s}, true).ends_stream);
  CHECK_FALSE(judge_to({11s, 15s}, {0, 4, 0s}, false).needs_later);
  CHECK(judge_to({11s, 15s}, {0, 4, 0s}, false).ends_stream);
}

TEST_CASE("at a run's beginning there is nothing earlier to need") {
  const auto verdict = judged({9s, 11s}, {2, 4}, {2, 9, 10s});
  CHECK_FALSE(verdict.needs_earlier);
  CHECK(verdict.cut.first == 900'000);
}

TEST_CASE("a range past the window's last frame needs later segments") {
  CHECK_FALSE(judged({11s, 13s}).needs_later);
  CHECK(judged({11s, 14s}).needs_later);
  CHECK(judged({11s, 20s}).needs_later);
  CHECK(judged({20s, 21s}).needs_later);
  CHECK(judged({20s, 21s}).cut.empty());
}

TEST_CASE("at a run's end there is nothing later to need, and the last frame ends by its kind") {
  const auto verdict = judged({11s, 20s}, {2, 4}, {0, 4, 0s});
  CHECK_FALSE(verdict.needs_later);
  CHECK(verdict.ends_stream);
  CHECK(verdict.cut.timestamps.size() == 75);
  CHECK(verdict.cut.end == 1'260'000);
}

TEST_CASE("a range wholly past the end of the run holds nothing") {
  const auto verdict = judged({20s, 21s}, {2, 4}, {0, 4, 0s});
  CHECK(verdict.cut.empty());
  CHECK(verdict.ends_stream);
  CHECK_FALSE(verdict.needs_earlier);
  CHECK_FALSE(verdict.needs_later);
}

TEST_CASE("a range between two frames holds nothing and needs nothing") {
  const auto verdict = judged({11s + 5ms, 11s + 30ms});
  CHECK(verdict.cut.empty());
  CHECK_FALSE(verdict.needs_earlier);
  CHECK_FALSE(verdict.needs_later);
}

TEST_CASE("frames count in the order in which they are shown") {
  const auto video = video_of(reordered_frames(0, 6, 8));  // 150 frames, six groups
  const RunClock clock(kTs, 0, 0s);
  const auto verdict = judge(video, clock, {1s + 40ms, 2s}, {0, 2}, {0, 9, 0s});
  CHECK(verdict.cut.first == 26 * kFrame);
  CHECK(verdict.cut.end == 50 * kFrame);
  Pts all;
  for (std::int64_t i = 26; i < 50; ++i) all.push_back(i * kFrame);
  CHECK(verdict.cut.timestamps == all);
  CHECK_FALSE(verdict.needs_later);
}

TEST_CASE("with reordering a wanted frame may still follow until decoding has passed the end") {
  const RunClock clock(kTs, 0, 0s);
  // The last frame seen is shown at 1.6 s, but one at 1.56 s has not come yet.
  const std::vector<Packet> packets{{0, -kFrame, kFrame, 0, true},
                                    {40 * kFrame, 37 * kFrame, kFrame, 188, false},
                                    {38 * kFrame, 38 * kFrame, kFrame, 376, false}};
  CHECK(judge(video_of(packets), clock, {1s, 1'600ms}, {0, 1}, {0, 9, 0s}).needs_later);
  CHECK_FALSE(judge(video_of(packets), clock, {1s, 1'500ms}, {0, 1}, {0, 9, 0s}).needs_later);
}

TEST_CASE("frames of a variable rate are taken by their own times") {
  const std::vector<Packet> packets{{0, 0, 0, 0, true},
                                    {90'000, 90'000, 0, 1, true},
                                    {91'000, 91'000, 0, 2, false},
                                    {150'000, 150'000, 0, 3, false},
                                    {300'000, 300'000, 0, 4, true},
                                    {310'000, 310'000, 0, 5, false}};
  const auto verdict = judge(video_of(packets), RunClock(kTs, 0, 0s), {1s, 2s}, {0, 1}, {0, 9, 0s});
  CHECK(verdict.cut.timestamps == Pts{90'000, 91'000, 150'000});
  CHECK(verdict.cut.first == 90'000);
  CHECK_FALSE(verdict.needs_later);
}

TEST_CASE("frames before the window's first key frame cannot be decoded and do not count") {
  auto packets = plain_frames(900'000, 100, 25);
  for (int i = 0; i < 30; ++i) packets[static_cast<std::size_t>(i)].key = false;
  // The first key frame is now the one at 12 s.
  const auto early = judge(video_of(packets), RunClock(kTs, 0, 0s), {11s, 13s}, {2, 4}, {0, 9, 0s});
  CHECK(early.needs_earlier);
  const auto late =
      judge(video_of(packets), RunClock(kTs, 0, 0s), {12s + 40ms, 13s}, {2, 4}, {0, 9, 0s});
  CHECK_FALSE(late.needs_earlier);
  CHECK(late.cut.timestamps.size() == 24);
}

TEST_CASE("a window without any key frame needs earlier segments") {
  auto packets = plain_frames(900'000, 100, 25);
  for (auto& packet : packets) packet.key = false;
  const auto verdict =
      judge(video_of(packets), RunClock(kTs, 0, 0s), {11s, 12s}, {2, 4}, {0, 9, 0s});
  CHECK(verdict.needs_earlier);
}

TEST_CASE("a join's clock places frames on the playlist's timeline") {
  // A later run, which starts at 100 s, and whose join's stamps start at 133,200.
  const RunClock clock(kTs, 133'200, 100s);
  const auto video = video_of(plain_frames(133'200, 100, 25));
  const auto verdict = judge(video, clock, {101s, 102s}, {5, 7}, {5, 9, 100s});
  CHECK(verdict.cut.first == 133'200 + 90'000);
  CHECK(verdict.cut.timestamps.size() == 25);
}

TEST_CASE("packets without presentation times are no frames") {
  auto packets = plain_frames(900'000, 100, 25);
  packets[30].pts = kNoTimestamp;
  const auto verdict =
      judge(video_of(packets), RunClock(kTs, 0, 0s), {11s, 12s}, {2, 4}, {0, 9, 0s});
  CHECK(verdict.cut.timestamps.size() == 24);
  const auto none = judge(video_of({}), RunClock(kTs, 0, 0s), {11s, 12s}, {2, 4}, {0, 9, 0s});
  CHECK(none.needs_earlier);
  CHECK(none.needs_later);
  CHECK(none.cut.empty());
}
