// WebVTT as packagers write it, and as they should not.
#include "momentcut/cut/webvtt.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"

using namespace momentcut::cut;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;

namespace {

std::vector<Cue> cues_of(const std::string& body) {
  return parse_webvtt("WEBVTT\n\n" + body).cues;
}

}  // namespace

TEST_CASE("a segment's cues are read with the clock that they count by") {
  const auto file = parse_webvtt(
      "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:10.000,MPEGTS:900000\n\n"
      "1\n00:00:11.000 --> 00:00:12.500 align:start line:90%\n<i>Hello</i>\nworld\n\n"
      "01:02.003 --> 100:01:02.004\nagain\n");
  CHECK(file.local == 10s);
  CHECK(file.mpegts == 900'000);
  CHECK(file.cues == std::vector<Cue>{{11s, 12'500ms, "<i>Hello</i>\nworld"},
                                      {62'003ms, 100h + 62'004ms, "again"}});
}

TEST_CASE("the parts of the clock come in any order, and without one it is the media's") {
  const auto file =
      parse_webvtt("WEBVTT - a title\nX-TIMESTAMP-MAP=MPEGTS:8589934593,LOCAL:01:00:00.000\n");
  CHECK(file.local == 1h);
  CHECK(file.mpegts == 1);
  CHECK(file.cues.empty());
  CHECK(parse_webvtt("WEBVTT").mpegts == 0);
}

TEST_CASE("every kind of line end and a byte order mark are understood") {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const auto file =
        parse_webvtt("\xEF\xBB\xBFWEBVTT" + end + end + "00:01.000 --> 00:02.000" + end + "a" +
                     end + "b" + end + end + "00:03.000 --> 00:04.000" + end + "c");
    CHECK(file.cues == std::vector<Cue>{{1s, 2s, "a\nb"}, {3s, 4s, "c"}});
  }
}

TEST_CASE("what is no cue is passed over") {
  CHECK(cues_of("NOTE a comment\nof two lines\n\nSTYLE\n::cue { color: red }\n\n"
                "REGION\nid:fred\n\nname\n00:01.000 --> 00:02.000\na\n\nalone\n") ==
        std::vector<Cue>{{1s, 2s, "a"}});
}

TEST_CASE("cues with times that cannot be are passed over") {
  for (const std::string timings :
       {"00:02.000 --> 00:02.000", "00:02.000 --> 00:01.000", "2 --> 3", "00:60.000 --> 02:00.000",
        "60:00.000 --> 61:00.000", "0:00:01.000 --> 0:00:02.000", "00:01.00 --> 00:02.00",
        "00:01,000 --> 00:02,000", "-->", "00:01.000 -->", "00:-1.000 --> 00:02.000",
        "99999999:00:01.000 --> 99999999:00:02.000", "00:00:00:01.000 --> 00:00:00:02.000"}) {
    CAPTURE(timings);
    CHECK(cues_of(timings + "\na\n\n00:05.000 --> 00:06.000\nb\n") ==
          std::vector<Cue>{{5s, 6s, "b"}});
  }
}

TEST_CASE("a cue without text is none, and one ends where the next begins") {
  CHECK(cues_of("00:01.000 --> 00:02.000\n\n00:03.000 --> 00:04.000\na\n"
                "00:05.000 --> 00:06.000\nb\n") == std::vector<Cue>{{3s, 4s, "a"}, {5s, 6s, "b"}});
}

TEST_CASE("what is no WebVTT is refused") {
  for (const std::string text : {"", "\n", "WEBVTTX", "1\n00:00:01,000 --> 00:00:02,000\na\n",
                                 "#EXTM3U\n", "<html>", "webvtt\n"}) {
    CAPTURE(text);
    CHECK(thrown_by([&] { parse_webvtt(text); }).kind() == ErrorKind::bad_data);
  }
}

TEST_CASE("a clock that cannot be read is refused") {
  for (const std::string map :
       {"", "LOCAL:00:00:00.000", "MPEGTS:1", "LOCAL:0,MPEGTS:1", "LOCAL:00:00:00.000,MPEGTS:-1",
        "LOCAL:00:00:00.000,MPEGTS:x", "LOCAL:00:00:00.000,MPEGTS:99999999999999999999"}) {
    CAPTURE(map);
    const auto error = thrown_by([&] { parse_webvtt("WEBVTT\nX-TIMESTAMP-MAP=" + map + "\n"); });
    CHECK(error.kind() == ErrorKind::bad_data);
  }
}

TEST_CASE("of each cue the part in a range is taken") {
  const std::vector<Cue> cues{{1s, 3s, "a"}, {3s, 5s, "b"}, {9s, 12s, "c"}, {12s, 13s, "d"}};
  CHECK(cues_in(cues, {2s, 10s}, 100s) ==
        std::vector<Cue>{{100s, 101s, "a"}, {101s, 103s, "b"}, {107s, 108s, "c"}});
  CHECK(cues_in(cues, {5s, 9s}, 0s).empty());
}

TEST_CASE("a text that several segments hold is shown once") {
  CHECK(flattened({{1s, 4s, "a"}, {1s, 6s, "a"}, {5s, 7s, "a"}, {7s, 8s, "a"}, {9s, 10s, "a"}}) ==
        std::vector<Cue>{{1s, 8s, "a"}, {9s, 10s, "a"}});
}

TEST_CASE("texts that overlap are shown together while they do") {
  CHECK(flattened({{2s, 5s, "b"}, {1s, 4s, "a"}, {4s, 5s, "c"}}) ==
        std::vector<Cue>{{1s, 2s, "a"}, {2s, 4s, "a\nb"}, {4s, 5s, "b\nc"}});
  CHECK(flattened({{1s, 9s, "a"}, {2s, 3s, "b"}}) ==
        std::vector<Cue>{{1s, 2s, "a"}, {2s, 3s, "a\nb"}, {3s, 9s, "a"}});
  CHECK(flattened({}).empty());
}

TEST_CASE("what is written is read again as it was") {
  const std::vector<Cue> cues{{0s, 1'500ms, "a\n<b>b</b>"}, {100h + 61'001ms, 100h + 62s, "c"}};
  CHECK(to_webvtt(cues) ==
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\na\n<b>b</b>\n\n"
        "100:01:01.001 --> 100:01:02.000\nc\n");
  CHECK(parse_webvtt(to_webvtt(cues)).cues == cues);
}

TEST_CASE("what is shown for less than a millisecond is not shown") {
  const std::vector<Cue> cues{{0s, 1s, "a"}, {1'000'400us, 2s, "b"}};
  CHECK(cues_in(cues, {999'700us, 1'000'500us}, 0s).empty());
  CHECK(cues_in(cues, {500ms, 1'000'500us}, 250us) == std::vector<Cue>{{0s, 500ms, "a"}});
}
