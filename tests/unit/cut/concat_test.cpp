// The names that go into a concat list, and the timestamps that come out of it.
#include "momentcut/cut/concat.hpp"

#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"

using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;
using namespace momentcut::cut;
using momentcut::core::TimeBase;

TEST_CASE("a concat list names its one file") {
  CHECK(concat_list("run0.ts") == "ffconcat version 1.0\nfile run0.ts\n");
  CHECK(concat_list("A-z_0.9") == "ffconcat version 1.0\nfile A-z_0.9\n");
}

TEST_CASE("names that could mean something else in a concat list are refused") {
  for (const std::string name :
       {"", ".", "..", ".hidden.ts", "a b.ts", "a/b.ts", "/etc/passwd", "a'b.ts", "a\\b.ts",
        "a\nfile b.ts", "http:x", "größe.ts", "a\"b", "a#b", "a%b"}) {
    CAPTURE(name);
    const auto error = thrown_by([&] { concat_list(name); });
    CHECK(error.kind() == ErrorKind::internal);
  }
  CHECK(thrown_by([] { concat_list(std::string("a\0b", 3)); }).kind() == ErrorKind::internal);
  CHECK(thrown_by([] { concat_list("a b"); }).line() == "not a name for a concat list: \"a b\"");
}

TEST_CASE("a list has the file's start time as 0") {
  Probe probe;
  probe.start = 1'400'011;
  probe.video.emplace().time_base = {1, 90'000};
  probe.video->packets = {{.pts = 133'200, .dts = 126'000}, {.pts = kNoTimestamp, .dts = 129'600}};
  probe.audio.emplace().time_base = {1, 48'000};
  probe.audio->packets = {{.pts = 67'201, .dts = kNoTimestamp}};
  list_timestamps(probe);
  CHECK(probe.start == 0);
  // 1.400011 s are 126000.99 ticks of one, and 67200.528 of the other.
  CHECK(probe.video->packets[0].pts == 7'199);
  CHECK(probe.video->packets[0].dts == -1);
  CHECK(probe.video->packets[1].pts == kNoTimestamp);
  CHECK(probe.video->packets[1].dts == 3'599);
  CHECK(probe.audio->packets[0].pts == 0);
  CHECK(probe.audio->packets[0].dts == kNoTimestamp);
}

TEST_CASE("a file that begins before 0 is later in its list") {
  Probe probe;
  probe.start = -23'021;
  probe.audio.emplace().time_base = {1, 44'100};
  probe.audio->packets = {{.pts = -1'015}};
  list_timestamps(probe);
  CHECK(probe.audio->packets[0].pts == 0);
}
