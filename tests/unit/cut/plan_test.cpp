// Which segments a range needs, and where decoding starts.
#include "momentcut/cut/plan.hpp"

#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "cut/packets.hpp"
#include "print.hpp"

using namespace momentcut::cut;
using namespace std::chrono_literals;
using momentcut::core::Range;
using momentcut::core::Span;

namespace {

// Ten segments of six seconds.
std::vector<Span> six_seconds() {
  std::vector<Span> spans;
  for (int i = 0; i < 10; ++i) spans.push_back({i * 6s, 6s, 0});
  return spans;
}

constexpr Run kWhole{0, 10, 0s};

Window window_of(Range range, momentcut::core::Time drift = 0s) {
  return window_for(six_seconds(), kWhole, range, drift);
}

}  // namespace

TEST_CASE("a window is the segments a range touches") {
  CHECK(window_of({14s, 15s}) == Window{2, 3});
  CHECK(window_of({14s, 28s}) == Window{2, 5});
  CHECK(window_of({9s, 21s}) == Window{1, 4});
}

TEST_CASE("a range that comes within two seconds of a segment's edge takes the neighbour, too") {
  CHECK(window_of({12s, 18s}) == Window{1, 4});
  CHECK(window_of({14s - 1us, 16s}) == Window{1, 3});
  CHECK(window_of({14s, 16s + 1us}) == Window{2, 4});
  CHECK(window_of({12s, 18s + 2s}) == Window{1, 4});
}

TEST_CASE("a window does not reach past its run") {
  CHECK(window_of({0s, 1s}) == Window{0, 1});
  CHECK(window_of({0s, 5s}) == Window{0, 2});
  CHECK(window_of({59s, 60s}) == Window{9, 10});
  CHECK(window_of({0s, 60s}) == Window{0, 10});
  const auto spans = six_seconds();
  CHECK(window_for(spans, {3, 6, 18s}, {18s, 23s}, 0s) == Window{3, 5});
  CHECK(window_for(spans, {3, 6, 18s}, {31s, 36s}, 0s) == Window{4, 6});
  CHECK(window_for(spans, {3, 4, 18s}, {20s, 21s}, 0s) == Window{3, 4});
}

TEST_CASE("a range outside its run has the window nearest to it") {
  CHECK(window_of({70s, 80s}) == Window{9, 10});
  CHECK(window_of({-20s, -10s}) == Window{0, 1});
  CHECK(window_for(six_seconds(), {3, 6, 18s}, {50s, 51s}, 0s) == Window{5, 6});
  CHECK(window_for(six_seconds(), {3, 6, 18s}, {0s, 1s}, 0s) == Window{3, 4});
}

TEST_CASE("without its lead a window begins with the first segment that the range touches") {
  const auto narrow = [](Window window, Range range) {
    return without_lead(window, six_seconds(), range);
  };
  CHECK(narrow({1, 4}, {12s, 18s}) == Window{2, 4});
  CHECK(narrow({1, 4}, {12s - 1us, 18s}) == Window{1, 4});
  CHECK(narrow({2, 3}, {14s, 15s}) == Window{2, 3});
  CHECK(narrow({9, 10}, {70s, 80s}) == Window{9, 10});
}

TEST_CASE("drift moves the window against EXTINF") {
  CHECK(window_of({14s, 15s}, 0s) == Window{2, 3});
  CHECK(window_of({26s, 27s}, 12s) == Window{2, 3});
  CHECK(window_of({14s, 15s}, -12s) == Window{4, 5});
  CHECK(window_of({13s, 14s}, 1h) == Window{0, 1});
  CHECK(window_of({13s, 14s}, -1h) == Window{9, 10});
}

TEST_CASE("segments without a duration do not break a window") {
  const std::vector<Span> spans{{0s, 6s, 0}, {6s, 0s, 0}, {6s, 0s, 0}, {6s, 6s, 0}};
  const auto window = window_for(spans, {0, 4, 0s}, {7s, 8s}, 0s);
  CHECK(window.first <= 2);
  CHECK(window.last == 4);
  CHECK(window_for({spans.data() + 1, 1}, {0, 1, 6s}, {6s, 7s}, 0s) == Window{0, 1});
}

TEST_CASE("a window's segments are listed in order") {
  CHECK(segments_of({3, 6}) == std::vector<std::size_t>{3, 4, 5});
  CHECK(segments_of({3, 4}) == std::vector<std::size_t>{3});
}

TEST_CASE("a window widens by one segment at least on the side that is short") {
  const auto spans = six_seconds();
  Verdict verdict;
  verdict.cut.timestamps = {0};
  verdict.needs_earlier = true;
  CHECK(widened({4, 6}, verdict, spans, kWhole, {25s, 26s}, 24s, false) == Window{3, 6});
  verdict.needs_later = true;
  CHECK(widened({4, 6}, verdict, spans, kWhole, {25s, 26s}, 24s, false) == Window{3, 7});
  verdict.needs_earlier = false;
  CHECK(widened({4, 6}, verdict, spans, kWhole, {25s, 26s}, 24s, false) == Window{4, 7});
}

TEST_CASE("a window widens at once as far as the measured clock says") {
  Verdict later;
  later.needs_later = true;
  // Segment 3 really begins at 6 s: the range lies two segments later than EXTINF promised.
  CHECK(widened({3, 6}, later, six_seconds(), kWhole, {27s, 33s}, 6s, false) == Window{3, 8});
  Verdict earlier;
  earlier.needs_earlier = true;
  CHECK(widened({3, 6}, earlier, six_seconds(), kWhole, {25s, 26s}, 30s, false) == Window{1, 6});
}

TEST_CASE("a window that missed its range jumps there, once it may") {
  Verdict later;
  later.needs_later = true;
  // Segment 0 begins where it should, but the window is nowhere near the range.
  CHECK(widened({0, 3}, later, six_seconds(), kWhole, {50s, 51s}, 0s, true) == Window{8, 9});
  CHECK(widened({0, 3}, later, six_seconds(), kWhole, {50s, 51s}, 0s, false) == Window{0, 9});
  Verdict earlier;
  earlier.needs_earlier = true;
  CHECK(widened({7, 10}, earlier, six_seconds(), kWhole, {3s, 4s}, 42s, true) == Window{0, 1});
  CHECK(widened({7, 10}, earlier, six_seconds(), kWhole, {3s, 4s}, 42s, false) == Window{0, 10});
}

TEST_CASE("a window that holds some of its frames never jumps away from them") {
  Verdict verdict;
  verdict.needs_later = true;
  verdict.cut.timestamps = {1, 2, 3};
  const auto wider = widened({0, 3}, verdict, six_seconds(), kWhole, {50s, 51s}, 0s, true);
  CHECK(wider.first == 0);
  CHECK(wider.last > 3);
}

TEST_CASE("decoding starts at the last segment whose key frame is not past the first frame") {
  // Four segments of 1,000 bytes, each with a key frame; 25 frames apart.
  std::vector<Packet> packets;
  for (int i = 0; i < 100; ++i) {
    packets.push_back({i * kFrame, i * kFrame, kFrame, i * 40, i % 25 == 0});
  }
  const auto video = video_of(packets);
  const std::vector<std::int64_t> offsets{0, 1'000, 2'000, 3'000};
  const auto start = [&](std::int64_t frame) {
    return decode_start(video, {frame * kFrame, 0, {}}, {7, 11}, offsets);
  };
  CHECK(start(0) == 7);
  CHECK(start(24) == 7);
  CHECK(start(25) == 8);
  CHECK(start(49) == 8);
  CHECK(start(99) == 10);
}

TEST_CASE("frames shown before a key frame and decoded after it start a segment earlier") {
  // Segment 1 begins with a key frame shown at 10, then a frame shown at 9.
  const auto video = video_of({{0, 0, 1, 0, true},
                               {8, 8, 1, 100, false},
                               {10, 9, 1, 200, true},
                               {9, 9, 1, 300, false},
                               {11, 11, 1, 400, false}});
  const std::vector<std::int64_t> offsets{0, 200};
  CHECK(decode_start(video, {9, 12, {}}, {4, 6}, offsets) == 4);
  CHECK(decode_start(video, {10, 12, {}}, {4, 6}, offsets) == 5);
}

TEST_CASE("decoding starts at the window where no key frame tells better") {
  const std::vector<std::int64_t> offsets{0, 200};
  CHECK(decode_start(video_of({{0, 0, 1, 0, false}}), {0, 1, {}}, {4, 6}, offsets) == 4);
  CHECK(decode_start(video_of({{0, 0, 1, -1, true}}), {0, 1, {}}, {4, 6}, offsets) == 4);
  CHECK(decode_start(video_of({{kNoTimestamp, 0, 1, 250, true}}), {0, 1, {}}, {4, 6}, offsets) ==
        4);
}

TEST_CASE("the last frame lasts as long as frames usually do") {
  const auto video = video_of({{0, 0, 50, 0, true}});
  CHECK(end_of_last_frame(std::vector<std::int64_t>{0, 100, 200, 300}, video) == 400);
  // A hole is not the usual distance.
  CHECK(end_of_last_frame(std::vector<std::int64_t>{0, 100, 200, 9'000, 9'100}, video) == 9'200);
  // A single frame lasts as long as its packet says, one tick at least.
  CHECK(end_of_last_frame(std::vector<std::int64_t>{700}, video) == 750);
  CHECK(end_of_last_frame(std::vector<std::int64_t>{700}, video_of({{0, 0, 0, 0, true}})) == 701);
  CHECK(end_of_last_frame(std::vector<std::int64_t>{700}, video_of({})) == 701);
  // Equal timestamps do not make it end before it begins.
  CHECK(end_of_last_frame(std::vector<std::int64_t>{5, 5, 5}, video) == 6);
}
