// Segments that were cut short, told by their frames.
#include <cstdint>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "cut/packets.hpp"
#include "momentcut/cut/plan.hpp"
#include "print.hpp"

using namespace momentcut::cut;

namespace {

using Lost = std::optional<std::pair<std::int64_t, std::int64_t>>;

constexpr std::int64_t kFrames = 50;
// Two segments of 25 frames each.
const std::vector<std::int64_t> kOffsets{0, 25 * 188};

// 50 frames without those of `missing`.
Stream without(const std::vector<std::size_t>& missing) {
  auto packets = plain_frames(0, kFrames, 25);
  for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
    packets.erase(packets.begin() + static_cast<std::ptrdiff_t>(*at));
  }
  return video_of(packets);
}

Lost lost(const Stream& video, std::int64_t from = 0, std::int64_t until = kFrames * kFrame) {
  return find_lost_end(video, from, until, kOffsets);
}

}  // namespace

TEST_CASE("a steady stream that pauses at a segment's end has lost it") {
  CHECK(lost(without({24})) == std::pair(24 * kFrame, 25 * kFrame));
  CHECK(lost(without({20, 21, 22, 23, 24})) == std::pair(20 * kFrame, 25 * kFrame));
  CHECK_FALSE(lost(without({})));
}

TEST_CASE("a stream that pauses within segments, too, may pause anywhere") {
  CHECK_FALSE(lost(without({7, 24})));
  CHECK_FALSE(lost(without({24, 40})));
}

TEST_CASE("what is lost before or after the clip is no loss") {
  CHECK_FALSE(lost(without({24}), 25 * kFrame));
  CHECK_FALSE(lost(without({24}), 0, 24 * kFrame));
  CHECK(lost(without({24}), 24 * kFrame, 30 * kFrame));
  CHECK(lost(without({24}), 10 * kFrame, 25 * kFrame));
}

TEST_CASE("what is lost need not be what was to be shown last") {
  // I P b b P b b …: the last one decoded is shown before the one before it.
  auto packets = reordered_frames(0, 4, 4);
  const std::vector<std::int64_t> offsets{0, 26 * 188};
  packets.erase(packets.begin() + 25);
  const auto found = find_lost_end(video_of(packets), 0, 52 * kFrame, offsets);
  REQUIRE(found);
  CHECK(found->second - found->first == kFrame);
  CHECK(found->second <= 26 * kFrame);
}

TEST_CASE("frames that are shown in another order than they are decoded in are no pause") {
  const auto packets = reordered_frames(0, 4, 4);
  const std::vector<std::int64_t> offsets{0, 26 * 188};
  CHECK_FALSE(find_lost_end(video_of(packets), 0, 52 * kFrame, offsets));
}
