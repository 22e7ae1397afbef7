// What a clip copies and what it encodes, frame by frame.
#include "momentcut/cut/smart.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "cut/coded.hpp"
#include "print.hpp"

using namespace momentcut::cut;

namespace {

std::string said(const std::variant<CopyPlan, Refusal>& found) {
  if (const auto* refusal = std::get_if<Refusal>(&found)) return refusal->why;
  const auto& plan = std::get<CopyPlan>(found);
  return fmt::format("{} [{}, {}) {}", plan.head.timestamps.size(), plan.first, plan.last,
                     plan.tail.timestamps.size());
}

// Frames [first, end) of `made`: so many encoded, the packets that are copied, so many encoded.
std::string planned(const Coded& made, int first, int end, std::int64_t zero = 0) {
  const auto frames = frames_between(made.video, zero + first * kFrame, zero + end * kFrame);
  return said(plan_copy(made.video, frames, made.keys));
}

const Coded kPlain = coded({plain_group(25), plain_group(25), plain_group(25)}, 0);
const Coded kWithB = coded({b_frame_group(8), b_frame_group(8), b_frame_group(8)}, 1);
const Coded kPyramids = coded({pyramid_group(6), pyramid_group(6), pyramid_group(6)}, 2);

}  // namespace

TEST_CASE("a clip that begins with an IDR picture is copied from its first frame on") {
  CHECK(planned(kPlain, 0, 75) == "0 [0, 75) 0");
  CHECK(planned(kPlain, 25, 75) == "0 [25, 75) 0");
  CHECK(planned(kWithB, 25, 75) == "0 [25, 75) 0");
  CHECK(planned(kPyramids, 50, 75) == "0 [50, 75) 0");
}

TEST_CASE("what lies before the first IDR picture is encoded") {
  for (const auto* made : {&kPlain, &kWithB, &kPyramids}) {
    CHECK(planned(*made, 1, 75) == "24 [25, 75) 0");
    CHECK(planned(*made, 12, 50) == "13 [25, 50) 0");
  }
}

TEST_CASE("a head of fewer than eight frames goes on to the next IDR picture") {
  CHECK(planned(kPlain, 16, 75) == "9 [25, 75) 0");
  CHECK(planned(kPlain, 17, 75) == "8 [25, 75) 0");
  CHECK(planned(kPlain, 18, 75) == "32 [50, 75) 0");
  CHECK(planned(kPlain, 24, 75) == "26 [50, 75) 0");
  CHECK(planned(kWithB, 24, 75) == "26 [50, 75) 0");
  // With short groups, the one after that.
  const auto short_groups = coded(std::vector<Group>(10, plain_group(3)), 0);
  CHECK(planned(short_groups, 0, 30) == "0 [0, 30) 0");
  CHECK(planned(short_groups, 1, 30) == "8 [9, 30) 0");
  CHECK(planned(short_groups, 2, 30) == "10 [12, 30) 0");
}

TEST_CASE("the least head is the caller's to say") {
  const auto frames = frames_between(kPlain.video, 24 * kFrame, 75 * kFrame);
  CHECK(said(plan_copy(kPlain.video, frames, kPlain.keys, 1)) == "1 [25, 75) 0");
  CHECK(said(plan_copy(kPlain.video, frames, kPlain.keys, 0)) == "1 [25, 75) 0");
  CHECK(said(plan_copy(kPlain.video, frames, kPlain.keys, 2)) == "26 [50, 75) 0");
}

TEST_CASE("without B-frames a copy ends anywhere") {
  for (int end = 26; end <= 75; ++end) {
    CAPTURE(end);
    CHECK(planned(kPlain, 25, end) == fmt::format("0 [25, {}) 0", end));
  }
}

TEST_CASE("frames whose references are shown after the clip are encoded") {
  CHECK(planned(kWithB, 25, 26) == "0 [25, 26) 0");
  CHECK(planned(kWithB, 25, 27) == "0 [25, 26) 1");
  CHECK(planned(kWithB, 25, 28) == "0 [25, 26) 2");
  CHECK(planned(kWithB, 25, 29) == "0 [25, 29) 0");
  CHECK(planned(kWithB, 25, 30) == "0 [25, 29) 1");
  CHECK(planned(kPyramids, 25, 27) == "0 [25, 26) 1");
  CHECK(planned(kPyramids, 25, 28) == "0 [25, 26) 2");
  CHECK(planned(kPyramids, 25, 29) == "0 [25, 26) 3");
  CHECK(planned(kPyramids, 25, 30) == "0 [25, 30) 0");
  CHECK(planned(kPyramids, 10, 52) == "15 [25, 51) 1");
}

TEST_CASE("head and tail are the frames around what is copied") {
  const auto frames = frames_between(kPyramids.video, 10 * kFrame, 33 * kFrame);
  const auto found = plan_copy(kPyramids.video, frames, kPyramids.keys);
  REQUIRE(said(found) == "15 [25, 30) 3");
  const auto& plan = std::get<CopyPlan>(found);
  CHECK(plan.has_edges());
  CHECK(plan.copied() == 5);
  CHECK(plan.head.first == 10 * kFrame);
  CHECK(plan.head.end == 25 * kFrame);
  CHECK(plan.head.timestamps.front() == 10 * kFrame);
  CHECK(plan.head.timestamps.back() == 24 * kFrame);
  CHECK(plan.tail.first == 30 * kFrame);
  CHECK(plan.tail.end == 33 * kFrame);
  CHECK(plan.tail.timestamps == std::vector<std::int64_t>{30 * kFrame, 31 * kFrame, 32 * kFrame});
  const auto whole = plan_copy(
      kPyramids.video, frames_between(kPyramids.video, 25 * kFrame, 50 * kFrame), kPyramids.keys);
  CHECK_FALSE(std::get<CopyPlan>(whole).has_edges());
}

TEST_CASE("a clip may end with the recording") {
  CHECK(planned(kWithB, 30, 75) == "20 [50, 75) 0");
  // Its last frame may be shown for longer than the others, or not as long.
  for (const auto end : {74 * kFrame + 1, 80 * kFrame}) {
    const auto frames = frames_between(kWithB.video, 25 * kFrame, end);
    CHECK(said(plan_copy(kWithB.video, frames, kWithB.keys)) == "0 [25, 75) 0");
  }
}

TEST_CASE("timestamps may be negative") {
  const auto zero = -60 * kFrame;
  const auto made = coded({pyramid_group(6), pyramid_group(6), pyramid_group(6)}, 2, zero);
  CHECK(planned(made, 12, 52, zero) == "13 [25, 51) 1");
  CHECK(planned(made, 24, 61, zero) == "26 [50, 59) 2");
}

TEST_CASE("frames may come at any distance") {
  auto made = kWithB;
  // Every frame as long as its number, from 1 ms on.
  const auto stretched = [](std::int64_t pts) {
    const auto i = pts / kFrame;
    return 90 * (i + i * (i + 1) / 2);
  };
  for (auto& packet : made.video.packets) {
    packet.pts = stretched(packet.pts);
    packet.dts = stretched(packet.dts + kFrame) - 90'000;
  }
  for (auto& key : made.keys) key = stretched(key);
  const auto frames = [&](int first, int end) {
    return frames_between(made.video, stretched(first * kFrame), stretched(end * kFrame));
  };
  CHECK(said(plan_copy(made.video, frames(17, 75), made.keys)) == "8 [25, 75) 0");
  CHECK(said(plan_copy(made.video, frames(18, 75), made.keys)) == "32 [50, 75) 0");
  CHECK(said(plan_copy(made.video, frames(25, 31), made.keys)) == "0 [25, 29) 2");
}

TEST_CASE("pictures that follow a key but are shown before it are counted, and not copied") {
  // The second key is shown after two pictures that follow it.
  const auto made = coded({b_frame_group(4), {2, 0, 1, 5, 3, 4}, {0, 1, 2, 3, 4, 5}}, 1);
  REQUIRE(made.keys[1] == 15 * kFrame);
  const auto frames = frames_between(made.video, 2 * kFrame, 22 * kFrame);
  const auto found = plan_copy(made.video, frames, made.keys);
  REQUIRE(said(found) == "13 [13, 22) 0");
  const auto& plan = std::get<CopyPlan>(found);
  CHECK(plan.leading == 2);
  CHECK(plan.copied() == 7);
  CHECK(plan.head.timestamps.back() == 14 * kFrame);
}

TEST_CASE("the plan tells how long before it is shown the first packet is decoded") {
  const auto delay_of = [](const Coded& made) {
    const auto plan = std::get<CopyPlan>(
        plan_copy(made.video, frames_between(made.video, 25 * kFrame, 75 * kFrame), made.keys));
    return std::pair(plan.delay, plan.reorder);
  };
  CHECK(delay_of(kPlain) == std::pair(std::int64_t{0}, std::size_t{0}));
  CHECK(delay_of(kWithB) == std::pair(kFrame, std::size_t{1}));
  CHECK(delay_of(kPyramids) == std::pair(2 * kFrame, std::size_t{2}));
  // Where timestamps are rounded, or say nonsense, to the nearest frame.
  const auto moved = [](std::int64_t ticks) {
    auto made = kWithB;
    for (auto& packet : made.video.packets) packet.dts += ticks;
    return made;
  };
  CHECK(delay_of(moved(45)) == std::pair(kFrame - 45, std::size_t{1}));
  CHECK(delay_of(moved(-45)) == std::pair(kFrame + 45, std::size_t{1}));
  CHECK(delay_of(moved(-kFrame)).second == 2);
  CHECK(delay_of(moved(9 * kFrame)) == std::pair(-8 * kFrame, std::size_t{0}));
}

TEST_CASE("a video whose packets do not all have timestamps is not copied") {
  auto without_pts = kPlain;
  without_pts.video.packets[70].pts = kNoTimestamp;
  CHECK(planned(without_pts, 25, 50) == "timestamps are missing");
  auto without_dts = kPlain;
  without_dts.video.packets[0].dts = kNoTimestamp;
  CHECK(planned(without_dts, 25, 50) == "timestamps are missing");
}

TEST_CASE("a video whose decoding timestamps stand or fall is not copied") {
  auto standing = kPlain;
  standing.video.packets[30].dts = standing.video.packets[29].dts;
  CHECK(planned(standing, 25, 50) == "decoding timestamps do not rise");
  auto falling = kPlain;
  falling.video.packets[3].dts = -1;
  CHECK(planned(falling, 25, 50) == "decoding timestamps do not rise");
}

TEST_CASE("a clip without an IDR picture is not copied, and the reason tells of open GOPs") {
  CHECK(planned(kPlain, 3, 20) == "no IDR picture in the range");
  CHECK(planned(kPlain, 26, 50) == "no IDR picture in the range");
  auto open = kPlain;
  open.keys = {0};
  CHECK(planned(open, 3, 40) == "open GOP without IDR");
  CHECK(planned(open, 3, 20) == "no IDR picture in the range");
  CHECK(planned(open, 0, 40) == "0 [0, 40) 0");
  CHECK(said(plan_copy({}, {}, {})) == "no IDR picture in the range");
}

TEST_CASE("a clip whose only IDR picture comes too soon is not copied") {
  CHECK(planned(kPlain, 24, 50) == "the only IDR picture comes too soon after the first frame");
  CHECK(planned(kPlain, 18, 26) == "the only IDR picture comes too soon after the first frame");
}

TEST_CASE("a clip that ends among the pictures around its only key is not copied") {
  // 12 is decoded, then 16, and 10 and 11 only after them.
  const auto made = coded({plain_group(10), {2, 6, 0, 1, 3, 4, 5}}, 2);
  CHECK(planned(made, 0, 14) == "0 [0, 10) 4");
  auto later = made;
  later.keys = {12 * kFrame};
  CHECK(planned(later, 0, 14) == "nothing can be copied");
}

TEST_CASE("a clip whose frames are not all packets, or not all of them, is not copied") {
  auto frames = frames_between(kPlain.video, 10 * kFrame, 60 * kFrame);
  frames.timestamps.insert(frames.timestamps.begin() + 30, 40 * kFrame - 1);
  CHECK(said(plan_copy(kPlain.video, frames, kPlain.keys)) == "its packets are not its frames");
  frames = frames_between(kPlain.video, 10 * kFrame, 60 * kFrame);
  frames.timestamps.erase(frames.timestamps.begin() + 30);
  CHECK(said(plan_copy(kPlain.video, frames, kPlain.keys)) == "its packets are not its frames");
}

TEST_CASE("a key that is a frame but no packet is refused") {
  auto made = kPlain;
  made.video.packets.erase(made.video.packets.begin() + 25, made.video.packets.end());
  const auto frames = frames_between(kPlain.video, 10 * kFrame, 60 * kFrame);
  CHECK(said(plan_copy(made.video, frames, made.keys)) == "its packets are not its frames");
}

TEST_CASE("a key that is no frame is passed over") {
  auto made = kPlain;
  made.keys = {25 * kFrame - 1, 25 * kFrame + 1, 50 * kFrame};
  CHECK(planned(made, 10, 75) == "40 [50, 75) 0");
}
