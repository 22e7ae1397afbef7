// Positions by the clock on the wall.
#include <doctest/doctest.h>

#include "momentcut/core/time.hpp"
#include "print.hpp"

using namespace momentcut::core;
using namespace std::chrono_literals;

TEST_CASE("a date with its zone is a position by the clock on the wall") {
  const auto wall = *parse_wall_time("2020-08-03T16:25:00Z");
  for (const auto* text : {"2020-08-03T16:25:00Z", "2020-08-03T18:25:00+02:00",
                           "2020-08-03T09:25:00-0700", "20200803T162500Z"}) {
    CAPTURE(text);
    const auto position = parse_position(text);
    REQUIRE(position);
    CHECK(position->origin == Position::Origin::wall);
    CHECK(position->wall == wall);
  }
  CHECK(parse_position("2020-08-03T16:25:00.5Z")->wall == wall + 500ms);
}

TEST_CASE("a date without a zone is no position, and told from other nonsense") {
  CHECK_FALSE(parse_position("2020-08-03T16:25:00"));
  CHECK(is_date_without_zone("2020-08-03T16:25:00"));
  CHECK_FALSE(is_date_without_zone("2020-08-03T16:25:00Z"));
  CHECK_FALSE(is_date_without_zone("2020-08-03T16:25:00-07:00"));
  CHECK_FALSE(is_date_without_zone("2020-08-03"));
  CHECK_FALSE(is_date_without_zone("soon"));
}

TEST_CASE("a time of the day is a time of the recording") {
  CHECK(parse_position("16:25:30") == Position{Position::Origin::start, 59'130s});
}
