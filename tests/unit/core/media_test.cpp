// Ticks, time bases and their conversion.
#include "momentcut/core/media.hpp"

#include <cstdint>
#include <random>

#include <doctest/doctest.h>

#include "print.hpp"

using namespace momentcut::core;
using namespace std::chrono_literals;

namespace {

constexpr TimeBase kTs{1, 90'000};
constexpr TimeBase kFine{1, 10'000'000};
constexpr std::int64_t kTwoDays = 48LL * 3600;

}  // namespace

TEST_CASE("ticks become the nearest microsecond") {
  CHECK(to_time(0, kTs) == 0us);
  CHECK(to_time(90'000, kTs) == 1s);
  CHECK(to_time(1, kTs) == 11us);  // 11.1
  CHECK(to_time(5, kTs) == 56us);  // 55.6
  CHECK(to_time(-1, kTs) == -11us);
  CHECK(to_time(-5, kTs) == -56us);
  CHECK(to_time(3, {1001, 30'000}) == 100'100us);
  CHECK(to_time(1, {1, 2'000'000}) == 1us);  // half a microsecond goes up
  CHECK(to_time(-1, {1, 2'000'000}) == 0us);
}

TEST_CASE("a time's tick is the first one at or after it") {
  CHECK(ticks_at_or_after(0us, kTs) == 0);
  CHECK(ticks_at_or_after(1s, kTs) == 90'000);
  CHECK(ticks_at_or_after(1us, kTs) == 1);
  CHECK(ticks_at_or_after(11us, kTs) == 1);
  CHECK(ticks_at_or_after(12us, kTs) == 2);
  CHECK(ticks_at_or_after(-1us, kTs) == 0);
  CHECK(ticks_at_or_after(-11us, kTs) == 0);
  CHECK(ticks_at_or_after(-12us, kTs) == -1);
  CHECK(ticks_at_or_after(-1s, kTs) == -90'000);
  CHECK(ticks_at_or_after(1s, {1001, 30'000}) == 30);
}

TEST_CASE("a tick's own time leads back to it where microseconds tell ticks apart") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const auto ticks = static_cast<std::int64_t>(random() >> 24U) - (std::int64_t{1} << 39);
    const auto back = ticks_at_or_after(to_time(ticks, kTs), kTs);
    // The time was rounded, up at most half a microsecond, which is well below a tick.
    CHECK((back == ticks || back == ticks + 1));
    CHECK(to_time(ticks, kTs) - to_time(ticks - 1, kTs) >= 11us);
  }
}

TEST_CASE("nothing overflows in two days of a base of ten million ticks a second") {
  const auto ticks = kTwoDays * 10'000'000;
  CHECK(to_time(ticks, kFine) == std::chrono::seconds(kTwoDays));
  CHECK(to_time(-ticks, kFine) == -std::chrono::seconds(kTwoDays));
  CHECK(ticks_at_or_after(std::chrono::seconds(kTwoDays), kFine) == ticks);
  CHECK(ticks_at_or_after(-std::chrono::seconds(kTwoDays), kFine) == -ticks);
  CHECK(rescaled(ticks, kFine, kTs) == kTwoDays * 90'000);
  CHECK(rescaled(kTwoDays * 90'000, kTs, kFine) == ticks);
  CHECK(rescaled(ticks, kFine, {1, 1'000'000'000}) == kTwoDays * 1'000'000'000);
}

TEST_CASE("rescaling rounds to the nearest tick, halves up") {
  CHECK(rescaled(1, kTs, {1, 48'000}) == 1);  // 0.53
  CHECK(rescaled(-1, kTs, {1, 48'000}) == -1);
  CHECK(rescaled(1, {1, 2}, {1, 1}) == 1);
  CHECK(rescaled(-1, {1, 2}, {1, 1}) == 0);
  CHECK(rescaled(-3, {1, 2}, {1, 1}) == -1);
  CHECK(rescaled(7, kTs, kTs) == 7);
  CHECK(rescaled(1001, {1, 30'000}, kTs) == 3003);
  CHECK(rescaled(100, {1001, 60'000}, kTs) == 150'150);
}
