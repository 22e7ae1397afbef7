// Dates of the wall, and where they lie.
#include "momentcut/cut/wall_clock.hpp"

#include <optional>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "print.hpp"

using namespace momentcut::cut;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::Span;
using momentcut::core::thrown_by;
using momentcut::core::WallTime;

namespace {

WallTime at(std::chrono::microseconds after) {
  return *momentcut::core::parse_wall_time("2020-08-03T16:00:00Z") + after;
}

// Three segments of 6 s, dated from 16:00 on, each by itself.
const std::vector<Span> kSpans{{0s, 6s, 0}, {6s, 6s, 0}, {12s, 6s, 0}};
const std::vector<Dating> kDates{{at(0s), at(0s)}, {at(6s), at(6s)}, {at(12s), at(12s)}};

WallPlace place(WallTime wall, bool is_end = false, const std::vector<Span>& spans = kSpans,
                const std::vector<Dating>& dates = kDates) {
  return place_of(wall, is_end, spans, dates);
}

}  // namespace

TEST_CASE("a date is told from the segment that covers it") {
  CHECK(place(at(0s)) == WallPlace{0, 0s});
  CHECK(place(at(7'500ms)) == WallPlace{1, 1'500ms});
  CHECK(place(at(6s)) == WallPlace{1, 0s});
  // As an end, it ends the segment before.
  CHECK(place(at(6s), true) == WallPlace{0, 6s});
  CHECK(place(at(18s), true) == WallPlace{2, 6s});
}

TEST_CASE("a date that was reckoned counts from the tag it was reckoned from") {
  const std::vector<Dating> dates{{{}, at(0s)}, {at(6s), at(6s)}, {{}, at(12s)}};
  CHECK(place(at(13s), false, kSpans, dates) == WallPlace{1, 7s});
  CHECK(place(at(1s), false, kSpans, dates) == WallPlace{1, -5s});
}

TEST_CASE("of two segments that cover a date it is the first") {
  const std::vector<Dating> dates{{at(0s), at(0s)}, {at(3s), at(3s)}, {at(9s), at(9s)}};
  CHECK(place(at(4s), false, kSpans, dates) == WallPlace{0, 4s});
}

TEST_CASE("dates that were rounded leave no gap between segments") {
  const std::vector<Dating> dates{{at(0s), at(0s)}, {at(6'001ms), at(6'001ms)}, {{}, at(12s)}};
  CHECK(place(at(6'000'500us), false, kSpans, dates) == WallPlace{0, 6'000'500us});
}

TEST_CASE("a date that nothing covers is told with the nearest that are") {
  const std::vector<Span> spans{{0s, 6s, 0}, {6s, 6s, 1}, {12s, 6s, 1}};
  const std::vector<Dating> dates{{at(0s), at(0s)}, {at(60s), at(60s)}, {{}, at(66s)}};
  const auto line = [&](WallTime wall) {
    const auto error = thrown_by([&] { place(wall, false, spans, dates); });
    CHECK(error.kind() == ErrorKind::not_found);
    return error.line();
  };
  CHECK(line(at(30s)) ==
        "2020-08-03T16:00:30.000Z is not in the recording; the nearest times that it covers are "
        "up to 2020-08-03T16:00:06.000Z and from 2020-08-03T16:01:00.000Z on");
  CHECK(line(at(-1s)) ==
        "2020-08-03T15:59:59.000Z is not in the recording; the nearest times that it covers are "
        "from 2020-08-03T16:00:00.000Z on");
  CHECK(line(at(73s)) ==
        "2020-08-03T16:01:13.000Z is not in the recording; the nearest times that it covers are "
        "up to 2020-08-03T16:01:12.000Z");
}

TEST_CASE("missing segments cover no date") {
  auto spans = kSpans;
  spans[1].gap = true;
  CHECK(thrown_by([&] { place(at(7s), false, spans); }).kind() == ErrorKind::not_found);
}

TEST_CASE("a recording without dates says so") {
  const std::vector<Dating> none(3);
  CHECK(thrown_by([&] { place(at(7s), false, kSpans, none); }).line() ==
        "the recording has no dates, and so no 2020-08-03T16:00:07.000Z; count from its beginning: "
        "--start 60");
  CHECK_FALSE(date_near(3s, kSpans, none));
}

TEST_CASE("a moment's date is told from the tag near it") {
  const std::vector<Dating> dates{{at(0s), at(0s)}, {{}, at(6s)}, {at(12s), at(12s)}};
  CHECK(date_near(7s, kSpans, dates)->segment == 0);
  CHECK(date_near(12s, kSpans, dates)->segment == 2);
  CHECK(date_near(12s, kSpans, dates)->date == at(12s));
  CHECK(date_near(99s, kSpans, dates)->segment == 2);
}
