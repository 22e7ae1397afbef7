// Media playlists: the maps, keys and variables in force at a segment, through the whole parser.
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/hls/media_builder.hpp"

using namespace momentcut::hls;
using momentcut::core::Error;

namespace {

// The playlist of `lines` below #EXTM3U, so that the first of them is line 2.
MediaPlaylist media(const std::string& lines, const ParseContext& context = {"p", {}, {}}) {
  return std::get<MediaPlaylist>(parse("#EXTM3U\n" + lines, context));
}

}  // namespace

// ---- MAP

TEST_CASE("a map is in force until the next one") {
  const auto playlist = media(
      "#EXTINF:5,\na.ts\n#EXT-X-MAP:URI=\"1.mp4\"\n#EXTINF:5,\nb.mp4\n#EXTINF:5,\nc.mp4\n"
      "#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"2.mp4\",BYTERANGE=\"600@40\"\n#EXTINF:5,\nd.mp4\n"
      "#EXT-X-MAP:URI=\"1.mp4\"\n#EXTINF:5,\ne.mp4\n");
  const auto& segments = playlist.segments;
  CHECK(playlist.map_of(segments[0]) == nullptr);
  CHECK(*playlist.map_of(segments[1]) == Map{"1.mp4", {}});
  CHECK(segments[2].map == segments[1].map);
  CHECK(*playlist.map_of(segments[3]) == Map{"2.mp4", ByteRange{600, 40}});
  CHECK(*playlist.map_of(segments[4]) == Map{"1.mp4", {}});
}

TEST_CASE("a map's byte range without offset begins at 0") {
  const auto playlist = media(
      "#EXT-X-MAP:URI=\"a.mp4\",BYTERANGE=\"600\"\n#EXTINF:5,\n#EXT-X-BYTERANGE:9@600\na.mp4\n");
  CHECK(playlist.maps.at(0).byterange == ByteRange{600, 0});
}

TEST_CASE("a map that is repeated before every segment is one map") {
  const auto playlist = media(
      "#EXT-X-MAP:URI=\"1.mp4\"\n#EXTINF:5,\na.mp4\n#EXT-X-MAP:URI=\"1.mp4\"\n#EXTINF:5,\nb.mp4\n");
  CHECK(playlist.maps.size() == 1);
  CHECK(playlist.segments[1].map == 0);
}

TEST_CASE("a map without URI, or with a byte range that is none, is refused") {
  CHECK_THROWS_WITH_AS(media("#EXT-X-MAP:BYTERANGE=\"1@0\"\n"), "p:2: attribute URI is missing",
                       Error);
  CHECK_THROWS_WITH_AS(media("#EXT-X-MAP:URI=\"a\",BYTERANGE=\"\"\n"),
                       "p:2: BYTERANGE \"\" is not a whole number", Error);
  CHECK_THROWS_WITH_AS(media("#EXT-X-MAP:URI=\"a.mp4\n"),
                       "p:2: attribute \"URI\" has a quoted string that does not close", Error);
}

TEST_CASE("a map has the keys that are in force where its tag stands") {
  const auto playlist = media(
      "#EXT-X-MAP:URI=\"1.mp4\"\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:5,\na.mp4\n"
      "#EXT-X-MAP:URI=\"2.mp4\"\n#EXT-X-KEY:METHOD=NONE\n#EXTINF:5,\nb.mp4\n");
  CHECK(playlist.key_of(playlist.maps.at(0)) == nullptr);
  CHECK(playlist.key_of(playlist.segments[0])->uri == "k");
  CHECK(playlist.key_of(playlist.maps.at(1))->uri == "k");
  CHECK(playlist.key_of(playlist.segments[1]) == nullptr);
}

// ---- KEY

TEST_CASE("a key has a method, a URI, an IV and a format") {
  const auto playlist = media(
      "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://k\",IV=0x0123456789abcdefABCDEF0123456789,"
      "KEYFORMAT=\"com.apple.streamingkeydelivery\",KEYFORMATVERSIONS=\"1\"\n#EXTINF:5,\na.ts\n");
  const auto* const key = playlist.key_of(playlist.segments.at(0));
  REQUIRE(key != nullptr);
  CHECK(*key == Key{"SAMPLE-AES", "skd://k", "0x0123456789abcdefABCDEF0123456789",
                    "com.apple.streamingkeydelivery", "1"});
}

TEST_CASE("a key's format is identity unless said otherwise") {
  const auto playlist =
      media("#EXT-X-KEY:METHOD=AES-128,URI=\"k\",KEYFORMAT=\"\"\n#EXTINF:5,\na\n");
  CHECK(playlist.key_sets.at(0).at(0) == Key{"AES-128", "k", {}, "identity", {}});
}

TEST_CASE("keys rotate, and METHOD=NONE ends them") {
  const auto playlist = media(
      "#EXTINF:5,\na\n#EXT-X-KEY:METHOD=AES-128,URI=\"1\"\n#EXTINF:5,\nb\n#EXTINF:5,\nc\n"
      "#EXT-X-KEY:METHOD=AES-128,URI=\"2\"\n#EXTINF:5,\nd\n#EXT-X-KEY:METHOD=NONE\n#EXTINF:5,"
      "\ne\n");
  const auto& segments = playlist.segments;
  CHECK(playlist.key_of(segments[0]) == nullptr);
  CHECK(playlist.key_of(segments[1])->uri == "1");
  CHECK(segments[2].keys == segments[1].keys);
  CHECK(playlist.key_of(segments[3])->uri == "2");
  CHECK(playlist.keys_of(segments[3])->size() == 1);
  CHECK(playlist.key_of(segments[4]) == nullptr);
  CHECK(segments[4].keys == Segment::kNone);
  CHECK(playlist.key_sets.size() == 2);
}

TEST_CASE("keys of different formats are in force together, one of the same format replaces") {
  const auto playlist = media(
      "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"a1\",KEYFORMAT=\"a\"\n"
      "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"b1\",KEYFORMAT=\"b\"\n"
      "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"a2\",KEYFORMAT=\"a\"\n#EXTINF:5,\n1\n"
      "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"b2\",KEYFORMAT=\"b\"\n#EXTINF:5,\n2\n"
      "#EXT-X-KEY:METHOD=AES-128,URI=\"i\"\n#EXTINF:5,\n3\n");
  const auto& first = *playlist.keys_of(playlist.segments[0]);
  REQUIRE(first.size() == 2);
  CHECK(first[0].uri == "a2");
  CHECK(first[1].uri == "b1");
  const auto& second = *playlist.keys_of(playlist.segments[1]);
  REQUIRE(second.size() == 2);
  CHECK(second[0].uri == "a2");
  CHECK(second[1].uri == "b2");
  CHECK(playlist.keys_of(playlist.segments[2])->size() == 3);
  CHECK(playlist.key_of(playlist.segments[2])->uri == "i");
}

TEST_CASE("a key that is repeated before every segment is one set of keys") {
  const auto playlist = media(
      "#EXT-X-KEY:METHOD=AES-128,URI=\"1\"\n#EXTINF:5,\na\n"
      "#EXT-X-KEY:METHOD=AES-128,URI=\"1\"\n#EXTINF:5,\nb\n");
  CHECK(playlist.key_sets.size() == 1);
  CHECK(playlist.segments[1].keys == 0);
}

TEST_CASE("a key that could not decrypt anything is refused") {
  CHECK_THROWS_WITH_AS(media("#EXT-X-KEY:URI=\"k\"\n"), "p:2: attribute METHOD is missing", Error);
  CHECK_THROWS_WITH_AS(media("#EXT-X-KEY:METHOD=AES-128\n"), "p:2: attribute URI is missing",
                       Error);
  CHECK_THROWS_WITH_AS(media("#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=12\n"),
                       "p:2: IV \"12\" is not a hexadecimal number", Error);
  CHECK_THROWS_WITH_AS(media("#EXT-X-KEY:METHOD=AES-128,URI=\"k\",URI=\"l\"\n"),
                       "p:2: attribute \"URI\" appears twice", Error);
}

TEST_CASE("the number of keys in force at once is limited") {
  std::string lines;
  for (int i = 0; i < 17; ++i)
    lines += fmt::format("#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\",KEYFORMAT=\"{}\"\n", i);
  CHECK_THROWS_WITH_AS(media(lines), "p:18: more than 16 keys in force at once", Error);
}

TEST_CASE("a playlist that multiplies long keys is refused before they fill the memory") {
  std::string lines;
  const std::string long_uri(60'000, 'k');
  for (int i = 0; i < 15; ++i)
    lines += fmt::format("#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"{}\",KEYFORMAT=\"{}\"\n", long_uri, i);
  for (int i = 0; i < 400; ++i)
    lines += fmt::format("#EXT-X-KEY:METHOD=AES-128,URI=\"{}\"\n#EXTINF:1,\na\n", i);
  CHECK_THROWS_WITH_AS(media(lines), doctest::Contains("its keys take too much memory"), Error);
}

// ---- Variables

TEST_CASE("variables are replaced in URIs, quoted strings and hexadecimal values") {
  const ParseContext context{"p", {{"token", "t1"}}, {{"s", "7"}}};
  const auto playlist = media(
      "#EXT-X-DEFINE:NAME=\"dir\",VALUE=\"x/y\"\n#EXT-X-DEFINE:IMPORT=\"token\"\n"
      "#EXT-X-DEFINE:QUERYPARAM=\"s\"\n"
      "#EXT-X-MAP:URI=\"{$dir}/m.mp4\",BYTERANGE=\"1{$s}@{$s}\"\n"
      "#EXT-X-KEY:METHOD=AES-128,URI=\"{$dir}/k?{$token}\",IV=0x{$s}\n#EXTINF:5,{$dir}\n"
      "{$dir}/a.ts?{$token}&{$s}\n",
      context);
  const auto& segment = playlist.segments.at(0);
  CHECK(segment.uri == "x/y/a.ts?t1&7");
  CHECK(segment.title == "{$dir}");
  CHECK(*playlist.map_of(segment) == Map{"x/y/m.mp4", ByteRange{17, 7}});
  CHECK(playlist.key_of(segment)->uri == "x/y/k?t1");
  CHECK(playlist.key_of(segment)->iv == "0x7");
}

TEST_CASE("a variable is not known before its definition") {
  CHECK_THROWS_WITH_AS(media("#EXTINF:5,\n{$a}.ts\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"1\"\n"),
                       "p:3: variable \"a\" is not defined", Error);
}

TEST_CASE("a URI that its variables leave empty is refused") {
  CHECK_THROWS_WITH_AS(media("#EXT-X-DEFINE:NAME=\"a\",VALUE=\"\"\n#EXTINF:5,\n{$a}\n"),
                       "p:4: the URI is empty", Error);
}

TEST_CASE("a byte range continues one of the same URI after its variables are replaced") {
  const auto playlist = media(
      "#EXT-X-DEFINE:NAME=\"a\",VALUE=\"x\"\n#EXTINF:5,\n#EXT-X-BYTERANGE:5@0\n{$a}.ts\n"
      "#EXTINF:5,\n#EXT-X-BYTERANGE:6\nx.ts\n");
  CHECK(playlist.segments[1].byterange == ByteRange{6, 5});
}
