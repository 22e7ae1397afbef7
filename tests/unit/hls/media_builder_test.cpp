// Media playlists: what their tags mean for the segments, through the whole parser.
#include "momentcut/hls/media_builder.hpp"

#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "momentcut/core/error.hpp"

using namespace momentcut;
using namespace momentcut::hls;
using core::Error;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// The playlist of `lines` below #EXTM3U, so that the first of them is line 2.
MediaPlaylist media(const std::string& lines, const ParseContext& context = {"p", {}, {}}) {
  return std::get<MediaPlaylist>(parse("#EXTM3U\n" + lines, context));
}

}  // namespace

TEST_CASE("a media playlist is its header and its segments") {
  const auto playlist = media(
      "#EXT-X-VERSION:4\n#EXT-X-TARGETDURATION:10\n#EXT-X-MEDIA-SEQUENCE:7\n"
      "#EXT-X-DISCONTINUITY-SEQUENCE:3\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n"
      "#EXT-X-ALLOW-CACHE:YES\n#EXTINF:9.97,First\na.ts\n#EXTINF:4,\nb.ts\n#EXT-X-ENDLIST\n");
  CHECK(playlist.version == 4);
  CHECK(playlist.target_duration == seconds(10));
  CHECK(playlist.media_sequence == 7);
  CHECK(playlist.discontinuity_sequence == 3);
  CHECK(playlist.playlist_type == PlaylistType::vod);
  CHECK(playlist.independent_segments);
  CHECK(playlist.endlist);
  CHECK_FALSE(playlist.iframes_only);
  REQUIRE(playlist.segments.size() == 2);
  CHECK(playlist.segments[0].uri == "a.ts");
  CHECK(playlist.segments[0].duration == milliseconds(9970));
  CHECK(playlist.segments[0].title == "First");
  CHECK(playlist.segments[0].line == 10);
  CHECK(playlist.segments[1].uri == "b.ts");
  CHECK(playlist.segments[1].duration == seconds(4));
  CHECK(playlist.segments[1].title == std::nullopt);
  CHECK(playlist.segments[1].line == 12);
}

TEST_CASE("the header of a media playlist may be missing") {
  const auto playlist = media("#EXTINF:5,\na.ts\n");
  CHECK(playlist.version == std::nullopt);
  CHECK(playlist.target_duration == std::nullopt);
  CHECK(playlist.media_sequence == 0);
  CHECK(playlist.discontinuity_sequence == 0);
  CHECK(playlist.playlist_type == std::nullopt);
  CHECK(playlist.start == std::nullopt);
  CHECK_FALSE(playlist.endlist);
  CHECK_FALSE(playlist.independent_segments);
}

TEST_CASE("a target duration may be a decimal") {
  CHECK(media("#EXT-X-TARGETDURATION: 9.97 \n").target_duration == milliseconds(9970));
}

TEST_CASE("a playlist type is read in either case, and an unknown one is none") {
  CHECK(media("#EXT-X-PLAYLIST-TYPE:EVENT\n").playlist_type == PlaylistType::event);
  CHECK(media("#EXT-X-PLAYLIST-TYPE: vod\n").playlist_type == PlaylistType::vod);
  CHECK(media("#EXT-X-PLAYLIST-TYPE:LIVE\n").playlist_type == std::nullopt);
}

TEST_CASE("an I-frame playlist is known as one") {
  CHECK(media("#EXT-X-I-FRAMES-ONLY\n#EXTINF:2,\n#EXT-X-BYTERANGE:10@5\na.ts\n").iframes_only);
}

TEST_CASE("a number in a header tag that is none is refused") {
  CHECK_THROWS_WITH_AS(media("#EXT-X-TARGETDURATION:ten\n"),
                       "p:2: #EXT-X-TARGETDURATION \"ten\" is not a number of seconds", Error);
  CHECK_THROWS_WITH_AS(media("#EXT-X-TARGETDURATION:-1\n"),
                       "p:2: #EXT-X-TARGETDURATION \"-1\" is negative", Error);
  CHECK_THROWS_WITH_AS(media("#EXT-X-MEDIA-SEQUENCE:1.5\n"),
                       "p:2: #EXT-X-MEDIA-SEQUENCE \"1.5\" is not a whole number", Error);
  CHECK_THROWS_WITH_AS(media("#EXT-X-DISCONTINUITY-SEQUENCE:x\n"),
                       "p:2: #EXT-X-DISCONTINUITY-SEQUENCE \"x\" is not a whole number", Error);
  CHECK_THROWS_WITH_AS(media("#EXT-X-BITRATE:-5\n"), "p:2: #EXT-X-BITRATE \"-5\" is negative",
                       Error);
}

TEST_CASE("the media sequence is said once, before the segments, and leaves room to count") {
  CHECK(media("#EXT-X-MEDIA-SEQUENCE:5\n#EXT-X-MEDIA-SEQUENCE:5\n").media_sequence == 5);
  CHECK_THROWS_WITH_AS(media("#EXT-X-MEDIA-SEQUENCE:5\n#EXT-X-MEDIA-SEQUENCE:6\n"),
                       "p:3: a second #EXT-X-MEDIA-SEQUENCE contradicts the first", Error);
  CHECK_THROWS_WITH_AS(media("#EXTINF:5,\na.ts\n#EXT-X-MEDIA-SEQUENCE:5\n"),
                       "p:4: #EXT-X-MEDIA-SEQUENCE stands after the first segment", Error);
  CHECK_THROWS_WITH_AS(media("#EXT-X-MEDIA-SEQUENCE:18446744073709551615\n"),
                       "p:2: #EXT-X-MEDIA-SEQUENCE \"18446744073709551615\" is too large", Error);
}

// ---- EXTINF

TEST_CASE("an EXTINF without a comma, with an integer or with white space is understood") {
  const auto playlist = media(
      "#EXTINF:9.97\na.ts\n#EXTINF:10\nb.ts\n#EXTINF:  2.5\t, a, title \nc.ts\n#EXTINF:0,\nd");
  CHECK(playlist.segments[0].duration == milliseconds(9970));
  CHECK(playlist.segments[1].duration == seconds(10));
  CHECK(playlist.segments[2].duration == milliseconds(2500));
  CHECK(playlist.segments[2].title == "a, title");
  CHECK(playlist.segments[3].duration == seconds(0));
}

TEST_CASE("an EXTINF that is negative, no number or too large is refused") {
  CHECK_THROWS_WITH_AS(media("#EXTINF:-9.97,\na.ts\n"), "p:2: #EXTINF \"-9.97\" is negative",
                       Error);
  CHECK_THROWS_WITH_AS(media("#EXTINF:NaN,\na.ts\n"), "p:2: #EXTINF \"NaN\" is not a number",
                       Error);
  CHECK_THROWS_WITH_AS(media("#EXTINF:inf,\na.ts\n"), "p:2: #EXTINF \"inf\" is not a number",
                       Error);
  CHECK_THROWS_WITH_AS(media("#EXTINF:,\na.ts\n"), "p:2: #EXTINF \"\" is not a number of seconds",
                       Error);
  CHECK_THROWS_WITH_AS(media("#EXTINF\na.ts\n"), "p:2: #EXTINF \"\" is not a number of seconds",
                       Error);
  CHECK_THROWS_WITH_AS(media("#EXTINF:10s,\na.ts\n"),
                       "p:2: #EXTINF \"10s\" is not a number of seconds", Error);
  CHECK_THROWS_WITH_AS(media("#EXTINF:99999999999999,\na.ts\n"),
                       "p:2: #EXTINF \"99999999999999\" is too large", Error);
}

TEST_CASE("durations whose sum would overflow are refused") {
  CHECK_THROWS_WITH_AS(media("#EXTINF:999999999999,\na.ts\n#EXTINF:2,\nb.ts\n"),
                       "p:4: the durations add up to too much", Error);
}

TEST_CASE("a list of live streams is told from a playlist") {
  for (const auto* line : {"#EXTINF:-1,Radio\n", "#EXTINF:-1 tvg-id=\"r\",Radio\n"}) {
    try {
      static_cast<void>(media(line));
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.line() ==
            "p:2: #EXTINF \"-1\" is negative; this looks like a list of streams; "
            "give one of its URLs");
    }
  }
}

TEST_CASE("an EXTINF without URI is refused in an ended playlist") {
  CHECK_THROWS_WITH_AS(media("#EXTINF:5,\na.ts\n#EXTINF:5,\n#EXT-X-ENDLIST\n"),
                       "p:4: #EXTINF has no URI", Error);
  CHECK_THROWS_WITH_AS(media("#EXT-X-ENDLIST\n#EXTINF:5,\n"), "p:3: #EXTINF has no URI", Error);
}

TEST_CASE("a trailing EXTINF without URI is a segment still being written in a live playlist") {
  const auto playlist = media("#EXTINF:5,\na.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:5,\n");
  CHECK(playlist.segments.size() == 1);
}

TEST_CASE("an EXTINF without URI between segments is refused") {
  CHECK_THROWS_WITH_AS(media("#EXTINF:5,\n#EXTINF:6,\na.ts\n"), "p:3: #EXTINF of line 2 has no URI",
                       Error);
}

TEST_CASE("a URI without EXTINF is refused in a media playlist") {
  CHECK_THROWS_WITH_AS(media("#EXTINF:5,\na.ts\nb.ts\n"),
                       "p:4: URI \"b.ts\" has no #EXTINF before it", Error);
  CHECK_THROWS_WITH_AS(media("#EXT-X-TARGETDURATION:5\na.ts\n"),
                       "p:3: URI \"a.ts\" has no #EXTINF before it", Error);
}

// ---- URIs

TEST_CASE("URIs of every form are kept as written") {
  for (const auto* uri :
       {"a.ts", "../b/a.ts", "/a.ts", "https://h.example/a.ts", "//h.example/a.ts",
        "a.ts?token=x&y=%20z", "a%20b.ts", "a b.ts", "ünïcödé/日本.ts", "s3://bucket/a.ts", "?a",
        "a.ts#t=1", "data:video/mp2t;base64,AA==", "a,b.ts", "a:b.ts", "{a}.ts"}) {
    CAPTURE(uri);
    CHECK(media(fmt::format("#EXTINF:5,\n{}\n", uri)).segments.at(0).uri == uri);
  }
}

TEST_CASE("white space around a line is ignored") {
  const auto playlist = media(" \t#EXTINF:5,\n \ta b.ts \t\n");
  CHECK(playlist.segments.at(0).uri == "a b.ts");
}

TEST_CASE("a control character in a URI is refused") {
  using namespace std::string_literals;
  CHECK_THROWS_WITH_AS(media("#EXTINF:5,\na\0b.ts\n"s),
                       "p:3: URI \"a\\x00b.ts\" has a control character", Error);
  CHECK_THROWS_WITH_AS(media("#EXTINF:5,\na\x1b[2J.ts\n"),
                       "p:3: URI \"a\\x1b[2J.ts\" has a control character", Error);
  CHECK_THROWS_AS(media("#EXTINF:5,\na\rb.ts\n"), Error);
  CHECK_THROWS_AS(media("#EXT-X-MAP:URI=\"a\x01.mp4\"\n"), Error);
  CHECK_THROWS_AS(media("#EXT-X-KEY:METHOD=AES-128,URI=\"a\x01.key\"\n"), Error);
  CHECK_THROWS_AS(media("#EXT-X-KEY:METHOD=AES\x01,URI=\"a.key\"\n"), Error);
}

// ---- BYTERANGE

TEST_CASE("a byte range has a length and an offset") {
  const auto playlist = media("#EXTINF:5,\n#EXT-X-BYTERANGE:1000@200\na.ts\n#EXTINF:5,\nb.ts\n");
  CHECK(playlist.segments[0].byterange == ByteRange{1000, 200});
  CHECK(playlist.segments[1].byterange == std::nullopt);
}

TEST_CASE("a byte range without offset continues the previous one") {
  const auto playlist = media(
      "#EXT-X-BYTERANGE:1000@200\n#EXTINF:5,\na.ts\n#EXTINF:5,\n#EXT-X-BYTERANGE:500\na.ts\n"
      "#EXTINF:5,\n#EXT-X-BYTERANGE:1\na.ts\n");
  CHECK(playlist.segments[1].byterange == ByteRange{500, 1200});
  CHECK(playlist.segments[2].byterange == ByteRange{1, 1700});
}

TEST_CASE("a byte range without offset is refused where nothing of the same URI precedes it") {
  constexpr auto kReason =
      ": #EXT-X-BYTERANGE has no offset, and the segment before is no range of the same URI";
  CHECK_THROWS_WITH_AS(media("#EXTINF:5,\n#EXT-X-BYTERANGE:500\na.ts\n"),
                       (std::string("p:4") + kReason).c_str(), Error);
  CHECK_THROWS_WITH_AS(media("#EXTINF:5,\n#EXT-X-BYTERANGE:5@0\na.ts\n"
                             "#EXTINF:5,\n#EXT-X-BYTERANGE:500\nb.ts\n"),
                       (std::string("p:7") + kReason).c_str(), Error);
  CHECK_THROWS_WITH_AS(media("#EXTINF:5,\na.ts\n#EXTINF:5,\n#EXT-X-BYTERANGE:500\na.ts\n"),
                       (std::string("p:6") + kReason).c_str(), Error);
  CHECK_THROWS_AS(media("#EXTINF:5,\n#EXT-X-BYTERANGE:5@0\na.ts\n#EXTINF:5,\nb.ts\n"
                        "#EXTINF:5,\n#EXT-X-BYTERANGE:500\na.ts\n"),
                  Error);
}

TEST_CASE("a byte range that is negative or overflows is refused") {
  CHECK_THROWS_WITH_AS(media("#EXT-X-BYTERANGE:-5@0\n"), "p:2: #EXT-X-BYTERANGE \"-5\" is negative",
                       Error);
  CHECK_THROWS_WITH_AS(media("#EXTINF:5,\n#EXT-X-BYTERANGE:1@9223372036854775807\na.ts\n"),
                       "p:4: a byte range of 1 bytes from 9223372036854775807 is too large", Error);
  CHECK_THROWS_AS(media("#EXTINF:5,\n#EXT-X-BYTERANGE:1@9223372036854775806\na.ts\n"
                        "#EXTINF:5,\n#EXT-X-BYTERANGE:1\na.ts\n"),
                  Error);
  CHECK_THROWS_AS(media("#EXT-X-BYTERANGE:99999999999999999999\n"), Error);
}

TEST_CASE("two byte ranges for one segment are refused") {
  CHECK_THROWS_WITH_AS(media("#EXTINF:5,\n#EXT-X-BYTERANGE:5@0\n#EXT-X-BYTERANGE:6@0\na.ts\n"),
                       "p:4: a second #EXT-X-BYTERANGE for one segment", Error);
}

// ---- What else stands before a segment

TEST_CASE("a discontinuity marks the segment after it, the first one too") {
  const auto playlist = media(
      "#EXT-X-DISCONTINUITY\n#EXTINF:5,\na\n#EXTINF:5,\nb\n#EXTINF:5,\n#EXT-X-DISCONTINUITY\nc\n"
      "#EXT-X-DISCONTINUITY\n");
  CHECK(playlist.segments[0].discontinuity);
  CHECK_FALSE(playlist.segments[1].discontinuity);
  CHECK(playlist.segments[2].discontinuity);
  CHECK(playlist.discontinuities() == 1);
}

TEST_CASE("a gap marks one segment") {
  const auto playlist = media("#EXT-X-GAP\n#EXTINF:5,\na\n#EXTINF:5,\nb\n");
  CHECK(playlist.segments[0].gap);
  CHECK_FALSE(playlist.segments[1].gap);
}

TEST_CASE("a bit rate applies to the segments after it that are not byte ranges") {
  const auto playlist = media(
      "#EXTINF:5,\na\n#EXT-X-BITRATE:800\n#EXTINF:5,\nb\n#EXTINF:5,\n#EXT-X-BYTERANGE:5@0\nc\n"
      "#EXTINF:5,\nd\n#EXT-X-BITRATE:900\n#EXTINF:5,\ne\n");
  CHECK(playlist.segments[0].bitrate_kbps == 0);
  CHECK(playlist.segments[1].bitrate_kbps == 800);
  CHECK(playlist.segments[2].bitrate_kbps == 0);
  CHECK(playlist.segments[3].bitrate_kbps == 800);
  CHECK(playlist.segments[4].bitrate_kbps == 900);
}

TEST_CASE("a program date and time is read with every form of offset") {
  const auto expected = core::WallTime(seconds(1596471685)) + milliseconds(146);
  for (const auto* text :
       {"2020-08-03T16:21:25.146Z", "2020-08-03T16:21:25.146z", "2020-08-03T16:21:25,146Z",
        "2020-08-03T18:21:25.146+02:00", "2020-08-03T18:21:25.146+0200",
        "2020-08-03T18:21:25.146+02", "2020-08-03T11:51:25.146-04:30", "20200803T162125.146Z",
        "2020-08-03 16:21:25.146Z", "2020-08-03T16:21:25.146", " 2020-08-03T16:21:25.146Z "}) {
    CAPTURE(text);
    const auto playlist = media(fmt::format("#EXT-X-PROGRAM-DATE-TIME:{}\n#EXTINF:5,\na\n", text));
    CHECK(playlist.segments.at(0).program_date_time == expected);
  }
}

TEST_CASE("a program date and time stands for its segment only, and is extrapolated from there") {
  const auto playlist = media(
      "#EXTINF:5,\na\n#EXTINF:5,\n#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:01:40Z\nb\n#EXTINF:5,"
      "\nc\n");
  CHECK(playlist.segments[0].program_date_time == std::nullopt);
  CHECK(playlist.segments[1].program_date_time == core::WallTime(seconds(100)));
  CHECK(playlist.segments[2].program_date_time == std::nullopt);
  const auto times = playlist.wall_times();
  CHECK(times[0] == core::WallTime(seconds(95)));
  CHECK(times[2] == core::WallTime(seconds(105)));
}

TEST_CASE("a program date and time that is none is refused") {
  CHECK_THROWS_WITH_AS(
      media("#EXT-X-PROGRAM-DATE-TIME:yesterday\n"),
      "p:2: #EXT-X-PROGRAM-DATE-TIME \"yesterday\" is not an ISO 8601 date and time", Error);
}

TEST_CASE("low-latency tags and date ranges are read without harm") {
  const auto playlist = media(
      "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.0\n#EXT-X-PART-INF:PART-TARGET="
      "0.3\n"
      "#EXT-X-DATERANGE:ID=\"ad\",START-DATE=\"2020-08-03T16:21:25Z\",X-COM=\"a\",END-ON-NEXT=YES\n"
      "#EXT-X-PART:DURATION=0.3,URI=\"p1.mp4\"\n#EXT-X-PART:DURATION=0.3,URI=\"p2.mp4\"\n#EXTINF:0."
      "6,\n"
      "a.mp4\n#EXT-X-PART:DURATION=0.3,URI=\"p3.mp4\"\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"p4."
      "mp4\"\n"
      "#EXT-X-RENDITION-REPORT:URI=\"../1M/x.m3u8\",LAST-MSN=273,LAST-PART=2\n"
      "#EXT-X-SKIP:SKIPPED-SEGMENTS=0\n");
  REQUIRE(playlist.segments.size() == 1);
  CHECK(playlist.segments[0].uri == "a.mp4");
}

TEST_CASE("a delta update is refused, since it is not the whole playlist") {
  CHECK_THROWS_WITH_AS(media("#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n#EXTINF:5,\na\n"),
                       "p:2: #EXT-X-SKIP leaves segments out", Error);
}
