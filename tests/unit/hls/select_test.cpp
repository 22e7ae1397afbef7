// The choice of a rendition by its name.
#include "momentcut/hls/select.hpp"

#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/hls/parse.hpp"

using namespace momentcut::hls;
using momentcut::core::Error;
using momentcut::core::ErrorKind;

namespace {

using Names = std::vector<std::string>;

MultivariantPlaylist multivariant(const std::string& lines) {
  return std::get<MultivariantPlaylist>(parse("#EXTM3U\n" + lines, {"p", {}, {}}));
}

// A playlist of variants, each with these attributes, called 0.m3u8, 1.m3u8, …
MultivariantPlaylist variants(const Names& attributes) {
  std::string lines;
  for (std::size_t i = 0; i < attributes.size(); ++i)
    lines += fmt::format("#EXT-X-STREAM-INF:{}\n{}.m3u8\n", attributes[i], i);
  return multivariant(lines);
}

Selection choose(const MultivariantPlaylist& playlist, std::string_view wanted) {
  return select_rendition(playlist, wanted, "m");
}

std::string uri(const MultivariantPlaylist& playlist, std::string_view wanted) {
  return choose(playlist, wanted).uri;
}

const MultivariantPlaylist& ivs() {
  static const auto playlist = multivariant(
      "#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID=\"480p30\",NAME=\"480p\",AUTOSELECT=YES,DEFAULT=YES\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=1427999,RESOLUTION=852x480,CODECS=\"avc1.4D401F,mp4a.40.2\","
      "VIDEO=\"480p30\",FRAME-RATE=30.000\n480p30/playlist.m3u8\n"
      "#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID=\"720p60\",NAME=\"720p60\",AUTOSELECT=YES,DEFAULT=YES\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=3422999,RESOLUTION=1280x720,CODECS=\"avc1.4D401F,mp4a.40.2\","
      "VIDEO=\"720p60\",FRAME-RATE=60.000\n720p60/playlist.m3u8\n"
      "#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID=\"audio_only\",NAME=\"Audio\",AUTOSELECT=NO,DEFAULT=NO\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=160000,CODECS=\"mp4a.40.2\",VIDEO=\"audio_only\"\n"
      "audio_only/playlist.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=230000,RESOLUTION=284x160,CODECS=\"avc1.4D401F,mp4a.40.2\","
      "VIDEO=\"160p30\",FRAME-RATE=30.000\n160p30/playlist.m3u8\n");
  return playlist;
}

}  // namespace

TEST_CASE("the renditions of AWS IVS are called by their groups") {
  CHECK(variant_names(ivs()) == Names{"480p30", "720p60", "audio_only", "160p30"});
}

TEST_CASE("a variant is named by the first thing that tells it") {
  const auto playlist = multivariant(
      "#EXT-X-STREAM-INF:NAME=\"name\",VIDEO=\"group\",RESOLUTION=1280x720\none/a.m3u8\n"
      "#EXT-X-STREAM-INF:NAME=\"\",VIDEO=\"group\",RESOLUTION=1280x720\ntwo/a.m3u8\n"
      "#EXT-X-STREAM-INF:RESOLUTION=1280x720\nhttps://h.example/x/folder/a.m3u8?b=c/d\n"
      "#EXT-X-STREAM-INF:RESOLUTION=1280x720,FRAME-RATE=29.97\na.m3u8\n"
      "#EXT-X-STREAM-INF:RESOLUTION=1280x720\na.m3u8\n"
      "#EXT-X-STREAM-INF:RESOLUTION=720x1280,FRAME-RATE=50\na.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=1\n?id=1\n");
  CHECK(variant_names(playlist) ==
        Names{"name", "group", "folder", "720p30", "720p", "720p50", "low", "variant8"});
}

TEST_CASE("a folder that variants share tells none of them apart") {
  const auto playlist = multivariant(
      "#EXT-X-STREAM-INF:BANDWIDTH=1\nhls/720p.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=852x480\nhls/480p.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=1\naudio/a.m3u8\n");
  CHECK(variant_names(playlist) == Names{"720p", "480p", "audio"});
}

TEST_CASE("equal names are numbered, and a name that a variant bears by itself stays its own") {
  CHECK(variant_names(variants({"NAME=\"a\"", "NAME=\"a\"", "NAME=\"b\"", "NAME=\"a\""})) ==
        Names{"a", "a-2", "b", "a-3"});
  CHECK(variant_names(variants({"NAME=\"a\"", "NAME=\"a\"", "NAME=\"a-2\"", "NAME=\"a-2\""})) ==
        Names{"a", "a-3", "a-2", "a-2-2"});
}

TEST_CASE("best is the highest resolution, then frame rate, then bandwidth") {
  CHECK(choose(ivs(), "best").name == "720p60");
  CHECK(choose(ivs(), "best").uri == "720p60/playlist.m3u8");
  CHECK(choose(ivs(), "best").variant == 1);
  CHECK_FALSE(choose(ivs(), "best").audio_only);
  const auto playlist = variants({"RESOLUTION=1280x720,FRAME-RATE=30,BANDWIDTH=9",
                                  "RESOLUTION=1280x720,FRAME-RATE=60,BANDWIDTH=1",
                                  "RESOLUTION=1280x720,FRAME-RATE=60,BANDWIDTH=2",
                                  "RESOLUTION=1280x720,FRAME-RATE=60,BANDWIDTH=2",
                                  "RESOLUTION=640x360,FRAME-RATE=60,BANDWIDTH=99"});
  CHECK(uri(playlist, "best") == "2.m3u8");
}

TEST_CASE("worst is the lowest of the same, but has video") {
  CHECK(choose(ivs(), "worst").name == "160p30");
  const auto playlist = variants({"RESOLUTION=640x360,FRAME-RATE=60,BANDWIDTH=1",
                                  "RESOLUTION=640x360,FRAME-RATE=30,BANDWIDTH=3",
                                  "RESOLUTION=640x360,FRAME-RATE=30,BANDWIDTH=2",
                                  "BANDWIDTH=1,CODECS=\"mp4a.40.2\""});
  CHECK(uri(playlist, "worst") == "2.m3u8");
}

TEST_CASE("bandwidth decides where nothing else is known") {
  const auto playlist = variants({"BANDWIDTH=2", "BANDWIDTH=3", "BANDWIDTH=1"});
  CHECK(uri(playlist, "best") == "1.m3u8");
  CHECK(uri(playlist, "worst") == "2.m3u8");
}

TEST_CASE("a variant has no video when its codecs or its lack of a resolution say so") {
  CHECK(uri(variants({"BANDWIDTH=9,CODECS=\"mp4a.40.2\"", "BANDWIDTH=1,CODECS=\"avc1.4D401F\""}),
            "best") == "1.m3u8");
  CHECK(uri(variants({"BANDWIDTH=9", "BANDWIDTH=1,RESOLUTION=640x360"}), "best") == "1.m3u8");
  CHECK(uri(variants({"BANDWIDTH=9", "BANDWIDTH=1,RESOLUTION=640x360"}), "audio") == "0.m3u8");
  CHECK(uri(variants({"BANDWIDTH=9,CODECS=\"\"", "BANDWIDTH=1,RESOLUTION=640x360"}), "worst") ==
        "1.m3u8");
  CHECK(uri(variants({"BANDWIDTH=9,CODECS=\"hvc1.1\"", "BANDWIDTH=1,RESOLUTION=640x360"}),
            "worst") == "0.m3u8");
}

TEST_CASE("a resolution means video although the codecs forget it") {
  const auto playlist =
      variants({"RESOLUTION=1280x720,CODECS=\"mp4a.40.2\"", "RESOLUTION=640x360"});
  CHECK(uri(playlist, "best") == "0.m3u8");
  CHECK_FALSE(choose(playlist, "best").audio_only);
}

TEST_CASE("best and worst of a playlist without video are audio") {
  const auto playlist =
      variants({"BANDWIDTH=1,CODECS=\"mp4a.40.2\"", "BANDWIDTH=2,CODECS=\"mp4a.40.2\""});
  CHECK(uri(playlist, "best") == "1.m3u8");
  CHECK(uri(playlist, "worst") == "0.m3u8");
  CHECK(choose(playlist, "best").audio_only);
}

TEST_CASE("audio is an audio-only variant where there is one") {
  const auto selection = choose(ivs(), "audio");
  CHECK(selection.name == "audio_only");
  CHECK(selection.uri == "audio_only/playlist.m3u8");
  CHECK(selection.audio_only);
  CHECK(selection.variant == 2);
}

TEST_CASE("audio is otherwise the default AUDIO rendition with a playlist of its own") {
  const auto playlist = multivariant(
      "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"s\",DEFAULT=YES,URI=\"s.m3u8\"\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"lo\",NAME=\"muxed\",DEFAULT=YES\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"lo\",NAME=\"low\",DEFAULT=YES,URI=\"low.m3u8\"\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"hi\",NAME=\"comment\",URI=\"comment.m3u8\"\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"hi\",NAME=\"high\",DEFAULT=YES,URI=\"high.m3u8\"\n"
      "#EXT-X-STREAM-INF:RESOLUTION=640x360,AUDIO=\"lo\"\na.m3u8\n"
      "#EXT-X-STREAM-INF:RESOLUTION=1280x720,AUDIO=\"hi\"\nb.m3u8\n");
  const auto selection = choose(playlist, "audio");
  CHECK(selection.name == "high");
  CHECK(selection.uri == "high.m3u8");
  CHECK(selection.audio_only);
  CHECK(selection.variant == std::nullopt);
}

TEST_CASE("audio without a playlist of its own is cut from the best variant") {
  const auto playlist = multivariant(
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"muxed\",DEFAULT=YES\n"
      "#EXT-X-STREAM-INF:RESOLUTION=640x360,AUDIO=\"a\"\na.m3u8\n"
      "#EXT-X-STREAM-INF:RESOLUTION=1280x720,AUDIO=\"a\"\nb.m3u8\n");
  const auto selection = choose(playlist, "audio");
  CHECK(selection.uri == "b.m3u8");
  CHECK(selection.audio_only);
  CHECK(selection.variant == 1);
}

TEST_CASE("an exact name, a group, a NAME or a folder chooses a variant") {
  CHECK(choose(ivs(), "480p30").variant == 0);
  const auto selection = choose(ivs(), "audio_only");
  CHECK(selection.variant == 2);
  CHECK(selection.audio_only);
  const auto playlist = multivariant(
      "#EXT-X-STREAM-INF:NAME=\"n\",VIDEO=\"g\",RESOLUTION=640x360\nf/a.m3u8\n"
      "#EXT-X-STREAM-INF:NAME=\"n2\",VIDEO=\"g\",RESOLUTION=1280x720\nf/b.m3u8\n");
  CHECK(choose(playlist, "n").variant == 0);
  CHECK(choose(playlist, "g").variant == 1);
  CHECK(choose(playlist, "f").variant == 1);
  CHECK(choose(playlist, "g").name == "n2");
}

TEST_CASE("an exact name goes before a height") {
  CHECK(uri(variants({"RESOLUTION=1280x720,FRAME-RATE=30", "RESOLUTION=640x360,NAME=\"720p\""}),
            "720p") == "1.m3u8");
}

TEST_CASE("a height chooses the best variant that has it") {
  CHECK(choose(ivs(), "720p").name == "720p60");
  CHECK(choose(ivs(), "160p").name == "160p30");
  const auto playlist = variants({"NAME=\"a\",RESOLUTION=1280x720,FRAME-RATE=30",
                                  "NAME=\"b\",RESOLUTION=1280x720,FRAME-RATE=59.94",
                                  "NAME=\"c\",RESOLUTION=1280x720"});
  CHECK(choose(playlist, "720p").name == "b");
  CHECK(choose(playlist, "720p60").name == "b");
  CHECK(choose(playlist, "720p30").name == "a");
  CHECK_THROWS_AS(choose(playlist, "720p50"), Error);
}

TEST_CASE("a portrait video is found by its width, unless another has that height") {
  CHECK(uri(variants({"NAME=\"a\",RESOLUTION=720x1280"}), "720p") == "0.m3u8");
  CHECK(uri(variants({"NAME=\"a\",RESOLUTION=720x1280"}), "1280p") == "0.m3u8");
  CHECK(uri(variants({"NAME=\"a\",RESOLUTION=720x1280", "NAME=\"b\",RESOLUTION=960x720"}),
            "720p") == "1.m3u8");
}

TEST_CASE("what is not there is not found, and the error lists what is") {
  try {
    static_cast<void>(choose(ivs(), "1080p"));
    FAIL("found");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::not_found);
    CHECK(std::string(error.what()) ==
          "m: no rendition \"1080p\"; there is 480p30 (852x480), 720p60 (1280x720), audio_only, "
          "160p30 (284x160), best, worst or audio");
  }
  for (const auto* wanted : {"", "p", "720", "720px", "p30", "-720p", "720p30p", "BEST", " 720p"}) {
    CAPTURE(wanted);
    CHECK_THROWS_AS(choose(ivs(), wanted), Error);
  }
}

TEST_CASE("a long list of what is there is shortened") {
  CHECK_THROWS_WITH_AS(choose(variants(Names(22, "NAME=\"a\"")), "b"),
                       doctest::Contains("a-19, a-20, 2 more, best, worst or audio"), Error);
}

TEST_CASE("a playlist without variants is bad data") {
  try {
    static_cast<void>(choose(MultivariantPlaylist{}, "best"));
    FAIL("chosen");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::bad_data);
    CHECK(std::string(error.what()) == "m: the multivariant playlist has no variants");
  }
}
