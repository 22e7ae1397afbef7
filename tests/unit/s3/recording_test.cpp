// The events of an AWS IVS recording, and where its playlists are looked for.
#include "momentcut/s3/recording.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/thrown.hpp"
#include "print.hpp"

using namespace momentcut::s3;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::parse_wall_time;
using momentcut::core::thrown_by;

namespace {

const std::string kEnded =
    R"({"version":"v1","recording_started_at":"2020-08-03T16:21:25Z",)"
    R"("recording_ended_at":"2020-08-03T17:21:25Z",)"
    R"("channel_arn":"arn:aws:ivs:us-west-2:081957680644:channel/W2qj91sl5VDK",)"
    R"("recording_status":"RECORDING_ENDED","media":{"hls":{"duration_ms":3600000,)"
    R"("path":"media/hls","playlist":"master.m3u8",)"
    R"("byte_range_playlist":"byte-range-multivariant.m3u8","renditions":[)"
    R"({"path":"720p60","playlist":"playlist.m3u8",)"
    R"("byte_range_playlist":"byte-range-variant.m3u8",)"
    R"("resolution_width":1280,"resolution_height":720},)"
    R"({"path":"160p30","playlist":"playlist.m3u8",)"
    R"("resolution_width":284,"resolution_height":160}]},)"
    R"("thumbnails":{"path":"media/thumbnails"}}})";

RecordingEvent event_of(const std::string& json, const std::string& name = "e.json") {
  return parse_recording_event(json, name);
}

// An event with this as its media.hls.
std::string with_hls(const std::string& hls) {
  return R"({"media":{"hls":)" + hls + "}}";
}

std::string refusal(const std::string& json) {
  const auto error = thrown_by([&] { event_of(json); });
  CHECK(error.kind() == ErrorKind::bad_data);
  return error.line();
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("the event of an ended recording tells where its playlists are") {
  const auto event = event_of(kEnded);
  CHECK(event.state == RecordingState::ended);
  CHECK(event.started_at == parse_wall_time("2020-08-03T16:21:25Z"));
  CHECK(event.ended_at == parse_wall_time("2020-08-03T17:21:25Z"));
  CHECK(event.duration == 1h);
  CHECK(event.channel_arn == "arn:aws:ivs:us-west-2:081957680644:channel/W2qj91sl5VDK");
  CHECK(event.playlist == "media/hls/master.m3u8");
  REQUIRE(event.renditions.size() == 2);
  CHECK(event.renditions[0].name == "720p60");
  CHECK(event.renditions[0].playlist == "media/hls/720p60/playlist.m3u8");
  CHECK(event.renditions[0].width == 1280);
  CHECK(event.renditions[0].height == 720);
  CHECK(event.renditions[1].playlist == "media/hls/160p30/playlist.m3u8");
}

TEST_CASE("the event of a started recording knows no end") {
  const auto event = event_of(
      R"({"version":"v1","recording_started_at":"2020-08-03T16:21:25.146Z","channel_arn":"arn",)"
      R"("recording_status":"RECORDING_STARTED","media":{"hls":{"path":"media/hls",)"
      R"("playlist":"master.m3u8","renditions":[]}}})");
  CHECK(event.state == RecordingState::started);
  CHECK(event.started_at == parse_wall_time("2020-08-03T16:21:25.146Z"));
  CHECK_FALSE(event.ended_at);
  CHECK_FALSE(event.duration);
  CHECK(event.playlist == "media/hls/master.m3u8");
  CHECK(event.renditions.empty());
}

TEST_CASE("the event of a failed recording may hold less") {
  const auto event =
      event_of(R"({"recording_status":"RECORDING_ENDED_WITH_FAILURE","recording_ended_at":null})");
  CHECK(event.state == RecordingState::failed);
  CHECK_FALSE(event.started_at);
  CHECK(event.playlist.empty());
  CHECK(event_of(R"({"recording_status":"RECORDING_FAILED"})").state == RecordingState::failed);
}

TEST_CASE("without a status the event file's name tells the state") {
  CHECK(event_of("{}", "/r/events/recording-ended.json").state == RecordingState::ended);
  CHECK(event_of("{}", "/r/events/recording-failed.json").state == RecordingState::failed);
  CHECK(event_of("{}", "/r/events/recording-started.json").state == RecordingState::started);
  CHECK(event_of(R"({"recording_status":"RECORDING_ENDED"})", "recording-started.json").state ==
        RecordingState::ended);
}

TEST_CASE("the event that knows most is looked for first") {
  CHECK(kEventFiles[0] == "events/recording-ended.json");
  CHECK(kEventFiles[1] == "events/recording-failed.json");
  CHECK(kEventFiles[2] == "events/recording-started.json");
}

TEST_CASE("what is missing or unknown in an event is passed over") {
  CHECK(event_of(R"({"media":{}})").playlist.empty());
  CHECK(event_of(R"({"media":{"thumbnails":{}}})").playlist.empty());
  CHECK(event_of(with_hls("{}")).playlist.empty());
  CHECK(event_of(with_hls(R"({"playlist":"m.m3u8"})")).playlist == "m.m3u8");
  CHECK(event_of(with_hls(R"({"path":"a","playlist":""})")).playlist.empty());
  CHECK(event_of(R"({"new":[1,{"x":null}],"recording_started_at":"yesterday"})").started_at ==
        std::nullopt);
  const auto event = event_of(with_hls(
      R"({"path":"h","renditions":[{"path":"a"},{"playlist":"p.m3u8"},{"path":"b","playlist":""}]})"));
  REQUIRE(event.renditions.size() == 1);
  CHECK(event.renditions[0].playlist == "h/p.m3u8");
}

TEST_CASE("a path may not leave the recording") {
  for (const std::string hls :
       {R"({"path":"..","playlist":"m.m3u8"})", R"({"path":"/etc","playlist":"m.m3u8"})",
        R"({"path":"a","playlist":"../../m.m3u8"})", R"({"path":"a","playlist":"/m.m3u8"})",
        R"({"path":"a/../..","playlist":"m.m3u8"})", R"({"path":"a","playlist":"b/.."})",
        R"({"path":"a/..","playlist":""})",
        R"({"renditions":[{"path":"../x","playlist":"p.m3u8"}]})",
        R"({"renditions":[{"path":"x","playlist":"../p.m3u8"}]})",
        R"({"renditions":[{"path":"/x","playlist":"p.m3u8"}]})"}) {
    CAPTURE(hls);
    CHECK(refusal(with_hls(hls)).find("leaves the recording") != std::string::npos);
  }
  CHECK(refusal(with_hls(R"({"path":"..","playlist":"m"})")) ==
        R"("e.json" is not a recording event: path ".." leaves the recording)");
  CHECK(event_of(with_hls(R"({"path":"a..b","playlist":"..m"})")).playlist == "a..b/..m");
}

TEST_CASE("members of the wrong type are refused by name") {
  const std::pair<std::string, std::string> wrong[] = {
      {R"({"media":[]})", "media is not an object"},
      {R"({"media":null})", "media is not an object"},
      {R"({"media":{"hls":"x"}})", "media.hls is not an object"},
      {with_hls(R"({"path":5})"), "path is not a string"},
      {with_hls(R"({"playlist":["x"]})"), "playlist is not a string"},
      {with_hls(R"({"renditions":{}})"), "media.hls.renditions is not a list"},
      {with_hls(R"({"renditions":["x"]})"), "a rendition is not an object"},
      {with_hls(R"({"renditions":[{"path":{},"playlist":"x"}]})"), "path is not a string"},
      {R"({"channel_arn":1})", "channel_arn is not a string"},
      {R"({"recording_status":true})", "recording_status is not a string"},
      {R"({"recording_started_at":1596471685})", "recording_started_at is not a string"},
  };
  for (const auto& [json, reason] : wrong) {
    CAPTURE(json);
    CHECK(refusal(json) == "\"e.json\" is not a recording event: " + reason);
  }
}

TEST_CASE("what is no JSON object is no event") {
  for (const std::string json :
       {"", "null", "[]", "5", "\"x\"", "{", "{}{}", "{'a':1}", "{\"a\":1,}", "#EXTM3U\n",
        "{\"a\":\"\xff\"}", "{\"a\":1e999}", "\xef\xbb\xbf"}) {
    CAPTURE(json);
    CHECK(refusal(json) == "\"e.json\" is not a recording event: it is not a JSON object");
  }
  CHECK(refusal(std::string(200'000, '[')) ==
        "\"e.json\" is not a recording event: it is not a JSON object");
}

TEST_CASE("an event deeper than any stack is read all the same") {
  const auto deep = std::string(200'000, '[') + std::string(200'000, ']');
  CHECK(event_of(R"({"x":)" + deep + "}").playlist.empty());
}

TEST_CASE("numbers that are no sizes or lengths are passed over, and large ones are bounded") {
  const auto duration = [](const std::string& number) {
    return event_of(with_hls(fmt::format(R"({{"duration_ms":{}}})", number))).duration;
  };
  CHECK(duration("0") == 0s);
  CHECK(duration("1500") == 1'500ms);
  CHECK(duration("-5") == std::nullopt);
  CHECK(duration("1.5") == std::nullopt);
  CHECK(duration("\"5\"") == std::nullopt);
  CHECK(duration("null") == std::nullopt);
  CHECK(duration("99999999999999999999999") == std::nullopt);
  REQUIRE(duration("18446744073709551615"));
  CHECK(*duration("18446744073709551615") > 24h);
  const auto width = [](const std::string& number) {
    return event_of(with_hls(fmt::format(
                        R"({{"renditions":[{{"playlist":"p","resolution_width":{}}}]}})", number)))
        .renditions.at(0)
        .width;
  };
  CHECK(width("1920") == 1920);
  CHECK(width("100000") == 100'000);
  CHECK(width("100001") == 0);
  CHECK(width("4294967296") == 0);
  CHECK(width("-1") == 0);
  CHECK(width("\"1920\"") == 0);
}

TEST_CASE("a recording's playlists are looked for from the surest to the plainest") {
  const auto event = event_of(kEnded);
  CHECK(playlist_candidates(&event, "720p60") ==
        Texts{"media/hls/master.m3u8", "media/hls/720p60/playlist.m3u8", "media/hls/master.m3u8",
              "master.m3u8", "media/hls/720p60/playlist.m3u8", "720p60/playlist.m3u8",
              "playlist.m3u8"});
  CHECK(playlist_candidates(&event, "") ==
        Texts{"media/hls/master.m3u8", "media/hls/master.m3u8", "master.m3u8", "playlist.m3u8"});
  CHECK(playlist_candidates(nullptr, "") ==
        Texts{"media/hls/master.m3u8", "master.m3u8", "playlist.m3u8"});
  CHECK(playlist_candidates(nullptr, "hd") == Texts{"media/hls/master.m3u8", "master.m3u8",
                                                    "media/hls/hd/playlist.m3u8",
                                                    "hd/playlist.m3u8", "playlist.m3u8"});
}

TEST_CASE("a rendition's name does not lead out of the recording") {
  for (const std::string name : {"..", "/etc", "../x", "a/b"}) {
    CAPTURE(name);
    CHECK(playlist_candidates(nullptr, name) ==
          Texts{"media/hls/master.m3u8", "master.m3u8", "playlist.m3u8"});
  }
}
