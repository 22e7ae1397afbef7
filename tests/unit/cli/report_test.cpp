// What goes to stdout.
#include "momentcut/cli/report.hpp"

#include <algorithm>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "momentcut/core/version.hpp"
#include "print.hpp"

using namespace momentcut;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

json read_back(const std::string& text) {
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK(text.ends_with("}\n"));
  return json::parse(text);
}

pipeline::Receipt a_receipt() {
  pipeline::Receipt receipt;
  receipt.source = "rec";
  receipt.playlist = "rec/media/hls/720p60/playlist.m3u8";
  receipt.rendition = "720p60";
  receipt.requested = {60s, 120s};
  receipt.actual = {60'016'667us, 120'016'667us};
  receipt.duration = 60s;
  receipt.frames = 3'600;
  receipt.mode = "exact";
  receipt.segments = 12;
  receipt.bytes_fetched = 5'000'000'000;
  receipt.output = "o.mp4";
  receipt.size = 12'345;
  receipt.sha256 = "ab12";
  receipt.stages = {{"source", 0.0125}, {"render", 1.5}, {"total", 1.51249}};
  receipt.ffmpeg_version = "5.1.9-0+deb12u1";
  return receipt;
}

pipeline::Uploaded an_upload() {
  return {"bucket", "a b.mp4", "e7a6", "v1", 12'345, "ab12", "https://h/a?X=1"};
}

pipeline::Plan a_plan() {
  pipeline::Plan plan;
  plan.source = "rec";
  plan.playlist = "rec/playlist.m3u8";
  plan.rendition = "rec";
  plan.requested = {1s, 2s};
  plan.actual = {1s, 2'040ms};
  plan.duration = 1'040ms;
  plan.frames = 26;
  plan.segments = {{"0.ts", 0s, 6'006ms, 1'000}, {"1.ts", 6'006ms, 6s, {}}};
  plan.output = "o.mp4";
  plan.argv = {"ffmpeg", "-i", "a b"};
  return plan;
}

}  // namespace

TEST_CASE("a receipt in JSON says what was done") {
  const auto read = read_back(cli::receipt_json(a_receipt()));
  CHECK(read["source"] == "rec");
  CHECK(read["playlist"] == "rec/media/hls/720p60/playlist.m3u8");
  CHECK(read["rendition"] == "720p60");
  CHECK(read["skipped"] == false);
  CHECK(read["requested"] == json{{"start", 60.0}, {"end", 120.0}});
  CHECK(read["actual"] == json{{"start", 60.016667}, {"end", 120.016667}});
  CHECK(read["frames"] == 3'600);
  CHECK(read["duration"] == 60.0);
  CHECK(read["gaps"] == json::array());
  CHECK(read["utc"].is_null());
  CHECK(read["video"] == true);
  CHECK(read["audio"] == true);
  CHECK(read["subtitles"].is_null());
  CHECK(read["mode"] == "exact");
  CHECK(read["smart_refused"].is_null());
  CHECK(read["frames_copied"] == 0);
  CHECK(read["segments"] == 12);
  CHECK(read["bytes_fetched"] == 5'000'000'000);
  CHECK(read["output"] == json{{"path", "o.mp4"}, {"size", 12'345}, {"sha256", "ab12"}});
  CHECK(read["timings"] == json{{"source", 0.013}, {"render", 1.5}, {"total", 1.512}});
  CHECK(read["versions"] ==
        json{{"momentcut", std::string(core::version())}, {"ffmpeg", "5.1.9-0+deb12u1"}});
  CHECK(read.size() == 22);
}

TEST_CASE("a receipt tells the gaps that were left out, and the clip's time by the clock") {
  auto receipt = a_receipt();
  receipt.gaps = {{62s, 64s}};
  receipt.utc_start = *core::parse_wall_time("2020-08-03T16:25:00Z");
  receipt.utc_end = *receipt.utc_start + 60s;
  const auto read = read_back(cli::receipt_json(receipt));
  CHECK(read["gaps"] == json::array({{{"start", 62.0}, {"end", 64.0}}}));
  CHECK(read["utc"] ==
        json{{"start", "2020-08-03T16:25:00.000Z"}, {"end", "2020-08-03T16:26:00.000Z"}});
}

TEST_CASE("a receipt counts the cues of the subtitles that were asked for") {
  auto receipt = a_receipt();
  receipt.cues = 0;
  CHECK(read_back(cli::receipt_json(receipt))["subtitles"] == json{{"cues", 0}});
  auto plan = a_plan();
  plan.cues = 7;
  CHECK(read_back(cli::plan_json(plan))["subtitles"] == json{{"cues", 7}});
}

TEST_CASE("a receipt tells what was copied, or why nothing was") {
  auto receipt = a_receipt();
  receipt.smart_refused = "open GOP without IDR";
  CHECK(read_back(cli::receipt_json(receipt))["smart_refused"] == "open GOP without IDR");
  receipt.smart_refused.clear();
  receipt.mode = "smart";
  receipt.frames_copied = 3'500;
  const auto read = read_back(cli::receipt_json(receipt));
  CHECK(read["mode"] == "smart");
  CHECK(read["smart_refused"].is_null());
  CHECK(read["frames_copied"] == 3'500);
}

TEST_CASE("a plan of several calls of ffmpeg tells how much they copy") {
  auto plan = a_plan();
  plan.mode = "smart";
  plan.frames_copied = 20;
  plan.argv.clear();
  const auto read = read_back(cli::plan_json(plan));
  CHECK(read["mode"] == "smart");
  CHECK(read["frames_copied"] == 20);
  CHECK(read["ffmpeg"].is_null());
  CHECK(cli::plan_text(plan).ends_with(
      "ffmpeg     several calls: 20 frames copied, the others encoded\n"));
}

TEST_CASE("a receipt for what was left alone knows nothing but names") {
  auto receipt = a_receipt();
  receipt.skipped = true;
  receipt.sha256.clear();
  receipt.stages.clear();
  const auto read = read_back(cli::receipt_json(receipt));
  CHECK(read["skipped"] == true);
  for (const auto* unknown : {"actual", "frames", "duration", "video", "audio", "mode",
                              "smart_refused", "frames_copied"}) {
    CAPTURE(unknown);
    CHECK(read[unknown].is_null());
  }
  CHECK(read["output"]["path"] == "o.mp4");
  CHECK(read["output"]["sha256"].is_null());
  CHECK(read["timings"] == json::object());
}

TEST_CASE("a receipt is a line for everything that a script goes on with") {
  auto receipt = a_receipt();
  CHECK(cli::receipt_text(receipt) == "o.mp4\n");
  receipt.destination = "s3://bucket/a b.mp4";
  receipt.uploaded = an_upload();
  CHECK(cli::receipt_text(receipt) == "o.mp4\ns3://bucket/a b.mp4\nhttps://h/a?X=1\n");
  receipt.output.clear();
  CHECK(cli::receipt_text(receipt) == "s3://bucket/a b.mp4\nhttps://h/a?X=1\n");
  receipt.uploaded->url.clear();
  CHECK(cli::receipt_text(receipt) == "s3://bucket/a b.mp4\n");
}

TEST_CASE("a receipt for an upload that was there already still says where") {
  auto receipt = a_receipt();
  receipt.skipped = true;
  receipt.output.clear();
  receipt.destination = "s3://bucket/a.mp4";
  CHECK(cli::receipt_text(receipt) == "s3://bucket/a.mp4\n");
  const auto read = read_back(cli::receipt_json(receipt));
  CHECK(read["output"].is_null());
  CHECK(read["upload"].is_null());
}

TEST_CASE("a receipt in JSON says what was uploaded, and knows no output where none stays") {
  auto receipt = a_receipt();
  CHECK(read_back(cli::receipt_json(receipt))["upload"].is_null());
  receipt.output.clear();
  receipt.destination = "s3://bucket/a b.mp4";
  receipt.uploaded = an_upload();
  auto read = read_back(cli::receipt_json(receipt));
  CHECK(read["output"].is_null());
  CHECK(read["upload"] == json{{"bucket", "bucket"},
                               {"key", "a b.mp4"},
                               {"etag", "e7a6"},
                               {"version_id", "v1"},
                               {"size", 12'345},
                               {"sha256", "ab12"},
                               {"url", "https://h/a?X=1"}});
  receipt.uploaded->url.clear();
  receipt.uploaded->version_id.clear();
  read = read_back(cli::receipt_json(receipt));
  CHECK(read["upload"]["url"].is_null());
  CHECK(read["upload"]["version_id"].is_null());
}

TEST_CASE("text that is no UTF-8 does not break a receipt") {
  auto receipt = a_receipt();
  receipt.source = "rec\xff\"\n\x01";
  receipt.output = "größe.mp4";
  const auto read = read_back(cli::receipt_json(receipt));
  CHECK(read["source"] == "rec\xef\xbf\xbd\"\n\x01");
  CHECK(read["output"]["path"] == "größe.mp4");
}

TEST_CASE("a plan in JSON says what would be done") {
  const auto read = read_back(cli::plan_json(a_plan()));
  CHECK(read["dry_run"] == true);
  CHECK(read["source"] == "rec");
  CHECK(read["playlist"] == "rec/playlist.m3u8");
  CHECK(read["rendition"] == "rec");
  CHECK(read["requested"] == json{{"start", 1.0}, {"end", 2.0}});
  CHECK(read["actual"] == json{{"start", 1.0}, {"end", 2.04}});
  CHECK(read["frames"] == 26);
  CHECK(read["duration"] == 1.04);
  CHECK(read["video"] == true);
  CHECK(read["audio"] == true);
  CHECK(read["subtitles"].is_null());
  REQUIRE(read["segments"].size() == 2);
  CHECK(read["segments"][0] ==
        json{{"uri", "0.ts"}, {"start", 0.0}, {"duration", 6.006}, {"bytes", 1'000}});
  CHECK(read["segments"][1] ==
        json{{"uri", "1.ts"}, {"start", 6.006}, {"duration", 6.0}, {"bytes", nullptr}});
  CHECK(read["output"] == json{{"path", "o.mp4"}, {"exists", false}});
  CHECK(read["upload"].is_null());
  CHECK(read["ffmpeg"] == json{"ffmpeg", "-i", "a b"});
  CHECK(read.size() == 20);
}

TEST_CASE("a plan without segments or words has empty lists") {
  auto plan = a_plan();
  plan.segments.clear();
  plan.argv.clear();
  const auto read = read_back(cli::plan_json(plan));
  CHECK(read["segments"] == json::array());
  CHECK(read["ffmpeg"].is_null());
}

TEST_CASE("a plan for people has a line for everything") {
  auto plan = a_plan();
  plan.output_exists = true;
  CHECK(cli::plan_text(plan) ==
        "source     rec\n"
        "playlist   rec/playlist.m3u8\n"
        "rendition  rec\n"
        "asked for  1 to 2 s\n"
        "clip       1 to 2.04 s, 26 frames\n"
        "output     o.mp4 (exists)\n"
        "segments\n"
        "     0:00:00     6.006 s    1000 bytes  0.ts\n"
        "  0:00:06.006         6 s                1.ts\n"
        "ffmpeg\n"
        "  ffmpeg -i 'a b'\n");
  plan.has_video = false;
  plan.output_exists = false;
  CHECK(cli::plan_text(plan).find("clip       1 to 2.04 s, audio alone\noutput     o.mp4\n") !=
        std::string::npos);
}

TEST_CASE("a plan says where a clip is to be uploaded, and no output where none stays") {
  auto plan = a_plan();
  plan.destination = "s3://bucket/a.mp4";
  CHECK(cli::plan_text(plan).find("output     o.mp4\nupload     s3://bucket/a.mp4\n") !=
        std::string::npos);
  plan.output.clear();
  CHECK(cli::plan_text(plan).find("26 frames\nupload     s3://bucket/a.mp4\nsegments\n") !=
        std::string::npos);
  const auto read = read_back(cli::plan_json(plan));
  CHECK(read["output"].is_null());
  CHECK(read["upload"] == "s3://bucket/a.mp4");
}

TEST_CASE("what a playlist writes cannot drive the terminal that shows a plan") {
  auto plan = a_plan();
  plan.segments[0].uri = "0\x1b[31m.ts";
  plan.argv.push_back("\x1b[31m");
  CHECK(cli::plan_text(plan).find('\x1b') == std::string::npos);
}

TEST_CASE("what a recording is called cannot drive the terminal that shows a plan") {
  auto plan = a_plan();
  plan.rendition = "\x1b[31m720p";
  plan.playlist = "rec\x1b[2J/playlist.m3u8";
  CHECK(cli::plan_text(plan).find('\x1b') == std::string::npos);
}
