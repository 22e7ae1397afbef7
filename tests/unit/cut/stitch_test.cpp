// What ffmpeg is told about a clip that is mostly copied, word for word, and what the scan says.
#include "momentcut/cut/stitch.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "cut/argv.hpp"
#include "cut/coded.hpp"
#include "print.hpp"

using namespace momentcut::cut;
using momentcut::core::TimeBase;

namespace {

using Times = std::vector<std::int64_t>;

const std::string kCopy = "-map 0:v:0 -c:v copy -copyinkf ";
const std::string kSets = "-bsf:v h264_mp4toannexb,filter_units=pass_types=7-8 -f data ";
const std::string kPart =
    "-muxdelay 0 -muxpreload 0 -mpegts_copyts 1 -avoid_negative_ts disabled -mpegts_flags "
    "+initial_discontinuity -f mpegts ";
const std::string kClip =
    "-dn -map_metadata -1 -map_chapters -1 -movie_timescale 90000 -video_track_timescale 90000 ";
const std::string kAudioGraph =
    "aresample=48000,atrim=start=10.000000:end=11.000000,asetpts=PTS-10.000000/TB,"
    "aresample=async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=stereo,"
    "apad=whole_len=48000,atrim=end_sample=48000[a] ";
const std::string kAudio = "-map [a] -c:a aac -profile:a aac_low -b:a 192k ";

// A second of 25 frames from 10 s of the join on, with its audio.
RenderJob job_of_a_second() {
  RenderJob job;
  auto& piece = job.pieces.emplace_back();
  piece.input = kRun0;
  piece.first = 900'000;
  piece.end = 990'000;
  for (std::int64_t i = 0; i < 25; ++i) piece.timestamps.push_back(900'000 + i * kFrame);
  piece.audio = AudioCut{kRun0, 900'000, 990'000, TimeBase{1, 90'000}};
  job.output = "/out/.clip.momentcut-abc.mp4";
  return job;
}

Edge edge_of_a_second() {
  Edge edge;
  edge.input = kRun0;
  edge.frames.first = 900'000;
  edge.frames.end = 990'000;
  edge.set_id = 1;
  return edge;
}

EdgeEncoding matching(unsigned b_frames, bool pyramid) {
  EdgeEncoding encoding;
  encoding.profile = "high";
  encoding.level = "4.0";
  encoding.references = 4;
  encoding.b_frames = b_frames;
  encoding.b_pyramid = pyramid;
  return encoding;
}

std::string value_of(const Argv& argv, const std::string& option) {
  for (std::size_t i = 0; i + 1 < argv.size(); ++i) {
    if (argv[i] == option) return argv[i + 1];
  }
  return "";
}

// What lies between the encoder's arguments and the part's.
Argv edge_words(const Edge& edge, const EdgeEncoding& encoding, const Encoding& wishes = {},
                const Colour& colour = {}) {
  return edge_argv("ffmpeg", kNew, edge, encoding, wishes, colour, "/t/part-head.ts");
}

Copied copied_of(const Coded& made, std::size_t first, std::size_t last, std::int64_t clip_first) {
  CopyPlan plan;
  plan.first = first;
  plan.last = last;
  return {kRun0, made.video, plan, clip_first};
}

std::optional<Times> keys_after(const Argv& lines, TimeBase base = {1, 90'000}) {
  KeyReader reader;
  for (const auto& line : lines) reader.line(line);
  return reader.keys(base);
}

}  // namespace

TEST_CASE("the scan tells of IDR pictures and writes parameter sets, and decodes nothing") {
  CHECK(scan_argv("/usr/bin/ffmpeg", kRun0, "/t/sets.h264") ==
        words("/usr/bin/ffmpeg -v error -nostdin -nostats -y " + kInput + kCopy +
              "-bsf:v h264_mp4toannexb,filter_units=pass_types=5 -f framecrc pipe:1 " + kCopy +
              kSets + "/t/sets.h264"));
}

TEST_CASE("the scan's lines say when IDR pictures are shown") {
  CHECK(keys_after({"#software: Lavf59.27.100", "#tb 0: 1/90000", "#media_type 0: video",
                    "#codec_id 0: h264", "#dimensions 0: 1280x720", "#sar 0: 1/1",
                    "0,     126000,     133200,     3600,     7410, 0x5b8e6f4a",
                    "0,     486000,     493200,     3600,     7389, 0x6ab3e3c0, S=1,        8"}) ==
        Times{133'200, 493'200});
}

TEST_CASE("the scan's pictures are told in the order in which they are shown") {
  CHECK(keys_after({"#tb 0: 1/90000", "0, 5, 300, 1, 1, 0x0", "0, 6, -100, 1, 1, 0x0",
                    "0, 7, 200, 1, 1, 0x0"}) == Times{-100, 200, 300});
}

TEST_CASE("a scan by another clock than the measured one tells nothing") {
  const Argv lines{"#tb 0: 1/15360", "0, 0, 512, 512, 9, 0x0"};
  CHECK_FALSE(keys_after(lines));
  CHECK_FALSE(keys_after(lines, {1, 1'536}));
  CHECK_FALSE(keys_after(lines, {2, 15'360}));
  CHECK(keys_after(lines, {1, 15'360}) == Times{512});
  CHECK_FALSE(keys_after({"0, 0, 512, 512, 9, 0x0"}));
}

TEST_CASE("a scan that saw no picture tells of none, by whatever clock") {
  CHECK(keys_after({}) == Times{});
  CHECK(keys_after({"#tb 0: 1/1000"}) == Times{});
}

TEST_CASE("lines of the scan that tell of no picture are passed over") {
  CHECK(keys_after({"#tb 0: 1/90000", "", "0", "0, 1", "0, 1, x, 1, 1, 0x0", "#0, 1, 2, 3, 4, 0x0",
                    "0, 1, , 1", "0, 1, 7, 1, 1, 0x0"}) == Times{7});
}

TEST_CASE("an edge is encoded as what it stands beside, with sets of its own") {
  CHECK(edge_words(edge_of_a_second(), matching(3, true)) ==
        words(kStart + kInput +
              "-filter_complex [0:v:0]trim=start_pts=900000:end_pts=990000,setpts=PTS-(900000),"
              "settb=1/90000,setpts=PTS+900000[v] -map [v] -c:v libx264 -preset veryfast -crf 18 "
              "-profile:v high -pix_fmt yuv420p -bf 3 -x264-params "
              "sps-id=1:open-gop=0:force-cfr=0:ref=4:level=4.0:b-pyramid=normal "
              "-fps_mode passthrough -enc_time_base:v 1:90000 "
              "-bsf:v setts=pts=PTS:dts=min(DTS\\,DTS+STARTPTS-STARTDTS-0) " +
              kPart + "/t/part-head.ts"));
}

TEST_CASE("a tail stands at its place in the clip, decoded as early as the packets before it") {
  auto edge = edge_of_a_second();
  edge.frames.first = -1'800;
  edge.place = 54'000;
  edge.delay = 7'200;
  const auto argv = edge_words(edge, matching(0, false));
  CHECK(value_of(argv, "-filter_complex") ==
        "[0:v:0]trim=start_pts=-1800:end_pts=990000,setpts=PTS-(-1800),settb=1/90000,"
        "setpts=PTS+954000[v]");
  CHECK(value_of(argv, "-bsf:v") == "setts=pts=PTS:dts=min(DTS\\,DTS+STARTPTS-STARTDTS-7200)");
}

TEST_CASE("an edge has the B-frames of what it stands beside") {
  const auto parameters = [](unsigned b_frames, bool pyramid) {
    const auto argv = edge_words(edge_of_a_second(), matching(b_frames, pyramid));
    return value_of(argv, "-bf") + " " + value_of(argv, "-x264-params");
  };
  const std::string common = "sps-id=1:open-gop=0:force-cfr=0:ref=4:level=4.0";
  CHECK(parameters(0, false) == "0 " + common);
  CHECK(parameters(2, false) == "2 " + common + ":b-pyramid=none");
  CHECK(parameters(3, true) == "3 " + common + ":b-pyramid=normal");
}

TEST_CASE("an edge is encoded as the clip would be") {
  const auto argv = edge_words(edge_of_a_second(), matching(0, false),
                               {.preset = "slow", .crf = 23, .threads = 3});
  CHECK(value_of(argv, "-preset") == "slow");
  CHECK(value_of(argv, "-crf") == "23");
  CHECK(value_of(argv, "-threads") == "3");
  CHECK(value_of(edge_words(edge_of_a_second(), matching(0, false)), "-threads").empty());
}

TEST_CASE("an edge says of its colours what the video says") {
  const auto with = [](const Colour& colour) {
    const auto argv = edge_words(edge_of_a_second(), matching(0, false), {}, colour);
    return fmt::format("{}, {}, {}, {}", value_of(argv, "-color_range"),
                       value_of(argv, "-colorspace"), value_of(argv, "-color_primaries"),
                       value_of(argv, "-color_trc"));
  };
  CHECK(with({.transfer = "bt709", .primaries = "bt470bg", .matrix = "smpte170m", .range = "tv"}) ==
        "tv, smpte170m, bt470bg, bt709");
  CHECK(with({}) == ", , , ");
  CHECK(with({.transfer = "unknown", .primaries = "reserved", .matrix = "bt709", .range = ""}) ==
        ", bt709, , ");
}

TEST_CASE("an ffmpeg before 5.1 encodes edges by the old name of frame rate modes") {
  const auto argv = edge_argv("ffmpeg", {"4.4.2", 4, 4}, edge_of_a_second(), matching(0, false), {},
                              {}, "/t/part.ts");
  CHECK(value_of(argv, "-vsync") == "passthrough");
  CHECK(value_of(argv, "-fps_mode").empty());
}

TEST_CASE("packets are copied between thresholds that lie between packets") {
  const auto made = coded({b_frame_group(8), b_frame_group(8), b_frame_group(8)}, 1);
  const auto copied = copied_of(made, 25, 50, 20 * kFrame);
  CHECK(copied.from_dts == 23 * kFrame + kFrame / 2);
  CHECK(copied.to_dts == 48 * kFrame + kFrame / 2);
  CHECK(copied.from_pts == 25 * kFrame - 1);
  CHECK(copied.zero == 20 * kFrame);
  CHECK(copied.input == kRun0);
}

TEST_CASE("the first and the last packet of a video need no threshold") {
  const auto made = coded({b_frame_group(8), b_frame_group(8)}, 1, -5 * kFrame);
  const auto from_the_first = copied_of(made, 0, 25, -5 * kFrame);
  CHECK_FALSE(from_the_first.from_dts);
  CHECK(from_the_first.to_dts == 18 * kFrame + kFrame / 2);
  CHECK(from_the_first.from_pts == -5 * kFrame - 1);
  CHECK(from_the_first.zero == -5 * kFrame);
  const auto to_the_last = copied_of(made, 25, 50, 0);
  CHECK(to_the_last.from_dts == 18 * kFrame + kFrame / 2);
  CHECK_FALSE(to_the_last.to_dts);
}

TEST_CASE("thresholds lie apart from every packet, however its time is rounded") {
  auto made = coded({b_frame_group(20), b_frame_group(20)}, 1);
  // 59.94 frames a second by a clock that cannot say so.
  made.video.time_base = {1, 15'360};
  const auto stamp = [](std::int64_t pts) { return pts / kFrame * 1'025 / 4; };
  for (auto& packet : made.video.packets) {
    packet.pts = stamp(packet.pts + kFrame);
    packet.dts = stamp(packet.dts + kFrame);
  }
  const auto& packets = made.video.packets;
  for (std::size_t first = 1; first + 1 < packets.size(); ++first) {
    const auto copied = copied_of(made, first, first + 1, 0);
    // In ticks of kClipBase, times 15,360: exact.
    const auto before = packets[first - 1].dts * 90'000;
    const auto at = packets[first].dts * 90'000;
    REQUIRE(copied.from_dts);
    CHECK(*copied.from_dts * 15'360 > before + 100 * 15'360);
    CHECK(*copied.from_dts * 15'360 < at - 100 * 15'360);
    CHECK(copied_of(made, 0, first, 0).to_dts == copied.from_dts);
    CHECK(copied.from_pts * 15'360 < packets[first].pts * 90'000);
    CHECK(copied.from_pts * 15'360 >= packets[first].pts * 90'000 - 2 * 15'360);
  }
}

TEST_CASE("what is copied is cut by dropping packets, and moved to its place") {
  const auto made = coded({b_frame_group(8), b_frame_group(8), b_frame_group(8)}, 1);
  const auto filter_of = [&](std::size_t first, std::size_t last, std::int64_t clip_first) {
    const auto argv =
        copy_argv("ffmpeg", copied_of(made, first, last, clip_first), "/t/part-middle.ts");
    const auto filter = value_of(argv, "-bsf:v");
    CHECK(argv ==
          words(kStart + kInput + kCopy + "-bsf:v " + filter + " " + kPart + "/t/part-middle.ts"));
    return filter;
  };
  CHECK(filter_of(25, 50, 72'000) ==
        "noise=drop=lt(pts\\,89999)+lt(dts\\,84600)+gte(dts\\,174600),"
        "setts=pts=PTS-(-828000):dts=DTS-(-828000)");
  CHECK(filter_of(0, 75, 0) == "noise=drop=lt(pts\\,-1),setts=pts=PTS-(-900000):dts=DTS-(-900000)");
  CHECK(filter_of(25, 75, 990'000) ==
        "noise=drop=lt(pts\\,89999)+lt(dts\\,84600),setts=pts=PTS-(90000):dts=DTS-(90000)");
}

TEST_CASE("the audio of a clip that is copied is encoded by itself") {
  auto job = job_of_a_second();
  job.subtitles = Subtitles{"/t/subtitles.vtt", "eng", {}};
  const auto audio = audio_job(job.pieces, job.encoding, "/t/audio.m4a");
  CHECK(render_argv("ffmpeg", kNew, audio) ==
        words(kStart + kInput + "-filter_complex [0:a:0]" + kAudioGraph + kAudio +
              "-sn -dn -map_metadata -1 -map_chapters -1 -movie_timescale 90000 "
              "-movflags +faststart -f ipod /t/audio.m4a"));
  CHECK(audio.pieces.front().length() == 90'000);
}

TEST_CASE("parts, audio and subtitles become one MP4, whose sets are told as well") {
  auto job = job_of_a_second();
  const std::string parts = "-copyts -protocol_whitelist file -f mpegts -i /t/part-head.ts ";
  const std::string stitched = kCopy + "-bsf:v setts=pts=PTS-900000:dts=DTS-900000:duration=3600 ";
  const std::string outputs =
      kClip + "-f mp4 /t/stitched.mp4 " + kCopy + kSets + "/t/stitched.h264";
  Stitch stitch{"/t/part-head.ts", {}, "/t/stitched.mp4", "/t/stitched.h264"};
  CHECK(stitch_argv("ffmpeg", stitch, job) == words(kStart + parts + stitched + outputs));

  stitch.audio = "/t/audio.m4a";
  const std::string audio = "-copyts -protocol_whitelist file -f mov -i /t/audio.m4a ";
  CHECK(stitch_argv("ffmpeg", stitch, job) ==
        words(kStart + parts + audio + stitched + "-map 1:a:0 -c:a copy " + outputs));

  job.subtitles = Subtitles{"/t/subtitles.vtt", "eng", {}};
  const std::string text = "-protocol_whitelist file -f webvtt -i /t/subtitles.vtt ";
  const std::string subtitles = "-c:s mov_text -metadata:s:s:0 language=eng ";
  CHECK(stitch_argv("ffmpeg", stitch, job) ==
        words(kStart + parts + audio + text + stitched + "-map 1:a:0 -c:a copy -map 2:s:0 " +
              subtitles + outputs));
  stitch.audio.reset();
  CHECK(stitch_argv("ffmpeg", stitch, job) ==
        words(kStart + parts + text + stitched + "-map 1:s:0 " + subtitles + outputs));
}

TEST_CASE("a clip of nothing but copied packets is made in one call, its audio encoded") {
  const auto made = coded({plain_group(25), plain_group(25)}, 0, 900'000);
  const auto copied = copied_of(made, 0, 25, 900'000);
  const std::string filter =
      "noise=drop=lt(pts\\,899999)+gte(dts\\,988200),setts=pts=PTS-(900000):dts=DTS-(900000)"
      ":duration=3600 ";
  auto job = job_of_a_second();
  const auto start = kStart + kInput + kInput;
  const auto copy = "-map 1:v:0 -c:v copy -copyinkf ";
  const auto end = kClip + "-movflags +faststart -f mp4 " + job.output;
  const auto audio = "-filter_complex [0:a:0]" + kAudioGraph + kAudio;
  CHECK(copied_clip_argv("ffmpeg", job, copied, "h264") ==
        words(start + copy + "-bsf:v " + filter + audio + end));
  CHECK(copied_clip_argv("ffmpeg", job, copied, "hevc") ==
        words(start + copy + "-tag:v hvc1 -bsf:v " + filter + audio + end));
  job.subtitles = Subtitles{"/t/subtitles.vtt", "deu", {}};
  CHECK(copied_clip_argv("ffmpeg", job, copied, "h264") ==
        words(start + "-protocol_whitelist file -f webvtt -i /t/subtitles.vtt " + copy + "-bsf:v " +
              filter + audio + "-map 2:s:0 -c:s mov_text -metadata:s:s:0 language=deu " + end));
}

TEST_CASE("a copied clip without audio maps none, and says when it was made") {
  const auto made = coded({plain_group(25)}, 0, 900'000);
  auto job = job_of_a_second();
  job.pieces.front().audio.reset();
  job.creation_time = momentcut::core::parse_wall_time("2020-08-03T16:21:37.412Z");
  const auto argv = copied_clip_argv("ffmpeg", job, copied_of(made, 0, 25, 900'000), "h264");
  CHECK(value_of(argv, "-filter_complex").empty());
  CHECK(value_of(argv, "-c:a").empty());
  CHECK(value_of(argv, "-metadata") == "creation_time=2020-08-03T16:21:37.412Z");
}
