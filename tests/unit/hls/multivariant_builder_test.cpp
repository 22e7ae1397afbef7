// Multivariant playlists, through the whole parser.
#include "momentcut/hls/multivariant_builder.hpp"

#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "momentcut/core/error.hpp"

using namespace momentcut::hls;
using momentcut::core::Error;

namespace {

// The playlist of `lines` below #EXTM3U, so that the first of them is line 2.
MultivariantPlaylist multivariant(const std::string& lines) {
  return std::get<MultivariantPlaylist>(parse("#EXTM3U\n" + lines, {"p", {}, {}}));
}

}  // namespace

TEST_CASE("a multivariant playlist of AWS IVS is understood") {
  const auto playlist = multivariant(
      "#EXT-X-VERSION:3\n#EXT-X-INDEPENDENT-SEGMENTS\n"
      "#EXT-X-SESSION-DATA:DATA-ID=\"net.live-video.content.id\",VALUE=\"EyEKX6dRDP81\"\n"
      "#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID=\"720p60\",NAME=\"720p60\",AUTOSELECT=YES,DEFAULT=YES\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=3422999,RESOLUTION=1280x720,CODECS=\"avc1.4D401F,mp4a.40.2\","
      "VIDEO=\"720p60\",FRAME-RATE=60.000\n720p60/playlist.m3u8\n"
      "#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID=\"160p30\",NAME=\"160p\",AUTOSELECT=YES,DEFAULT=NO\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=230000,RESOLUTION=284x160,VIDEO=\"160p30\"\n160p30/"
      "playlist.m3u8");
  CHECK(playlist.version == 3);
  CHECK(playlist.independent_segments);
  REQUIRE(playlist.variants.size() == 2);
  const auto& variant = playlist.variants[0];
  CHECK(variant.uri == "720p60/playlist.m3u8");
  CHECK(variant.bandwidth == 3422999);
  CHECK(variant.average_bandwidth == std::nullopt);
  CHECK(variant.resolution == Resolution{1280, 720});
  CHECK(variant.frame_rate == 60.0);
  CHECK(variant.codecs == "avc1.4D401F,mp4a.40.2");
  CHECK(variant.video == "720p60");
  CHECK(variant.audio == std::nullopt);
  CHECK(variant.line == 6);
  CHECK(playlist.variants[1].frame_rate == std::nullopt);
  REQUIRE(playlist.media.size() == 2);
  CHECK(playlist.media[0].type == "VIDEO");
  CHECK(playlist.media[0].group_id == "720p60");
  CHECK(playlist.media[0].is_default);
  CHECK(playlist.media[1].name == "160p");
  CHECK(playlist.media[1].autoselect);
  CHECK_FALSE(playlist.media[1].is_default);
}

TEST_CASE("a variant and a rendition have names, groups, languages and URIs") {
  const auto playlist = multivariant(
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"aac\",NAME=\"Deutsch\",LANGUAGE=\"de\",URI=\"de/"
      "a.m3u8\"\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"aac\",NAME=\"muxed\",URI=\"\"\n"
      "#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=90,NAME=\"low\",AUDIO=\"aac\",SUBTITLES=\"subs\"\nv."
      "m3u8\n");
  CHECK(playlist.media[0].language == "de");
  CHECK(playlist.media[0].uri == "de/a.m3u8");
  CHECK_FALSE(playlist.media[0].autoselect);
  CHECK(playlist.media[0].line == 2);
  CHECK(playlist.media[1].uri == std::nullopt);
  CHECK(playlist.variants[0].average_bandwidth == 90);
  CHECK(playlist.variants[0].name == "low");
  CHECK(playlist.variants[0].audio == "aac");
  CHECK(playlist.variants[0].subtitles == "subs");
}

TEST_CASE("a default rendition is selected without being asked for") {
  const auto playlist =
      multivariant("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\",DEFAULT=YES\n");
  CHECK(playlist.media.at(0).autoselect);
}

TEST_CASE("the URI of a variant is the next line that is neither blank nor a comment") {
  const auto playlist =
      multivariant("#EXT-X-STREAM-INF:BANDWIDTH=1\n\n# low\n#EXT-X-UNKNOWN:1\n  v.m3u8\n");
  CHECK(playlist.variants.at(0).uri == "v.m3u8");
}

TEST_CASE("a variant without URI is refused") {
  CHECK_THROWS_WITH_AS(multivariant("#EXT-X-STREAM-INF:BANDWIDTH=1\n"),
                       "p:2: #EXT-X-STREAM-INF has no URI", Error);
  CHECK_THROWS_WITH_AS(
      multivariant("#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-STREAM-INF:BANDWIDTH=2\na\n"),
      "p:3: #EXT-X-STREAM-INF of line 2 has no URI", Error);
}

TEST_CASE("a URI that belongs to no variant is ignored") {
  const auto playlist = multivariant("x.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\nb.m3u8\n");
  REQUIRE(playlist.variants.size() == 1);
  CHECK(playlist.variants[0].uri == "a.m3u8");
}

TEST_CASE("what describes a variant may be missing or nonsense, but not impossible") {
  const auto playlist = multivariant(
      "#EXT-X-STREAM-INF\na\n#EXT-X-STREAM-INF:BANDWIDTH=,RESOLUTION=720p,FRAME-RATE=30000/"
      "1001\nb\n");
  REQUIRE(playlist.variants.size() == 2);
  CHECK(playlist.variants[0].bandwidth == std::nullopt);
  CHECK(playlist.variants[1].bandwidth == std::nullopt);
  CHECK(playlist.variants[1].resolution == std::nullopt);
  CHECK(playlist.variants[1].frame_rate == std::nullopt);
  CHECK_THROWS_WITH_AS(multivariant("#EXT-X-STREAM-INF:BANDWIDTH=-1\na\n"),
                       "p:2: BANDWIDTH \"-1\" is negative", Error);
  CHECK_THROWS_WITH_AS(multivariant("#EXT-X-STREAM-INF:FRAME-RATE=NaN\na\n"),
                       "p:2: FRAME-RATE \"NaN\" is not a number", Error);
  CHECK_THROWS_WITH_AS(multivariant("#EXT-X-STREAM-INF:RESOLUTION=99999999999x1\na\n"),
                       "p:2: RESOLUTION \"99999999999x1\" is too large", Error);
}

TEST_CASE("an attribute list of a variant that does not close is refused") {
  CHECK_THROWS_WITH_AS(multivariant("#EXT-X-STREAM-INF:CODECS=\"avc1,BANDWIDTH=1\na\n"),
                       "p:2: attribute \"CODECS\" has a quoted string that does not close", Error);
}

TEST_CASE("an I-frame variant has its URI in an attribute") {
  const auto playlist =
      multivariant("#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9,RESOLUTION=1280x720,URI=\"i.m3u8\"\n");
  CHECK(playlist.variants.empty());
  REQUIRE(playlist.iframe_variants.size() == 1);
  CHECK(playlist.iframe_variants[0].uri == "i.m3u8");
  CHECK(playlist.iframe_variants[0].bandwidth == 9);
  CHECK_THROWS_WITH_AS(multivariant("#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9\n"),
                       "p:2: attribute URI is missing", Error);
}

TEST_CASE("a rendition needs a type and a group, but can do without a name") {
  CHECK(multivariant("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\"\n").media.at(0).name.empty());
  CHECK_THROWS_WITH_AS(multivariant("#EXT-X-MEDIA:GROUP-ID=\"a\",NAME=\"n\"\n"),
                       "p:2: attribute TYPE is missing", Error);
  CHECK_THROWS_WITH_AS(multivariant("#EXT-X-MEDIA:TYPE=AUDIO,NAME=\"n\"\n"),
                       "p:2: attribute GROUP-ID is missing", Error);
}

TEST_CASE("session tags and content steering are read without harm") {
  const auto playlist = multivariant(
      "#EXT-X-SESSION-DATA:DATA-ID=\"a\",VALUE=\"b\"\n"
      "#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"k\"\n"
      "#EXT-X-CONTENT-STEERING:SERVER-URI=\"/s\",PATHWAY-ID=\"A\"\n#EXT-X-ALLOW-CACHE:NO\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=1\na\n#EXT-X-ENDLIST\n");
  CHECK(playlist.variants.size() == 1);
}

TEST_CASE("a multivariant playlist keeps its variables for its media playlists") {
  const auto playlist = multivariant(
      "#EXT-X-DEFINE:NAME=\"t\",VALUE=\"1\"\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"x\"\n"
      "#EXT-X-STREAM-INF:NAME=\"{$a}y\"\n{$a}.m3u8?{$t}\n");
  CHECK(playlist.variants.at(0).uri == "x.m3u8?1");
  CHECK(playlist.variants.at(0).name == "xy");
  REQUIRE(playlist.variables.size() == 2);
  CHECK(playlist.variables[0] == std::pair<std::string, std::string>("a", "x"));
  CHECK(playlist.variables[1] == std::pair<std::string, std::string>("t", "1"));
}

TEST_CASE("a variant's URI that is empty or has a control character is refused") {
  CHECK_THROWS_WITH_AS(
      multivariant("#EXT-X-DEFINE:NAME=\"a\",VALUE=\"\"\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{$a}\n"),
      "p:4: the URI is empty", Error);
  CHECK_THROWS_AS(multivariant("#EXT-X-STREAM-INF:BANDWIDTH=1\na\x01\n"), Error);
  CHECK_THROWS_AS(multivariant("#EXT-X-STREAM-INF:NAME=\"\x1b[2J\"\na\n"), Error);
}

TEST_CASE("the number of variants and renditions together is limited") {
  std::string lines;
  for (int i = 0; i < 5000; ++i)
    lines +=
        fmt::format("#EXT-X-STREAM-INF:BANDWIDTH={}\na\n#EXT-X-MEDIA:TYPE=A,GROUP-ID=\"g\"\n", i);
  CHECK(multivariant(lines).variants.size() == 5000);
  lines += "#EXT-X-I-FRAME-STREAM-INF:URI=\"i\"\n";
  CHECK_THROWS_WITH_AS(multivariant(lines), "p:15002: more than 10000 variants and renditions",
                       Error);
}
