// Playlists as texts: lines, kinds, limits and refusals.
#include "momentcut/hls/parse.hpp"

#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "momentcut/core/error.hpp"

using namespace momentcut;
using namespace momentcut::hls;
using core::Error;

namespace {

Playlist parse_text(const std::string& text) {
  return parse(text, {"p", {}, {}});
}

bool is_media(const std::string& text) {
  return std::holds_alternative<MediaPlaylist>(parse_text(text));
}

std::size_t segment_count(const std::string& text) {
  return std::get<MediaPlaylist>(parse_text(text)).segments.size();
}

}  // namespace

TEST_CASE("lines may end in CRLF, and the last one not at all") {
  CHECK(segment_count("#EXTM3U\r\n#EXTINF:5,\r\na.ts\r\n#EXTINF:5,\r\nb.ts") == 2);
  const auto playlist = std::get<MediaPlaylist>(parse_text("#EXTM3U\r\n#EXTINF:5,t\r\r\na.ts\r"));
  CHECK(playlist.segments.at(0).uri == "a.ts");
  CHECK(playlist.segments.at(0).title == "t");
}

TEST_CASE("a byte order mark is passed over") {
  CHECK(segment_count("\xef\xbb\xbf#EXTM3U\n#EXTINF:5,\na.ts\n") == 1);
}

TEST_CASE("blank lines, comments and unknown tags are passed over") {
  CHECK(segment_count("#EXTM3U\n\n# comment\n#EXT-X-CUE-OUT:30\n#EXT-X-TWITCH-INFO:A=\"\n#\n \t\n"
                      "#EXTINF:5,\n#EXTVLCOPT:x\n#EXT\n\na.ts\n") == 1);
}

TEST_CASE("a tag without a meaning in a cut may hold anything") {
  CHECK(segment_count("#EXTM3U\n#EXT-X-DATERANGE:ID=\"open\n#EXT-X-PART\n#EXTINF:5,\na.ts\n") == 1);
}

TEST_CASE("blank lines before #EXTM3U and attributes after it are allowed") {
  CHECK(segment_count("\n \r\n#EXTM3U x-tvg-url=\"a\"\n#EXTINF:5,\na.ts\n") == 1);
}

TEST_CASE("what does not begin with #EXTM3U is refused with a question") {
  using namespace std::string_literals;
  for (const auto& text : {""s, "\n\n"s, "<!DOCTYPE html>\n<html>"s,
                           "\0\0\0\x20"
                           "ftypisom"s,
                           "#EXTM3U8\n"s, "#EXTINF:5,\n#EXTM3U\na.ts\n"s,
                           std::string(100'000, '\0'), "\xff\xfe#\0E\0"s}) {
    try {
      static_cast<void>(parse_text(text));
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.line() == "p:1: does not begin with #EXTM3U; is this an HLS playlist?");
      CHECK(error.kind() == core::ErrorKind::bad_data);
    }
  }
}

TEST_CASE("a playlist of nothing is a media playlist without segments") {
  CHECK(segment_count("#EXTM3U") == 0);
  CHECK(segment_count("#EXTM3U\n#EXT-X-VERSION:3\n") == 0);
  CHECK(segment_count("#EXTM3U\n#EXT-X-TARGETDURATION:6\n") == 0);
  CHECK(segment_count("#EXTM3U\n#EXT-X-ENDLIST\n") == 0);
}

TEST_CASE("a playlist with multivariant tags alone is a multivariant one") {
  CHECK_FALSE(is_media("#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\"\n"));
  CHECK_FALSE(is_media("#EXTM3U\n#EXT-X-SESSION-DATA:DATA-ID=\"a\",VALUE=\"b\"\n"));
}

TEST_CASE("a playlist that is both media and multivariant is refused") {
  CHECK_THROWS_WITH_AS(
      parse_text("#EXTM3U\n#EXTINF:5,\na.ts\n#EXT-X-STREAM-INF:BANDWIDTH=1\nb.m3u8\n"),
      "p:4: #EXT-X-STREAM-INF after #EXTINF on line 2: neither a media nor a multivariant playlist",
      Error);
  CHECK_THROWS_WITH_AS(
      parse_text("#EXTM3U\n#EXT-X-MEDIA:TYPE=A,GROUP-ID=\"a\"\n#EXT-X-TARGETDURATION:5\n"),
      "p:3: #EXT-X-TARGETDURATION after #EXT-X-MEDIA on line 2: neither a media nor a multivariant "
      "playlist",
      Error);
}

TEST_CASE("a tag without a meaning in a cut does not decide the kind of a playlist") {
  CHECK(is_media("#EXTM3U\n#EXT-X-SESSION-DATA:DATA-ID=\"a\"\n#EXTINF:5,\na.ts\n"));
  CHECK_FALSE(is_media("#EXTM3U\n#EXT-X-DATERANGE:ID=\"a\"\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n"));
}

TEST_CASE("a plain list of files is refused") {
  CHECK_THROWS_WITH_AS(parse_text("#EXTM3U\n\na.ts\nb.ts\n"),
                       "p:3: a URI has neither #EXTINF nor #EXT-X-STREAM-INF before it", Error);
  CHECK_THROWS_AS(parse_text("#EXTM3U\n#EXT-X-SESSION-DATA:DATA-ID=\"a\"\na.ts\n"), Error);
  CHECK_THROWS_WITH_AS(parse_text("#EXTM3U\na.ts\n#EXTINF:5,\nb.ts\n"),
                       "p:2: a URI has neither #EXTINF nor #EXT-X-STREAM-INF before it", Error);
}

TEST_CASE("a start point is kept in either kind of playlist") {
  const auto media = std::get<MediaPlaylist>(
      parse_text("#EXTM3U\n#EXT-X-START:TIME-OFFSET=-12.5,PRECISE=YES\n#EXTINF:5,\na\n"));
  REQUIRE(media.start.has_value());
  CHECK(media.start->time_offset == -12.5);
  CHECK(media.start->precise);
  const auto multivariant = std::get<MultivariantPlaylist>(
      parse_text("#EXTM3U\n#EXT-X-START:TIME-OFFSET=3\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n"));
  REQUIRE(multivariant.start.has_value());
  CHECK(multivariant.start->time_offset == 3);
  CHECK_FALSE(multivariant.start->precise);
}

TEST_CASE("a start point that is none is refused") {
  CHECK_THROWS_WITH_AS(parse_text("#EXTM3U\n#EXT-X-START:PRECISE=YES\n"),
                       "p:2: attribute TIME-OFFSET is missing", Error);
  CHECK_THROWS_WITH_AS(parse_text("#EXTM3U\n#EXT-X-START:TIME-OFFSET=NaN\n"),
                       "p:2: TIME-OFFSET \"NaN\" is not a number", Error);
}

TEST_CASE("a version that is none is refused") {
  CHECK_THROWS_WITH_AS(parse_text("#EXTM3U\n#EXT-X-VERSION:x\n"),
                       "p:2: #EXT-X-VERSION \"x\" is not a whole number", Error);
}

TEST_CASE("a refusal keeps the hint of its reason") {
  try {
    static_cast<void>(parse_text("#EXTM3U\n#EXT-X-DEFINE:IMPORT=\"a\"\n"));
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.line() ==
          "p:2: the multivariant playlist defines no variable \"a\"; "
          "give the multivariant playlist instead of this one");
  }
}

TEST_CASE("hostile text in a refusal is escaped") {
  CHECK_THROWS_WITH_AS(parse_text("#EXTM3U\n#EXTINF:\x1b[2J,\n"),
                       "p:2: #EXTINF \"\\x1b[2J\" is not a number of seconds", Error);
}

TEST_CASE("a line of 64 KiB is read, a longer one refused") {
  const std::string uri(kMostLineBytes, 'a');
  CHECK(segment_count("#EXTM3U\n#EXTINF:5,\n" + uri + "\n") == 1);
  CHECK_THROWS_WITH_AS(parse_text("#EXTM3U\n#EXTINF:5,\n" + uri + "a\n"),
                       "p:3: the line is longer than 64 KiB", Error);
  CHECK_THROWS_WITH_AS(parse_text("#EXTM3U\n#" + uri + "\n"), "p:2: the line is longer than 64 KiB",
                       Error);
}

TEST_CASE("a text larger than the limit is refused before it is read") {
  CHECK_THROWS_WITH_AS(parse_text(std::string(kMostPlaylistBytes + 1, 'x')),
                       "p:1: is larger than 64 MiB", Error);
}

TEST_CASE("a million segments are read, one more is refused") {
  std::string text = "#EXTM3U\n";
  for (std::size_t i = 0; i < kMostSegments + 1; ++i) text += "#EXTINF:1,\na\n";
  // The line is that of the URI of the million-and-first.
  CHECK_THROWS_WITH_AS(parse_text(text), "p:2000003: more than 1000000 segments", Error);
}

TEST_CASE("a recording of ten hours keeps every segment and its line") {
  std::string text = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n";
  for (int i = 0; i < 18'000; ++i) text += fmt::format("#EXTINF:2.000,\nmedia/{}.ts\n", i);
  const auto playlist = std::get<MediaPlaylist>(parse_text(text + "#EXT-X-ENDLIST\n"));
  REQUIRE(playlist.segments.size() == 18'000);
  CHECK(playlist.segments.back().uri == "media/17999.ts");
  CHECK(playlist.segments.back().line == 36'002);
  CHECK(playlist.total_duration() == std::chrono::hours(10));
}

TEST_CASE("a segment stays small, so that a long recording does") {
  CHECK(sizeof(Segment) <= 160);
}
