// The choice of audio and of subtitles.
#include "momentcut/hls/select_media.hpp"

#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "momentcut/hls/parse.hpp"

using namespace momentcut::hls;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;

namespace {

MultivariantPlaylist with_audio(const std::string& media, const std::string& group = "a") {
  return std::get<MultivariantPlaylist>(
      parse("#EXTM3U\n" + media + "#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"" + group +
                "\"\nv.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=1\nmuxed.m3u8\n",
            {"p", {}, {}}));
}

std::string audio(const std::string& name, const std::string& more,
                  const std::string& group = "a") {
  return "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"" + group + "\",NAME=\"" + name + "\",URI=\"" + name +
         ".m3u8\"" + more + "\n";
}

MediaSelection choose(const MultivariantPlaylist& playlist, const std::string& wanted) {
  return select_audio(playlist, playlist.variants[0], wanted, "m.m3u8");
}

const auto kTwo = audio("English", ",LANGUAGE=\"en-US\",AUTOSELECT=YES") +
                  audio("Deutsch", ",LANGUAGE=\"de\",DEFAULT=YES,AUTOSELECT=YES");

}  // namespace

TEST_CASE("without a wish it is the default audio, else the first that players select") {
  CHECK(choose(with_audio(kTwo), "").uri == "Deutsch.m3u8");
  CHECK(choose(with_audio(audio("x", "") + audio("y", ",AUTOSELECT=YES")), "").name == "y");
  CHECK(choose(with_audio(audio("x", "") + audio("y", "")), "").name == "x");
  CHECK(choose(with_audio(kTwo), "").line == 3);
}

TEST_CASE("audio is chosen by its name or by its language") {
  CHECK(choose(with_audio(kTwo), "English").name == "English");
  CHECK(choose(with_audio(kTwo), "en").name == "English");
  CHECK(choose(with_audio(kTwo), "EN-us").name == "English");
  CHECK(choose(with_audio(kTwo), "de").name == "Deutsch");
}

TEST_CASE("other groups, and what is no audio, are not for this variant") {
  const auto playlist = with_audio(audio("other", ",DEFAULT=YES", "b") + kTwo);
  CHECK(choose(playlist, "").name == "Deutsch");
  CHECK(thrown_by([&] { choose(playlist, "other"); }).kind() == ErrorKind::not_found);
  const auto subtitles = with_audio(
      "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"a\",NAME=\"text\",URI=\"t.m3u8\"\n" + kTwo);
  CHECK(thrown_by([&] { choose(subtitles, "text"); }).kind() == ErrorKind::not_found);
}

TEST_CASE("audio without a playlist of its own, or without a group, is in the video's segments") {
  const auto muxed = "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"main\",DEFAULT=YES\n";
  CHECK_FALSE(choose(with_audio(muxed + kTwo), "").uri);
  CHECK(choose(with_audio(muxed + kTwo), "").name == "main");
  const auto playlist = with_audio(kTwo);
  CHECK_FALSE(select_audio(playlist, playlist.variants[1], "", "m").uri);
}

TEST_CASE("audio that is not there is told with what is") {
  CHECK(thrown_by([&] { choose(with_audio(kTwo), "fr"); }).line() ==
        "m.m3u8 has no audio \"fr\"; it has \"English\" (en-US), \"Deutsch\" (de)");
  const auto playlist = with_audio(kTwo);
  CHECK(thrown_by([&] { select_audio(playlist, playlist.variants[1], "fr", "m.m3u8"); }).line() ==
        "m.m3u8 has no audio \"fr\"; its audio is in the video's segments; leave out --audio");
}

namespace {

MultivariantPlaylist with_subtitles(const std::string& media) {
  return std::get<MultivariantPlaylist>(
      parse("#EXTM3U\n" + media + "#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES=\"s\"\nv.m3u8\n" +
                "#EXT-X-STREAM-INF:BANDWIDTH=1\nbare.m3u8\n",
            {"p", {}, {}}));
}

const std::string kText =
    "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"English\",LANGUAGE=\"en-GB\","
    "URI=\"en.m3u8\"\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"Deutsch\","
    "LANGUAGE=\"de\",URI=\"de.m3u8\"\n";

}  // namespace

TEST_CASE("subtitles are chosen by their name or by their language") {
  const auto playlist = with_subtitles(kText);
  const auto chosen = select_subtitles(playlist, playlist.variants[0], "en", "m.m3u8");
  CHECK(chosen.name == "English");
  CHECK(chosen.language == "en-GB");
  CHECK(chosen.uri == "en.m3u8");
  CHECK(chosen.line == 2);
  CHECK(select_subtitles(playlist, playlist.variants[0], "Deutsch", "m").uri == "de.m3u8");
}

TEST_CASE("subtitles that are not there are told with what is") {
  const auto playlist = with_subtitles(kText);
  const auto error =
      thrown_by([&] { select_subtitles(playlist, playlist.variants[0], "fr", "m.m3u8"); });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(error.line() ==
        "m.m3u8 has no subtitles \"fr\"; it has \"English\" (en-GB), \"Deutsch\" (de)");
  CHECK(thrown_by([&] { select_subtitles(playlist, playlist.variants[1], "en", "m"); }).kind() ==
        ErrorKind::not_found);
}
