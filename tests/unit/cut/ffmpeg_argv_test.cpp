// What ffmpeg and ffprobe are told, word for word.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "cut/argv.hpp"
#include "momentcut/cut/ffmpeg.hpp"
#include "momentcut/cut/probe.hpp"
#include "print.hpp"

using namespace momentcut::cut;
using momentcut::core::TimeBase;

namespace {

const std::string kEntries(kProbeEntries);

// A second of video from 10 s of the join on, with its audio.
RenderJob video_job() {
  RenderJob job;
  auto& piece = job.pieces.emplace_back();
  piece.input = kRun0;
  piece.first = 900'000;
  piece.end = 990'000;
  piece.audio = AudioCut{kRun0, 900'000, 990'000, TimeBase{1, 90'000}};
  job.output = "/out/.clip.momentcut-abc.mp4";
  return job;
}

const std::string kVideoGraph = "[0:v:0]trim=start_pts=900000:end_pts=990000,setpts=PTS-900000[v]";
const std::string kAudioGraph =
    "aresample=48000,atrim=start=10.000000:end=11.000000,asetpts=PTS-10.000000/TB,"
    "aresample=async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=stereo,"
    "apad=whole_len=48000,atrim=end_sample=48000[a]";
const std::string kVideoWords =
    " -map [v] -c:v libx264 -preset veryfast -crf 18 -profile:v high -pix_fmt yuv420p "
    "-fps_mode passthrough -enc_time_base:v 1:90000 -video_track_timescale 90000";
const std::string kAudioWords = " -map [a] -c:a aac -profile:a aac_low -b:a 192k";
const std::string kNothingElse =
    " -sn -dn -map_metadata -1 -map_chapters -1 -movie_timescale 90000";

// Where `word` stands in `argv`; its size where it does not.
std::size_t index_of(const Argv& argv, const std::string& word) {
  std::size_t i = 0;
  while (i < argv.size() && argv[i] != word) ++i;
  return i;
}

}  // namespace

TEST_CASE("a file is probed by a demuxer that its content does not choose") {
  CHECK(probe_file_argv("/usr/bin/ffprobe",
                        {.file = "/t/head0.ts", .demuxer = "mpegts", .stream = {}}) ==
        words("/usr/bin/ffprobe -v error -protocol_whitelist file -f mpegts "
              "-i /t/head0.ts -show_entries " +
              kEntries + " -of compact"));
  CHECK(probe_file_argv(
            "ffprobe",
            {.file = "/t/clip.mp4", .demuxer = kMovie, .stream = "v:0", .most_packets = 16}) ==
        words("ffprobe -v error -protocol_whitelist file -f mov -select_streams v:0 "
              "-read_intervals %+#16 -i /t/clip.mp4 -show_entries " +
              kEntries + " -of compact"));
  CHECK(probe_file_argv("ffprobe",
                        {.file = "/t/run1.ts", .demuxer = "mpegts", .stream = "a", .deep = true}) ==
        words("ffprobe -v error -protocol_whitelist file -f mpegts -probesize 2G "
              "-analyzeduration "
              "36000M -select_streams a -i /t/run1.ts -show_entries " +
              kEntries + " -of compact"));
}

TEST_CASE("a key frame is decoded alone to tell whether it stands by itself") {
  CHECK(probe_file_argv("ffprobe", {.file = "/t/run0.mp4",
                                    .demuxer = kMovie,
                                    .stream = "v:0",
                                    .most_packets = 3,
                                    .pictures = true}) ==
        words("ffprobe -v error -protocol_whitelist file -f mov -select_streams v:0 "
              "-read_intervals %+#3 -skip_frame nokey -i /t/run0.mp4 -show_entries " +
              kEntries + ":frame=pict_type -of compact"));
}

TEST_CASE("video and audio of one join are trimmed by its own timestamps") {
  const auto job = video_job();
  CHECK(render_argv("ffmpeg", kNew, job) ==
        words(kStart + kInput + "-filter_complex " + kVideoGraph + ";[0:a:0]" + kAudioGraph +
              kVideoWords + kAudioWords + kNothingElse + " -movflags +faststart -f mp4 " +
              job.output));
}

TEST_CASE("audio of another join is an input of its own, with its own timestamps") {
  auto job = video_job();
  job.pieces[0].audio =
      AudioCut{{"/tmp/t/run1.ffconcat", "aac"}, 450'000, 540'000, TimeBase{1, 90'000}};
  const std::string late_graph =
      "aresample=48000,atrim=start=5.000000:end=6.000000,asetpts=PTS-5.000000/TB,"
      "aresample=async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=stereo,"
      "apad=whole_len=48000,atrim=end_sample=48000[a]";
  CHECK(render_argv("ffmpeg", kNew, job) ==
        words(kStart + kInput +
              "-copyts -protocol_whitelist file -format_whitelist concat,aac -f concat -i "
              "/tmp/t/run1.ffconcat -filter_complex " +
              kVideoGraph + ";[1:a:0]" + late_graph + kVideoWords + kAudioWords + kNothingElse +
              " -movflags +faststart -f mp4 " + job.output));
}

TEST_CASE("video without audio maps no audio") {
  auto job = video_job();
  job.pieces[0].audio.reset();
  CHECK(render_argv("ffmpeg", kNew, job) ==
        words(kStart + kInput + "-filter_complex " + kVideoGraph + kVideoWords + kNothingElse +
              " -movflags +faststart -f mp4 " + job.output));
}

TEST_CASE("audio alone maps no video") {
  auto job = video_job();
  job.pieces[0].has_video = false;
  job.container = Container::m4a;
  CHECK(render_argv("ffmpeg", kNew, job) ==
        words(kStart + kInput + "-filter_complex [0:a:0]" + kAudioGraph + kAudioWords +
              kNothingElse + " -movflags +faststart -f ipod " + job.output));
}

TEST_CASE("a clip that cannot be seeked in is fragmented") {
  auto job = video_job();
  job.container = Container::fragmented_mp4;
  const auto argv = render_argv("ffmpeg", kNew, job);
  const Argv tail(argv.end() - 5, argv.end());
  CHECK(tail ==
        words("-movflags +frag_keyframe+delay_moov+default_base_moof -f mp4 " + job.output));
}

TEST_CASE("an ffmpeg before 5.1 knows frame rate modes by their old name") {
  for (const auto& [version, word] : {std::pair(ToolVersion{"4.4.2", 4, 4}, "-vsync"),
                                      {ToolVersion{"5.0", 5, 0}, "-vsync"},
                                      {ToolVersion{"5.1", 5, 1}, "-fps_mode"},
                                      {ToolVersion{"7.1", 7, 1}, "-fps_mode"},
                                      {ToolVersion{"N-1-g2", 0, 0, false}, "-fps_mode"}}) {
    CAPTURE(version.text);
    const auto argv = render_argv("ffmpeg", version, video_job());
    const auto at = index_of(argv, "passthrough");
    REQUIRE(at < argv.size());
    CHECK(argv[at - 1] == word);
  }
}

TEST_CASE("encoding follows what was asked for") {
  auto job = video_job();
  job.encoding = {.preset = "slow", .crf = 23, .audio_kbps = 96, .threads = 3};
  const auto argv = render_argv("/opt/ffmpeg", kNew, job);
  CHECK(argv.front() == "/opt/ffmpeg");
  const auto value_of = [&](const std::string& option) {
    const auto at = index_of(argv, option);
    return at + 1 < argv.size() ? argv[at + 1] : std::string();
  };
  CHECK(value_of("-preset") == "slow");
  CHECK(value_of("-crf") == "23");
  CHECK(value_of("-b:a") == "96k");
  CHECK(value_of("-threads") == "3");
  CHECK(argv.back() == job.output);
  // The option counts for what it stands before: the output.
  CHECK(index_of(argv, "-threads") > index_of(argv, "-i"));
}

TEST_CASE("without a wish ffmpeg chooses its threads") {
  const auto argv = render_argv("ffmpeg", kNew, video_job());
  CHECK(index_of(argv, "-threads") == argv.size());
}

TEST_CASE("a piece is as long as its frames last, in the clip's ticks") {
  Piece piece;
  piece.first = 0;
  piece.end = 3'003;
  CHECK(piece.length() == 3'003);
  piece.base = {1, 48'000};
  piece.first = 1'000;
  piece.end = 49'000;
  CHECK(piece.length() == 90'000);
  piece.base = {1, 1'000};
  piece.first = -40;
  piece.end = 1;
  CHECK(piece.length() == 3'690);
}

TEST_CASE("each piece begins where the one before it ends") {
  Piece one;
  one.first = 900'000;
  one.end = 903'003;
  Piece other;
  other.base = {1, 1'000};
  other.first = 0;
  other.end = 1'000;
  using Borders = std::vector<std::int64_t>;
  CHECK(borders_of({one}) == Borders{0, 3'003});
  CHECK(borders_of({one, other, one}) == Borders{0, 3'003, 93'003, 96'006});
}

TEST_CASE("a moment of the clip is the nearest sample") {
  CHECK(sample_at(0) == 0);
  CHECK(sample_at(3'003) == 1'602);  // 1601.6
  CHECK(sample_at(6'006) == 3'203);  // 3203.2
  CHECK(sample_at(90'000LL * 3600 * 48) == 48'000LL * 3600 * 48);
}

TEST_CASE("pieces of several runs are inputs of their own, each with its own timestamps") {
  auto job = video_job();
  auto& second = job.pieces.emplace_back(job.pieces[0]);
  second.input = {"/tmp/t/run1.ffconcat", "mov"};
  second.audio->input = second.input;
  second.timestamps = {900'000, 945'000};
  const auto argv = render_argv("ffmpeg", kNew, job);
  const auto head =
      words(kStart + kInput +
            "-copyts -protocol_whitelist file -format_whitelist concat,mov -f concat -i "
            "/tmp/t/run1.ffconcat -filter_complex");
  REQUIRE(argv.size() > head.size() + 1);
  CHECK(Argv(argv.begin(), argv.begin() + static_cast<std::ptrdiff_t>(head.size())) == head);
  const Argv tail(argv.begin() + static_cast<std::ptrdiff_t>(head.size()) + 1, argv.end());
  CHECK(tail == words(kVideoWords + " -bsf:v setts=pts=PTS:dts=DTS:duration=45000" + kAudioWords +
                      kNothingElse + " -movflags +faststart -f mp4 " + job.output));
}

TEST_CASE("large and negative timestamps stay decimal numbers in a filter graph") {
  auto job = video_job();
  job.pieces[0].first = -1'800;
  job.pieces[0].end = 8'589'934'592;
  job.pieces[0].audio = AudioCut{kRun0, -1'800, 8'589'934'592, TimeBase{1, 90'000}};
  const auto argv = render_argv("ffmpeg", kNew, job);
  const auto& graph = argv[index_of(argv, "-filter_complex") + 1];
  CHECK(graph.find("trim=start_pts=-1800:end_pts=8589934592,") != std::string::npos);
  CHECK(graph.find("atrim=start=-0.020000:end=95443.717689,") != std::string::npos);
}

TEST_CASE("a clip of several pieces shows its last frame as long as it is to be shown") {
  auto job = video_job();
  job.pieces.push_back(job.pieces.front());
  job.pieces.back().timestamps = {900'000, 945'000};
  const auto argv = render_argv("ffmpeg", kNew, job);
  const auto at = index_of(argv, "-bsf:v");
  REQUIRE(at + 1 < argv.size());
  CHECK(argv[at + 1] == "setts=pts=PTS:dts=DTS:duration=45000");
}

TEST_CASE("the clip says when it was made, where that is known") {
  auto job = video_job();
  job.creation_time = *momentcut::core::parse_wall_time("2020-08-03T16:21:37.412Z");
  const auto argv = render_argv("ffmpeg", kNew, job);
  const auto at = index_of(argv, "creation_time=2020-08-03T16:21:37.412Z");
  REQUIRE(at < argv.size());
  CHECK(argv[at - 1] == "-metadata");
}
