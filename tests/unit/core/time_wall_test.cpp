// Wall-clock times in the forms of ISO 8601.
#include <cstdint>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "momentcut/core/time.hpp"
#include "print.hpp"

using namespace momentcut::core;
using namespace std::chrono_literals;

namespace {

// 2020-08-03T16:21:25Z.
constexpr std::int64_t kMoment = 1'596'471'685;

WallTime unix_time(std::int64_t seconds, std::int64_t us = 0) {
  return WallTime(std::chrono::seconds(seconds) + Time(us));
}

}  // namespace

TEST_CASE("a wall time is understood with every form of its zone") {
  for (const auto* text :
       {"2020-08-03T16:21:25Z",      "2020-08-03T16:21:25z",     "2020-08-03T16:21:25+00:00",
        "2020-08-03T16:21:25-00:00", "2020-08-03T16:21:25+0000", "2020-08-03T16:21:25+00",
        "2020-08-03T16:21:25",       "2020-08-03t16:21:25Z",     "2020-08-03 16:21:25Z",
        "2020-08-03T18:21:25+02:00", "2020-08-03T18:21:25+0200", "2020-08-03T18:21:25+02",
        "2020-08-03T09:21:25-07:00", "2020-08-03T09:21:25-0700", "2020-08-03T09:21:25-07",
        "2020-08-03T21:51:25+05:30", "2020-08-03T12:51:25-0330", "2020-08-04T06:21:25+14:00",
        "2020-08-02T17:21:25-23:00", "20200803T162125Z",         "20200803T182125+0200",
        "20200803T092125-07",        "2020-08-03T162125Z",       "2020-08-03T16:21:25.000Z"}) {
    CAPTURE(text);
    CHECK(parse_wall_time(text) == unix_time(kMoment));
  }
}

TEST_CASE("fractions of a second follow a point or a comma and round to the microsecond") {
  CHECK(parse_wall_time("2020-08-03T16:21:25.146Z") == unix_time(kMoment, 146'000));
  CHECK(parse_wall_time("2020-08-03T16:21:25,146Z") == unix_time(kMoment, 146'000));
  CHECK(parse_wall_time("2020-08-03T16:21:25.1Z") == unix_time(kMoment, 100'000));
  CHECK(parse_wall_time("20200803T162125.5+0000") == unix_time(kMoment, 500'000));
  CHECK(parse_wall_time("2020-08-03T16:21:25.123456789+00:00") == unix_time(kMoment, 123'457));
  CHECK(parse_wall_time("2020-08-03T16:21:25.9999999Z") == unix_time(kMoment + 1));
}

TEST_CASE("seconds may be left out") {
  CHECK(parse_wall_time("2020-08-03T16:21Z") == unix_time(kMoment - 25));
  CHECK(parse_wall_time("2020-08-03T18:21+02:00") == unix_time(kMoment - 25));
  CHECK(parse_wall_time("20200803T1621") == unix_time(kMoment - 25));
}

TEST_CASE("a leap second is the next second") {
  CHECK(parse_wall_time("2016-12-31T23:59:60Z") == parse_wall_time("2017-01-01T00:00:00Z"));
  CHECK(parse_wall_time("2016-12-31T23:59:60.5Z") == parse_wall_time("2017-01-01T00:00:00.5Z"));
  CHECK_FALSE(parse_wall_time("2016-12-31T23:59:61Z"));
}

TEST_CASE("24:00 is midnight at a day's end, and nothing comes after it") {
  CHECK(parse_wall_time("2020-08-03T24:00:00Z") == parse_wall_time("2020-08-04T00:00:00Z"));
  CHECK(parse_wall_time("2020-12-31T24:00Z") == parse_wall_time("2021-01-01T00:00Z"));
  CHECK(parse_wall_time("2020-08-03T24:00:00.000Z") == parse_wall_time("2020-08-04T00:00:00Z"));
  CHECK_FALSE(parse_wall_time("2020-08-03T24:00:01Z"));
  CHECK_FALSE(parse_wall_time("2020-08-03T24:01:00Z"));
  CHECK_FALSE(parse_wall_time("2020-08-03T24:00:00.001Z"));
  CHECK_FALSE(parse_wall_time("2020-08-03T25:00:00Z"));
}

TEST_CASE("days follow the calendar") {
  CHECK(parse_wall_time("2020-02-29T00:00:00Z") == unix_time(1'582'934'400));
  CHECK(parse_wall_time("2000-02-29T00:00:00Z"));
  CHECK(parse_wall_time("1970-01-01T00:00:00Z") == unix_time(0));
  CHECK(parse_wall_time("1969-12-31T23:59:59Z") == unix_time(-1));
  for (const auto* date : {"2019-02-29", "2100-02-29", "2020-02-30", "2020-04-31", "2020-00-01",
                           "2020-13-01", "2020-01-00", "2020-01-32"}) {
    CAPTURE(date);
    CHECK_FALSE(parse_wall_time(std::string(date) + "T00:00:00Z"));
  }
}

TEST_CASE("what is no wall time is refused") {
  for (const auto* text : {"",
                           "2020",
                           "2020-08-03",
                           "2020-08-03T",
                           "2020-08-03T16",
                           "2020-08-03T16Z",
                           "2020-08-03T16:",
                           "2020-08-03T16:21:",
                           "2020-08-03T16:21:2",
                           "2020-08-03T16:21:25.",
                           "2020-08-03T16:21:25.Z",
                           "2020-08-03T16:60:00Z",
                           "2020-08-03T16:21:25Zulu",
                           "2020-08-03T16:21:25 Z",
                           "2020-08-03T16:21:25+",
                           "2020-08-03T16:21:25+2",
                           "2020-08-03T16:21:25+02:",
                           "2020-08-03T16:21:25+02:6",
                           "2020-08-03T16:21:25+02:60",
                           "2020-08-03T16:21:25+24:00",
                           "2020-08-03T16:21:25+02:00:00",
                           "2020-08-03T16:21:25+02:00x",
                           "2020-0803T16:21:25Z",
                           "202008-03T16:21:25Z",
                           "20-08-03T16:21:25Z",
                           "2020/08/03T16:21:25Z",
                           " 2020-08-03T16:21:25Z",
                           "2020-08-03T16:21:25Z ",
                           "2020-08-03_16:21:25Z",
                           "2020-08-03T16::21:25Z",
                           "-2020-08-03T16:21:25Z",
                           "2020-8-3T16:21:25Z",
                           "2020-08-03T-1:21:25Z",
                           "2020-08-03T16:21:25−07:00",
                           "1596471685"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_wall_time(text));
  }
}

TEST_CASE("wall times print in UTC, with microseconds where there are any") {
  CHECK(format_wall_time(unix_time(kMoment)) == "2020-08-03T16:21:25.000Z");
  CHECK(format_wall_time(unix_time(kMoment, 146'000)) == "2020-08-03T16:21:25.146Z");
  CHECK(format_wall_time(unix_time(kMoment, 146'001)) == "2020-08-03T16:21:25.146001Z");
  CHECK(format_wall_time(unix_time(kMoment, 1)) == "2020-08-03T16:21:25.000001Z");
  CHECK(format_wall_time(unix_time(-1, 999'000)) == "1969-12-31T23:59:59.999Z");
  CHECK(format_wall_time(unix_time(0, -1)) == "1969-12-31T23:59:59.999999Z");
}

TEST_CASE("printed wall times read back as the same moment") {
  std::mt19937_64 random(4);
  for (int i = 0; i < 10'000; ++i) {
    // From 1902 to 2106, at every microsecond.
    const WallTime time(Time(static_cast<std::int64_t>(random() % 6'400'000'000'000'000ULL) -
                             2'100'000'000'000'000));
    CHECK(parse_wall_time(format_wall_time(time)) == time);
  }
}
