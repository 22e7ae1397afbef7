// What --inspect shows.
#include "momentcut/cli/inspection.hpp"

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "momentcut/core/text.hpp"
#include "momentcut/hls/parse.hpp"
#include "momentcut/hls/select.hpp"
#include "print.hpp"

using namespace momentcut;
using nlohmann::json;
using pipeline::Inspection;

namespace {

hls::MediaPlaylist media(const std::string& lines) {
  return std::get<hls::MediaPlaylist>(hls::parse("#EXTM3U\n" + lines, {"p", {}, {}}));
}

const std::string kMedia =
    "#EXT-X-VERSION:4\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:3\n"
    "#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-PROGRAM-DATE-TIME:2020-08-03T16:21:25Z\n"
    "#EXTINF:6.006,\n0.ts\n#EXTINF:5,A title\n#EXT-X-BYTERANGE:1000@200\n1.ts\n"
    "#EXT-X-DISCONTINUITY\n#EXT-X-GAP\n#EXTINF:4,\n2.ts\n#EXT-X-ENDLIST\n";
const std::string kMultivariant =
    "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"English\",LANGUAGE=\"en\","
    "DEFAULT=YES,AUTOSELECT=YES,URI=\"en.m3u8\"\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=3422999,AVERAGE-BANDWIDTH=3000000,RESOLUTION=1280x720,"
    "FRAME-RATE=59.94,CODECS=\"avc1.4D401F,mp4a.40.2\",AUDIO=\"a\"\n720p60/playlist.m3u8\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=100\nlow.m3u8\n";

// A rendition's playlist alone.
Inspection bare_media() {
  Inspection inspection;
  inspection.source = inspection.playlist_path = inspection.media_path = "r/playlist.m3u8";
  inspection.is_bare_playlist = true;
  inspection.rendition = "r";
  inspection.media = media(kMedia);
  return inspection;
}

// A recording's folder with all there is.
Inspection recording() {
  auto inspection = bare_media();
  inspection.is_bare_playlist = false;
  inspection.source = "rec";
  inspection.playlist_path = "rec/master.m3u8";
  inspection.media_path = "rec/720p60/playlist.m3u8";
  inspection.multivariant =
      std::get<hls::MultivariantPlaylist>(hls::parse(kMultivariant, {"m", {}, {}}));
  inspection.rendition_names = hls::variant_names(*inspection.multivariant);
  inspection.rendition = "720p60";
  inspection.recording_id = "EyEKX6dRDP81";
  s3::RecordingEvent event;
  event.state = s3::RecordingState::ended;
  event.started_at = core::parse_wall_time("2020-08-03T16:21:25Z");
  event.duration = std::chrono::minutes(1);
  event.channel_arn = "arn";
  inspection.event = event;
  return inspection;
}

json read_back(const Inspection& inspection) {
  const auto text = cli::inspection_json(inspection);
  CHECK(text.find('\n') == text.size() - 1);
  return json::parse(text);
}

}  // namespace

TEST_CASE("a bare media playlist is shown as itself") {
  const auto read = read_back(bare_media());
  CHECK(read["type"] == "media");
  CHECK(read["version"] == 4);
  CHECK(read["target_duration"] == 6.0);
  CHECK(read["media_sequence"] == 3);
  CHECK(read["discontinuity_sequence"] == 0);
  CHECK(read["playlist_type"] == "VOD");
  CHECK(read["endlist"] == true);
  CHECK(read["total_duration"] == 15.006);
  CHECK(read.size() == 9);
  REQUIRE(read["segments"].size() == 3);
  CHECK(read["segments"][0] == json{{"uri", "0.ts"},
                                    {"duration", 6.006},
                                    {"title", nullptr},
                                    {"byterange", nullptr},
                                    {"map", nullptr},
                                    {"key", nullptr},
                                    {"discontinuity", false},
                                    {"program_date_time", "2020-08-03T16:21:25.000Z"},
                                    {"gap", false}});
  CHECK(read["segments"][1]["title"] == "A title");
  CHECK(read["segments"][1]["byterange"] == json{{"length", 1'000}, {"offset", 200}});
  CHECK(read["segments"][1]["program_date_time"].is_null());
  CHECK(read["segments"][2]["discontinuity"] == true);
  CHECK(read["segments"][2]["gap"] == true);
}

TEST_CASE("what a media playlist does not say is null") {
  auto inspection = bare_media();
  inspection.media = media("#EXTINF:1,\n0.ts\n");
  const auto read = read_back(inspection);
  CHECK(read["version"].is_null());
  CHECK(read["target_duration"].is_null());
  CHECK(read["playlist_type"].is_null());
  CHECK(read["endlist"] == false);
  inspection.media = media("#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-TARGETDURATION:6\n#EXT-X-ENDLIST\n");
  CHECK(read_back(inspection)["playlist_type"] == "EVENT");
  CHECK(read_back(inspection)["segments"] == json::array());
}

TEST_CASE("maps and keys are shown where they are in force") {
  auto inspection = bare_media();
  inspection.media = media(
      "#EXT-X-MAP:URI=\"i.mp4\",BYTERANGE=\"10@5\"\n"
      "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x01\n#EXTINF:1,\n0.mp4\n"
      "#EXT-X-KEY:METHOD=NONE\n#EXT-X-MAP:URI=\"j.mp4\"\n#EXTINF:1,\n1.mp4\n#EXT-X-ENDLIST\n");
  const auto read = read_back(inspection)["segments"];
  CHECK(read[0]["map"] == json{{"uri", "i.mp4"}, {"byterange", {{"length", 10}, {"offset", 5}}}});
  CHECK(read[0]["key"] == json{{"method", "AES-128"}, {"uri", "k"}, {"iv", "0x01"}});
  CHECK(read[1]["map"] == json{{"uri", "j.mp4"}, {"byterange", nullptr}});
  CHECK(read[1]["key"].is_null());
}

TEST_CASE("a bare multivariant playlist is shown as itself") {
  auto inspection = recording();
  inspection.is_bare_playlist = true;
  const auto read = read_back(inspection);
  CHECK(read["type"] == "multivariant");
  CHECK(read.size() == 3);
  REQUIRE(read["variants"].size() == 2);
  CHECK(read["variants"][0] == json{{"uri", "720p60/playlist.m3u8"},
                                    {"bandwidth", 3'422'999},
                                    {"average_bandwidth", 3'000'000},
                                    {"resolution", {{"width", 1280}, {"height", 720}}},
                                    {"frame_rate", 59.94},
                                    {"codecs", "avc1.4D401F,mp4a.40.2"},
                                    {"name", nullptr},
                                    {"audio", "a"},
                                    {"video", nullptr},
                                    {"subtitles", nullptr}});
  CHECK(read["variants"][1]["resolution"].is_null());
  CHECK(read["variants"][1]["frame_rate"].is_null());
  REQUIRE(read["media"].size() == 1);
  CHECK(read["media"][0] == json{{"type", "AUDIO"},
                                 {"group_id", "a"},
                                 {"name", "English"},
                                 {"language", "en"},
                                 {"default", true},
                                 {"autoselect", true},
                                 {"uri", "en.m3u8"}});
}

TEST_CASE("a recording is shown with what was resolved around its playlist") {
  const auto read = read_back(recording());
  CHECK(read["source"] == "rec");
  CHECK(read["playlist_path"] == "rec/master.m3u8");
  CHECK(read["playlist"]["type"] == "multivariant");
  CHECK(read["recording"] == json{{"id", "EyEKX6dRDP81"},
                                  {"state", "ended"},
                                  {"started_at", "2020-08-03T16:21:25.000Z"},
                                  {"ended_at", nullptr},
                                  {"duration", 60.0},
                                  {"channel_arn", "arn"}});
  CHECK(read["rendition"]["name"] == "720p60");
  CHECK(read["rendition"]["playlist_path"] == "rec/720p60/playlist.m3u8");
  CHECK(read["rendition"]["live"] == false);
  CHECK(read["rendition"]["utc"] ==
        json{{"start", "2020-08-03T16:21:25.000Z"}, {"end", "2020-08-03T16:21:36.006Z"}});
  CHECK(read["rendition"]["playlist"]["type"] == "media");
  CHECK(read.size() == 5);
}

TEST_CASE("a recording without events, variants or folder says so by nulls") {
  auto inspection = recording();
  inspection.event.reset();
  CHECK(read_back(inspection)["recording"] == json{{"id", "EyEKX6dRDP81"},
                                                   {"state", nullptr},
                                                   {"started_at", nullptr},
                                                   {"ended_at", nullptr},
                                                   {"duration", nullptr},
                                                   {"channel_arn", nullptr}});
  inspection.recording_id.clear();
  CHECK(read_back(inspection)["recording"].is_null());
  inspection.multivariant.reset();
  CHECK(read_back(inspection)["playlist"]["type"] == "media");
  inspection = recording();
  inspection.media.reset();
  CHECK(read_back(inspection)["rendition"].is_null());
}

TEST_CASE("an inspection for people is tables") {
  CHECK(cli::inspection_text(recording()) ==
        "source     rec\n"
        "recording  EyEKX6dRDP81\n"
        "events     ended\n"
        "started    2020-08-03T16:21:25.000Z\n"
        "\n"
        "RENDITION  RESOLUTION  FPS    BANDWIDTH  CODECS\n"
        "720p60     1280x720    59.94  3422999    avc1.4D401F,mp4a.40.2\n"
        "low        -           -      100        -\n"
        "English    audio       -      -          en\n"
        "\n"
        "rendition   720p60\n"
        "playlist    rec/720p60/playlist.m3u8\n"
        "duration    0:00:15.006 (15.006 s)\n"
        "segments    3\n"
        "target      6 s\n"
        "breaks      1 discontinuity marker\n"
        "gaps        1 missing segment\n"
        "dates       2020-08-03T16:21:25.000Z to 2020-08-03T16:21:36.006Z\n"
        "encryption  none\n"
        "state       ended\n");
}

TEST_CASE("a media playlist for people says what it does not know") {
  auto inspection = bare_media();
  inspection.media = media(
      "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:1,\n0.ts\n"
      "#EXT-X-KEY:METHOD=AES-128,URI=\"l\"\n#EXTINF:1,\n1.ts\n");
  const auto text = cli::inspection_text(inspection);
  CHECK(text.starts_with("source  r/playlist.m3u8\n\nrendition   r\n"));
  CHECK(text.find("target      not said\n") != std::string::npos);
  CHECK(text.find("dates       none\n") != std::string::npos);
  CHECK(text.find("encryption  AES-128\n") != std::string::npos);
  CHECK(text.find("state       live\n") != std::string::npos);
}

TEST_CASE("maps and gaps are counted where there are some") {
  auto inspection = bare_media();
  inspection.media = media("#EXTINF:1,\n0.ts\n");
  for (const auto* unneeded : {"gaps", "maps"}) {
    CHECK(cli::inspection_text(inspection).find(unneeded) == std::string::npos);
  }
  inspection.media = media(
      "#EXT-X-MAP:URI=\"i\"\n#EXTINF:1,\n0.mp4\n#EXT-X-GAP\n#EXTINF:1,\n1.mp4\n"
      "#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"j\"\n#EXTINF:1,\n2.mp4\n");
  const auto text = cli::inspection_text(inspection);
  CHECK(text.find("gaps        1 missing segment\n") != std::string::npos);
  CHECK(text.find("maps        2 initialization sections\n") != std::string::npos);
}

TEST_CASE("a recording's events know better than its playlist whether it is live") {
  auto inspection = recording();
  inspection.event->state = s3::RecordingState::started;
  CHECK(cli::inspection_text(inspection).find("state       live\n") != std::string::npos);
  CHECK(read_back(inspection)["recording"]["state"] == "live");
  CHECK(read_back(inspection)["rendition"]["live"] == true);
  inspection.event->state = s3::RecordingState::failed;
  CHECK(cli::inspection_text(inspection).find("state       ended\n") != std::string::npos);
  CHECK(read_back(inspection)["recording"]["state"] == "failed");
}

TEST_CASE("what a playlist writes cannot drive the terminal that shows it") {
  auto inspection = recording();
  inspection.source = "rec\x1b[2J";
  inspection.multivariant->variants[0].codecs = "\x1b[31m";
  inspection.rendition_names[0] = "\x1b]0;x\x07";
  inspection.multivariant->media[0].name = "\x1b[31m";
  inspection.recording_id = "a\nb";
  const auto text = cli::inspection_text(inspection);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("recording  a?b\n") != std::string::npos);
}

TEST_CASE("text that is no UTF-8 does not break an inspection") {
  auto inspection = bare_media();
  inspection.media->segments[0].uri = "\xff.ts";
  CHECK(read_back(inspection)["segments"][0]["uri"] == "\xef\xbf\xbd.ts");
}

TEST_CASE("a table's columns stand under each other whatever the names are") {
  auto inspection = recording();
  inspection.rendition_names = {"größe", "low"};
  const auto text = cli::inspection_text(inspection);
  CHECK(text.find("\ngröße      1280x720 ") != std::string::npos);
}
