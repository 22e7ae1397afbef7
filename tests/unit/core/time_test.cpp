// Positions, lengths and seconds as people and playlists write them.
#include "momentcut/core/time.hpp"

#include <random>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "print.hpp"

using namespace momentcut::core;
using namespace std::chrono_literals;

TEST_CASE("seconds are digits, perhaps with a point among them") {
  const std::pair<const char*, Time> good[] = {
      {"0", 0us},          {"90", 90s},       {"90.25", 90'250ms},
      {"0.5", 500ms},      {".5", 500ms},     {"007.070", 7'070ms},
      {"6.006", 6'006ms},  {"0.000001", 1us}, {"1000000000000", 1'000'000'000'000s},
      {"10.0000000", 10s},
  };
  for (const auto& [text, time] : good) {
    CAPTURE(text);
    CHECK(parse_seconds(text) == time);
  }
}

TEST_CASE("what is no plain decimal number of seconds is refused") {
  for (const auto* text : {"", ".", "-1", "+1", " 1", "1 ", "1e3", "1.2.3", "1,5", "nan", "inf",
                           "0x10", "1s", "1:00", "1.-5", "1. 5", "--1", "1_000"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_seconds(text));
  }
}

TEST_CASE("seconds that would overflow are refused") {
  for (const auto* text : {"1000000000001", "9223372036854", "9223372036854775807",
                           "18446744073709551616", "99999999999999999999999999.5"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_seconds(text));
  }
}

TEST_CASE("digits past the microsecond round, halves up") {
  CHECK(parse_seconds("1.0000004") == 1s);
  CHECK(parse_seconds("1.0000005") == 1'000'001us);
  CHECK(parse_seconds("1.00000049999") == 1s);
  CHECK(parse_seconds("0.9999995") == 1s);
  CHECK(parse_seconds("5.999999999999999999999999999") == 6s);
  CHECK(parse_seconds("0.1234567") == 123'457us);
}

TEST_CASE("a length is seconds, a timecode or units") {
  const std::pair<const char*, Time> good[] = {
      {"90", 90s},
      {"90.25", 90'250ms},
      {"1:30", 90s},
      {"0:00", 0s},
      {"90:00", 90min},
      {"1:02:03.5", 1h + 2min + 3'500ms},
      {"1:2:3", 1h + 2min + 3s},
      {"00:00:00.001", 1ms},
      {"1h2m3s", 1h + 2min + 3s},
      {"1h", 1h},
      {"1.5h", 90min},
      {"2m", 2min},
      {"90s", 90s},
      {"250ms", 250ms},
      {"0.5ms", 500us},
      {"1m250ms", 60'250ms},
      {"1h3s", 1h + 3s},
      {"1m2.5s", 62'500ms},
      {"100m", 100min},
      {"10000h", 10'000h},
      {"10000:00:00", 10'000h},
      {"36000000", 10'000h},
  };
  for (const auto& [text, time] : good) {
    CAPTURE(text);
    CHECK(parse_length(text) == time);
  }
}

TEST_CASE("what is no length is refused") {
  for (const auto* text : {"",
                           "-1",
                           "end",
                           ":",
                           ":30",
                           "1:",
                           "1:60",
                           "1:99",
                           "1:60:00",
                           "1:2:3:4",
                           "1:-2",
                           "1:+2",
                           "1: 2",
                           "a:00",
                           "1.5:00",
                           "1:1.5:00",
                           "h",
                           "ms",
                           "s1",
                           "1s2m",
                           "1m2m",
                           "1ms1s",
                           "1.5h30m",
                           "1h 2m",
                           "90sec",
                           "90S",
                           "1H",
                           "5min",
                           "1d",
                           "1:30s",
                           "1h30",
                           "10000.001h",
                           "10001h",
                           "10000:00:01",
                           "36000000.000001",
                           "9999999999999999h",
                           "600001:00",
                           "1e3",
                           "1.2.3s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_length(text));
  }
}

TEST_CASE("eleven hours in milliseconds are a length") {
  CHECK(parse_length("40000000ms") == 40'000s);
}

TEST_CASE("a position counts from the start, or back from the end") {
  using Origin = Position::Origin;
  const std::pair<const char*, Position> good[] = {
      {"0", {Origin::start, 0s}},        {"90", {Origin::start, 90s}},
      {"1:30", {Origin::start, 90s}},    {"1h2m3s", {Origin::start, 3'723s}},
      {"250ms", {Origin::start, 250ms}}, {"end", {Origin::end, 0s}},
      {"-30", {Origin::end, -30s}},      {"-1:30", {Origin::end, -90s}},
      {"-0.5", {Origin::end, -500ms}},   {"-1h2m3s", {Origin::end, -3'723s}},
      {"-0", {Origin::end, 0s}},         {"-10000h", {Origin::end, -10'000h}},
  };
  for (const auto& [text, position] : good) {
    CAPTURE(text);
    const auto parsed = parse_position(text);
    REQUIRE(parsed);
    CHECK(*parsed == position);
  }
}

TEST_CASE("what is no position is refused") {
  for (const auto* text : {"", "-", "--30", "+30", "End", "END", "-end", "end-30", "start", " 30",
                           "30 ", "- 30", "-1:-30", "1:2:3:4", "-10001h", "−30"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_position(text));
  }
}

TEST_CASE("seconds print without zeros that say nothing") {
  CHECK(format_seconds(0us) == "0");
  CHECK(format_seconds(60s) == "60");
  CHECK(format_seconds(100s) == "100");
  CHECK(format_seconds(90'250ms) == "90.25");
  CHECK(format_seconds(-500ms) == "-0.5");
  CHECK(format_seconds(1us) == "0.000001");
  CHECK(format_seconds(-1us) == "-0.000001");
  CHECK(format_seconds(1'100'000us) == "1.1");
  CHECK(format_seconds(Time::min()) == "-9223372036854.775808");
  CHECK(format_seconds(Time::max()) == "9223372036854.775807");
}

TEST_CASE("printed seconds read back as the same time") {
  std::mt19937_64 random(2);
  for (int i = 0; i < 10'000; ++i) {
    const Time time(static_cast<std::int64_t>(random() % 36'000'000'000'000ULL));
    CHECK(parse_seconds(format_seconds(time)) == time);
    CHECK(parse_length(format_seconds(time)) == time);
    CHECK(parse_position(format_seconds(-time - 1us)) ==
          Position{Position::Origin::end, -time - 1us});
  }
}

TEST_CASE("timecodes are for people and round to the millisecond") {
  CHECK(format_timecode(0us) == "0:00:00");
  CHECK(format_timecode(90'250ms) == "0:01:30.250");
  CHECK(format_timecode(1h + 2min + 3s) == "1:02:03");
  CHECK(format_timecode(100h) == "100:00:00");
  CHECK(format_timecode(999'499us) == "0:00:00.999");
  CHECK(format_timecode(999'500us) == "0:00:01");
  CHECK(format_timecode(59'999'999us) == "0:01:00");
  CHECK(format_timecode(-90s) == "-0:01:30");
}

TEST_CASE("whole-millisecond timecodes read back as the same time") {
  std::mt19937_64 random(3);
  for (int i = 0; i < 10'000; ++i) {
    const auto time = std::chrono::milliseconds(random() % 36'000'000'000ULL);
    CHECK(parse_length(format_timecode(time)) == time);
  }
}

TEST_CASE("times in file names have characters that every file system takes") {
  CHECK(format_filename_time(0us) == "00h00m00s");
  CHECK(format_filename_time(90'250ms) == "00h01m30.250s");
  CHECK(format_filename_time(1h + 2min + 3s) == "01h02m03s");
  CHECK(format_filename_time(123h) == "123h00m00s");
  CHECK(format_filename_time(-5s) == "00h00m00s");
}

TEST_CASE("a range is as long as from its start to its end") {
  CHECK(Range{60s, 120s}.duration() == 60s);
  CHECK(Range{60s, 60s}.duration() == 0s);
}
