// The filter graph of clips of one and of several pieces, word for word.
#include "momentcut/cut/graph.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "print.hpp"

using namespace momentcut::cut;
using momentcut::core::TimeBase;
using Inputs = std::vector<Input>;

namespace {

const Input kRun0{"/t/run0.ffconcat", "mpegts"};
const Input kRun1{"/t/run1.ffconcat", "mov"};
const Input kAudio1{"/t/audio1.ffconcat", "aac"};

constexpr TimeBase kTs{1, 90'000};

// 3003 ticks from 10 s of run 0 on, with its audio.
Piece first_piece() {
  Piece piece;
  piece.input = kRun0;
  piece.width = 1280;
  piece.height = 720;
  piece.first = 900'000;
  piece.end = 903'003;
  piece.audio = AudioCut{kRun0, 900'000, 903'003, kTs};
  return piece;
}

// A second from the beginning of run 1 on, which counts otherwise.
Piece second_piece() {
  Piece piece;
  piece.input = kRun1;
  piece.width = 1280;
  piece.height = 720;
  piece.base = {1, 15'360};
  piece.first = 512;
  piece.end = 15'872;
  piece.audio = AudioCut{kRun1, 1'600, 49'600, {1, 48'000}};
  return piece;
}

const std::string kVideo0 =
    "[0:v:0]trim=start_pts=900000:end_pts=903003,setpts=PTS-900000,settb=1/90000,setpts=PTS+0,"
    "format=yuv420p[v0]";
const std::string kVideo1 =
    "[1:v:0]trim=start_pts=512:end_pts=15872,setpts=PTS-512,settb=1/90000,setpts=PTS+3003,"
    "format=yuv420p";

// An audio piece, from its input to its label.
std::string audio(const std::string& input, const std::string& start, const std::string& end,
                  const std::string& samples, const std::string& label) {
  return "[" + input + ":a:0]aresample=48000,atrim=start=" + start + ":end=" + end +
         ",asetpts=PTS-" + start +
         "/TB,aresample=async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=stereo,"
         "apad=whole_len=" +
         samples + ",atrim=end_sample=" + samples + "[" + label + "]";
}

}  // namespace

TEST_CASE("a piece alone is trimmed and moved to 0") {
  const RenderGraph graph({first_piece()}, {});
  CHECK(graph.text() == "[0:v:0]trim=start_pts=900000:end_pts=903003,setpts=PTS-900000[v];" +
                            audio("0", "10.000000", "10.033367", "1602", "a"));
  CHECK(graph.inputs() == Inputs{kRun0});
  CHECK(graph.has_video());
  CHECK(graph.has_audio());
}

TEST_CASE("pieces are put at their places and interleaved, their audio is joined") {
  const RenderGraph graph({first_piece(), second_piece()}, {});
  CHECK(graph.text() == kVideo0 + ";" + kVideo1 + "[v1];[v0][v1]interleave=n=2[v];" +
                            audio("0", "10.000000", "10.033367", "1602", "a0") + ";" +
                            audio("1", "0.033333", "1.033333", "48000", "a1") +
                            ";[a0][a1]concat=n=2:v=0:a=1[a]");
  CHECK(graph.inputs() == Inputs{kRun0, kRun1});
}

TEST_CASE("a piece begins at the sample of its first frame, so that rounding does not add up") {
  auto piece = first_piece();
  // 3003 ticks are 1601.6 samples: the pieces are 1602, 1601 and 1602 long.
  const RenderGraph graph({piece, piece, piece}, {});
  CHECK(graph.inputs() == Inputs{kRun0});
  const auto a0 = graph.text().find("apad=whole_len=1602,atrim=end_sample=1602[a0]");
  const auto a1 = graph.text().find("apad=whole_len=1601,atrim=end_sample=1601[a1]");
  const auto a2 = graph.text().find("apad=whole_len=1602,atrim=end_sample=1602[a2]");
  CHECK(a0 != std::string::npos);
  CHECK(a1 != std::string::npos);
  CHECK(a2 != std::string::npos);
}

TEST_CASE("a piece of another size is letterboxed to the first one's") {
  auto second = second_piece();
  second.width = 640;
  second.height = 480;
  second.audio.reset();
  auto first = first_piece();
  first.audio.reset();
  const RenderGraph graph({first, second}, {});
  CHECK(graph.text() ==
        kVideo0 + ";" + kVideo1 +
            ",scale=1280:720:force_original_aspect_ratio=decrease,pad=1280:720:(ow-iw)/2:(oh-ih)/2,"
            "setsar=1[v1];[v0][v1]interleave=n=2[v]");
  CHECK_FALSE(graph.has_audio());
  // It is the first that decides, even where it is the smaller one.
  const RenderGraph swapped({second, first}, {});
  CHECK(swapped.text().find("scale=640:480:") != std::string::npos);
  CHECK(swapped.text().find("1280") == std::string::npos);
}

TEST_CASE("one dimension is enough to be of another size") {
  auto second = second_piece();
  second.height = 718;
  CHECK(RenderGraph({first_piece(), second}, {}).text().find("scale=1280:720:") !=
        std::string::npos);
  second = second_piece();
  second.width = 1278;
  CHECK(RenderGraph({first_piece(), second}, {}).text().find("scale=1280:720:") !=
        std::string::npos);
}

TEST_CASE("a piece without audio is silent where others have some") {
  auto first = first_piece();
  first.audio.reset();
  const RenderGraph graph({first, second_piece()}, {});
  CHECK(graph.text() ==
        kVideo0 + ";" + kVideo1 +
            "[v1];[v0][v1]interleave=n=2[v];"
            "anullsrc=channel_layout=stereo:sample_rate=48000,aformat=sample_fmts=fltp,"
            "atrim=end_sample=1602[a0];" +
            audio("1", "0.033333", "1.033333", "48000", "a1") + ";[a0][a1]concat=n=2:v=0:a=1[a]");
}

TEST_CASE("audio from a join of its own is an input behind the pieces'") {
  auto second = second_piece();
  second.audio->input = kAudio1;
  const RenderGraph graph({first_piece(), second}, {});
  CHECK(graph.inputs() == Inputs{kRun0, kRun1, kAudio1});
  CHECK(graph.text().find(";[2:a:0]aresample=48000,atrim=start=0.033333:") != std::string::npos);
}

TEST_CASE("one join that two pieces come from is one input") {
  auto second = second_piece();
  second.input = kRun0;
  second.audio->input = kRun0;
  CHECK(RenderGraph({first_piece(), second}, {}).inputs() == Inputs{kRun0});
  // By its demuxer it would be another one.
  second.input.demuxer = "mov";
  CHECK(RenderGraph({first_piece(), second}, {}).inputs().size() == 2);
}

TEST_CASE("pieces of audio alone have no video") {
  auto first = first_piece();
  first.has_video = false;
  auto second = second_piece();
  second.has_video = false;
  const RenderGraph graph({first, second}, {});
  CHECK_FALSE(graph.has_video());
  CHECK(graph.text() == audio("0", "10.000000", "10.033367", "1602", "a0") + ";" +
                            audio("1", "0.033333", "1.033333", "48000", "a1") +
                            ";[a0][a1]concat=n=2:v=0:a=1[a]");
}

TEST_CASE("HDR is tone-mapped, piece by piece, unless it is kept") {
  auto first = first_piece();
  first.audio.reset();
  first.colour = {"smpte2084", "bt2020", "bt2020nc", "tv", 10};
  const auto mapped = RenderGraph({first}, {}).text();
  CHECK(mapped == "[0:v:0]trim=start_pts=900000:end_pts=903003,setpts=PTS-900000," +
                      tone_mapping(first.colour) + "[v]");
  Encoding keeping;
  keeping.codec = VideoCodec::hevc;
  keeping.keep_hdr = true;
  CHECK(RenderGraph({first}, keeping).text() ==
        "[0:v:0]trim=start_pts=900000:end_pts=903003,setpts=PTS-900000[v]");
  auto second = second_piece();
  second.audio.reset();
  CHECK(RenderGraph({first, second}, keeping).text().find("format=yuv420p10le") !=
        std::string::npos);
}
