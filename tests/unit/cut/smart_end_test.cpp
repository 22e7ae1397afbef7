// Where a clip of copied packets alone can end.
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "cut/coded.hpp"
#include "momentcut/cut/smart.hpp"

using namespace momentcut::cut;

namespace {

// For frames [first, end), in frames.
std::int64_t copyable(const Coded& made, int first, int end, std::int64_t zero = 0) {
  const auto found = copyable_end(made.video, zero + first * kFrame, zero + end * kFrame);
  CHECK((found - zero) % kFrame == 0);
  return (found - zero) / kFrame;
}

}  // namespace

TEST_CASE("without B-frames a copied clip ends where it is to end") {
  const auto made = coded({plain_group(25), plain_group(25)}, 0);
  for (int end = 1; end <= 50; ++end) CHECK(copyable(made, 0, end) == end);
  CHECK(copyable(made, 25, 40) == 40);
}

TEST_CASE("a copied clip goes on for the frames that its own refer to") {
  const auto made = coded({b_frame_group(8), b_frame_group(8)}, 1);
  CHECK(copyable(made, 0, 1) == 1);
  CHECK(copyable(made, 0, 2) == 4);
  CHECK(copyable(made, 0, 3) == 4);
  CHECK(copyable(made, 0, 4) == 4);
  CHECK(copyable(made, 25, 31) == 32);
  const auto pyramids = coded({pyramid_group(6), pyramid_group(6)}, 2);
  CHECK(copyable(pyramids, 25, 26) == 26);
  for (const int end : {27, 28, 29, 30}) CHECK(copyable(pyramids, 25, end) == 30);
  const auto early = coded({pyramid_group(6), pyramid_group(6)}, 2, -30 * kFrame);
  CHECK(copyable(early, 25, 27, -30 * kFrame) == 30);
}

TEST_CASE("a copied clip between two frames ends right there") {
  const auto made = coded({plain_group(25)}, 0);
  CHECK(copyable_end(made.video, 0, 4 * kFrame + 1) == 4 * kFrame + 1);
  CHECK(copyable_end(made.video, 0, 4 * kFrame - 1) == 4 * kFrame - 1);
}

TEST_CASE("a copied clip may end with the recording") {
  const auto made = coded({b_frame_group(8), b_frame_group(8)}, 1);
  CHECK(copyable(made, 25, 50) == 50);
  CHECK(copyable(made, 25, 48) == 50);
  CHECK(copyable(made, 25, 60) == 60);
}

TEST_CASE("a copied clip from an open group's key on is without the pictures shown before it") {
  const auto made = coded({b_frame_group(4), {2, 0, 1, 5, 3, 4}, plain_group(6)}, 1);
  CHECK(copyable(made, 15, 16) == 16);
  CHECK(copyable(made, 15, 17) == 19);
  CHECK(copyable(made, 15, 19) == 19);
}

TEST_CASE("where nothing begins there is nothing to go on for") {
  const auto made = coded({b_frame_group(8)}, 1);
  CHECK(copyable_end(made.video, 30 * kFrame, 40 * kFrame) == 40 * kFrame);
  CHECK(copyable_end({}, 0, 40 * kFrame) == 40 * kFrame);
}
