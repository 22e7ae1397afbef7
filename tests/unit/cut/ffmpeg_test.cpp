// What ffmpeg and ffprobe say back: versions, progress and failures.
#include "momentcut/cut/ffmpeg.hpp"

#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "print.hpp"

using namespace momentcut::cut;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;

namespace {

void check_version(const std::string& line, const std::string& text, int major, int minor) {
  CAPTURE(line);
  const auto version = parse_version(line);
  REQUIRE(version);
  CHECK(version->text == text);
  CHECK(version->major == major);
  CHECK(version->minor == minor);
}

std::vector<EncodeProgress> blocks_of(const std::vector<std::string>& lines) {
  ProgressReader reader;
  std::vector<EncodeProgress> blocks;
  for (const auto& line : lines) {
    if (const auto block = reader.line(line)) blocks.push_back(*block);
  }
  return blocks;
}

}  // namespace

TEST_CASE("the version of a release is its number") {
  check_version("ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2025 the FFmpeg developers",
                "5.1.9-0+deb12u1", 5, 1);
  check_version("ffprobe version 4.4.2 Copyright (c) 2007-2021 the FFmpeg developers", "4.4.2", 4,
                4);
  check_version("ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright (c) 2000-2021",
                "4.4.2-0ubuntu0.22.04.1", 4, 4);
  check_version("ffmpeg version n6.0 Copyright (c) 2000-2023 the FFmpeg developers", "n6.0", 6, 0);
  check_version("ffmpeg version n4.4.1-2-gcc33e73618 Copyright", "n4.4.1-2-gcc33e73618", 4, 4);
  check_version("ffmpeg version 7.0.2-static https://johnvansickle.com/ffmpeg/  Copyright",
                "7.0.2-static", 7, 0);
  check_version("ffmpeg version 10.12 Copyright", "10.12", 10, 12);
  check_version("ffprobe version 6.1.1-tessus  https://evermeet.cx/ffmpeg/  Copyright",
                "6.1.1-tessus", 6, 1);
  check_version("ffmpeg version 5.1.9", "5.1.9", 5, 1);
}

TEST_CASE("a build from git has no release number and is taken as new enough") {
  for (const std::string line :
       {"ffmpeg version N-109542-g2c9b1d9 Copyright (c) 2000-2023 the FFmpeg developers",
        "ffmpeg version N-71064-gd5e603ddc0-static https://johnvansickle.com/ffmpeg/",
        "ffmpeg version git-2020-06-15-9d80f3e Copyright",
        "ffprobe version N-118315-g4f3c9f2f03-20250111 Copyright",
        "ffmpeg version 2024-03-25-git-ecdc94b97f-full_build-www.gyan.dev Copyright"}) {
    CAPTURE(line);
    const auto version = parse_version(line);
    REQUIRE(version);
    CHECK(version->at_least(kOldestMajor, kOldestMinor));
    CHECK(version->at_least(5, 1));
  }
}

TEST_CASE("a line that does not tell a version is refused") {
  for (const std::string line :
       {"", "ffmpeg", "ffmpeg version", "version 5.1", " ffmpeg version 5.1 Copyright",
        "avconv version 11.3-6:11.3-1, Copyright", "bash: ffmpeg: command not found",
        "ffmpegversion 5.1", "usage: ffmpeg", "FFmpeg version 5.1"}) {
    CAPTURE(line);
    CHECK_FALSE(parse_version(line));
  }
}

TEST_CASE("a version's text cannot drive a terminal") {
  const auto version = parse_version("ffmpeg version 5.1\x1b[31m Copyright");
  REQUIRE(version);
  CHECK(version->text == "5.1?[31m");
}

TEST_CASE("versions compare by major, then minor") {
  const ToolVersion version{"5.1.9", 5, 1};
  CHECK(version.at_least(5, 1));
  CHECK(version.at_least(5, 0));
  CHECK(version.at_least(4, 4));
  CHECK_FALSE(version.at_least(5, 2));
  CHECK_FALSE(version.at_least(6, 0));
  CHECK_FALSE(ToolVersion{"4.3.1", 4, 3}.at_least(4, 4));
  CHECK(ToolVersion{"4.10", 4, 10}.at_least(4, 4));
}

TEST_CASE("a release before 1.0 is not new enough") {
  const auto version = parse_version("ffmpeg version 0.10.12-7:0.10.12-1~deb7u1 Copyright");
  REQUIRE(version);
  CHECK_FALSE(version->at_least(kOldestMajor, kOldestMinor));
}

TEST_CASE("progress comes in blocks that end with the word progress") {
  const auto blocks = blocks_of({"frame=0",
                                 "fps=0.00",
                                 "stream_0_0_q=0.0",
                                 "bitrate=N/A",
                                 "total_size=48",
                                 "out_time_us=N/A",
                                 "out_time_ms=N/A",
                                 "out_time=N/A",
                                 "dup_frames=0",
                                 "drop_frames=0",
                                 "speed=N/A",
                                 "progress=continue",
                                 "frame=3",
                                 "out_time_us=160000",
                                 "out_time_ms=160000",
                                 "out_time=00:00:00.160000",
                                 "speed=21.7x",
                                 "progress=continue",
                                 "frame=10",
                                 "out_time_us=441179",
                                 "out_time_ms=441179",
                                 "speed=  40x",
                                 "progress=end"});
  REQUIRE(blocks.size() == 3);
  CHECK(blocks[0].done == 0us);
  CHECK(blocks[0].speed == 0);
  CHECK_FALSE(blocks[0].ended);
  CHECK(blocks[1].done == 160ms);
  CHECK(blocks[1].speed == doctest::Approx(21.7));
  CHECK_FALSE(blocks[1].ended);
  CHECK(blocks[2].done == 441'179us);
  CHECK(blocks[2].speed == doctest::Approx(40));
  CHECK(blocks[2].ended);
}

TEST_CASE("progress that is negative or unknown does not go back") {
  const auto blocks = blocks_of({"out_time_us=-21333", "speed=-1x", "progress=continue",
                                 "out_time_us=500000", "speed=1.5e+03x", "progress=continue",
                                 "out_time_us=N/A", "speed=N/A", "progress=continue",
                                 "out_time_us=-9223372036854775807", "speed=nan", "progress=end"});
  REQUIRE(blocks.size() == 4);
  CHECK(blocks[0].done == 0us);
  CHECK(blocks[0].speed == 0);
  CHECK(blocks[1].done == 500ms);
  CHECK(blocks[1].speed == doctest::Approx(1500));
  CHECK(blocks[2].done == 500ms);
  CHECK(blocks[3].done == 500ms);
  CHECK(blocks[3].speed == doctest::Approx(1500));
}

TEST_CASE("lines that are no progress are passed over") {
  CHECK(blocks_of({"", "progress", "=end", "hello", "out_time_us", "x=progress=end"}).empty());
}

TEST_CASE("ffmpeg's last words tell what kind of failure it was") {
  const auto kind = [](const std::string& text) { return explain_failure(text).kind; };
  CHECK(kind("x: No space left on device\n") == ErrorKind::io);
  CHECK(kind("x: Disk quota exceeded\n") == ErrorKind::io);
  CHECK(kind("x: File too large\n") == ErrorKind::io);
  CHECK(kind("x: Input/output error\n") == ErrorKind::io);
  CHECK(kind("Unknown encoder 'libx264'\n") == ErrorKind::unavailable);
  CHECK(kind("x: Cannot allocate memory\n") == ErrorKind::temporary);
  CHECK(kind("x: Permission denied\n") == ErrorKind::no_permission);
  CHECK(kind("x: Invalid data found when processing input\n") == ErrorKind::bad_data);
  CHECK(kind("join0: End of file\n") == ErrorKind::bad_data);
  CHECK(kind("something else\n") == ErrorKind::internal);
  CHECK(kind("") == ErrorKind::internal);
}

TEST_CASE("a failure's reason is the line that tells it") {
  CHECK(explain_failure("first\nav_interleaved_write_frame(): No space left on device\n"
                        "Error writing trailer of out.mp4\nConversion failed!\n")
            .reason == "av_interleaved_write_frame(): No space left on device");
  CHECK(explain_failure("one\ntwo\n\n  \n").reason == "two");
  CHECK(explain_failure("alone").reason == "alone");
  CHECK(explain_failure("No space left on device").reason == "No space left on device");
  CHECK(explain_failure("").reason.empty());
  CHECK(explain_failure("\n\n").reason.empty());
}

TEST_CASE("a failure's reason is one printable line of bounded length") {
  const auto reason = explain_failure("a\x1b[31mb\rc").reason;
  CHECK(reason == "a?[31mb?c");
  CHECK(explain_failure(std::string(5'000, 'x')).reason.size() == 300);
  CHECK(explain_failure(std::string(5'000, 'x') + " Permission denied").reason.size() == 300);
}
