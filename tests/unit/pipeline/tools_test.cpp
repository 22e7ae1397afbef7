// The ffmpeg and ffprobe programs, played by shell scripts.
#include "momentcut/pipeline/tools.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "io/folder.hpp"
#include "print.hpp"

using namespace momentcut::pipeline;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;
using momentcut::io::Folder;
namespace fs = std::filesystem;

namespace {

Tools check_tools(const Request& request, Context& context) {
  return ToolCheck(request, context).tools();
}

using Texts = std::vector<std::string>;

// Programs in a folder, and a context that remembers what it is told.
struct Bench {
  explicit Bench(std::chrono::milliseconds limit = 20s) : context(observer, interrupt, limit) {
    observer.detail = [this](const std::string& text) { details.push_back(text); };
    observer.command = [this](const Texts& argv) { commands.push_back(argv); };
  }
  std::string program(const std::string& name, const std::string& script) const {
    const auto file = folder.write(name, "#!/bin/sh\n" + script + "\n");
    fs::permissions(file, fs::perms::owner_all);
    return file;
  }
  Request request(const std::string& ffmpeg_says, const std::string& ffprobe_says) const {
    Request request;
    request.ffmpeg = program("ffmpeg", "echo '" + ffmpeg_says + "'; echo built with gcc");
    request.ffprobe = program("ffprobe", "echo '" + ffprobe_says + "'; echo built with gcc");
    return request;
  }
  // What running `script` to its end is refused with.
  momentcut::core::Error failure(const std::string& script) {
    const auto file = program("tool", script);
    return thrown_by([&] { run_program({file}, "cut the clip", {}, context); });
  }

  Folder folder;
  momentcut::io::Interrupt interrupt;
  Observer observer;
  Context context;
  Texts details;
  std::vector<Texts> commands;
};

const std::string kGood = "version 5.1.9-0+deb12u1 Copyright (c) 2000-2025 the FFmpeg developers";

}  // namespace

TEST_CASE("both programs are asked for their version, and ffmpeg's is kept") {
  Bench bench;
  const auto request = bench.request("ffmpeg " + kGood, "ffprobe version 4.4.2 Copyright");
  const auto tools = check_tools(request, bench.context);
  CHECK(tools.ffmpeg == request.ffmpeg);
  CHECK(tools.ffprobe == request.ffprobe);
  CHECK(tools.version.text == "5.1.9-0+deb12u1");
  CHECK(bench.commands ==
        std::vector<Texts>{{request.ffmpeg, "-version"}, {request.ffprobe, "-version"}});
}

TEST_CASE("programs that are too old are refused by name") {
  Bench bench;
  const auto old = bench.request("ffmpeg version 4.3.1 Copyright", "ffprobe " + kGood);
  const auto error = thrown_by([&] { check_tools(old, bench.context); });
  CHECK(error.kind() == ErrorKind::unavailable);
  CHECK(error.line() == "\"" + old.ffmpeg +
                            "\" is version 4.3.1, too old; install ffmpeg 4.4 or newer, or say "
                            "where ffmpeg is with --ffmpeg");
  const auto old_probe = bench.request("ffmpeg " + kGood, "ffprobe version 2.8.15 Copyright");
  CHECK(thrown_by([&] { check_tools(old_probe, bench.context); }).line() ==
        "\"" + old_probe.ffprobe +
            "\" is version 2.8.15, too old; install ffmpeg 4.4 or newer, or say where ffprobe is "
            "with --ffprobe");
}

TEST_CASE("a program that is not ffmpeg is refused") {
  Bench bench;
  const auto other = bench.request("hello", "ffprobe " + kGood);
  const auto error = thrown_by([&] { check_tools(other, bench.context); });
  CHECK(error.kind() == ErrorKind::unavailable);
  CHECK(std::string(error.what()) == "\"" + other.ffmpeg + "\" does not say its version");
  auto failing = bench.request("ffmpeg " + kGood, "ffprobe " + kGood);
  failing.ffprobe = bench.program("broken", "echo 'ffprobe " + kGood + "'; exit 1");
  CHECK(std::string(thrown_by([&] { check_tools(failing, bench.context); }).what()) ==
        "\"" + failing.ffprobe + "\" does not say its version");
}

TEST_CASE("a program that is missing is told with a way out") {
  Bench bench;
  auto request = bench.request("ffmpeg " + kGood, "ffprobe " + kGood);
  request.ffmpeg = "/no/such/ffmpeg";
  const auto error = thrown_by([&] { check_tools(request, bench.context); });
  CHECK(error.kind() == ErrorKind::unavailable);
  CHECK(error.line() ==
        "cannot run \"/no/such/ffmpeg\": No such file or directory; install ffmpeg, or say where "
        "it is with --ffmpeg and --ffprobe");
}

TEST_CASE("probes stand in the order of their calls") {
  Bench bench;
  const auto packet = [&](const std::string& name, const std::string& delay, int pts) {
    return Texts{bench.program(name, "sleep " + delay +
                                         "; echo 'packet|codec_type=video|stream_index=0|pts=" +
                                         std::to_string(pts) + "'")};
  };
  const auto probes =
      probe_all({packet("a", "0.2", 1), packet("b", "0", 2)}, "read the segments", bench.context);
  REQUIRE(probes.size() == 2);
  CHECK(probes[0].video->packets.at(0).pts == 1);
  CHECK(probes[1].video->packets.at(0).pts == 2);
  CHECK(bench.commands.size() == 2);
  CHECK(probe_all({}, "read nothing", bench.context).empty());
}

TEST_CASE("a probe that fails is told with what it was for") {
  Bench bench;
  const auto good = bench.program("good", "true");
  const auto bad =
      bench.program("ffprobe", "echo 'x: Invalid data found when processing input' >&2; exit 1");
  const auto error = thrown_by([&] {
    probe_all({{good}, {bad}}, "read the segments", bench.context);
  });
  CHECK(error.kind() == ErrorKind::bad_data);
  CHECK(error.line() ==
        "ffprobe failed (exit status 1) to read the segments: x: Invalid data found when "
        "processing input");
}

TEST_CASE("a program that ends well passes its lines and its words on stderr on") {
  Bench bench;
  Texts lines;
  const auto file = bench.program("tool", "echo one; echo two; printf 'a\\033b\\n\\nc' >&2");
  run_program(
      {file, "arg"}, "cut the clip", [&](std::string_view line) { lines.emplace_back(line); },
      bench.context);
  CHECK(lines == Texts{"one", "two"});
  CHECK(bench.details == Texts{"ffmpeg: a?b", "ffmpeg: c"});
  CHECK(bench.commands == std::vector<Texts>{{file, "arg"}});
}

TEST_CASE("a program that fails is told by its last words") {
  Bench bench;
  const auto full = bench.failure("echo 'clip.mp4: No space left on device' >&2; exit 228");
  CHECK(full.kind() == ErrorKind::io);
  CHECK(full.line() ==
        "tool failed (exit status 228) to cut the clip: clip.mp4: No space left on device; make "
        "room on the disk");
  const auto silent = bench.failure("exit 3");
  CHECK(silent.kind() == ErrorKind::internal);
  CHECK(silent.line() == "tool failed (exit status 3) to cut the clip");
}

TEST_CASE("a program that is killed may be tried again, one that crashes not") {
  Bench bench;
  const auto killed = bench.failure("kill -KILL $$");
  CHECK(killed.kind() == ErrorKind::temporary);
  CHECK(killed.line() ==
        "tool was ended by Killed while it was to cut the clip; try again; was the machine out of "
        "memory?");
  CHECK(bench.failure("ulimit -c 0; kill -SEGV $$").kind() == ErrorKind::internal);
  CHECK(bench.failure("ulimit -c 0; kill -ABRT $$").kind() == ErrorKind::internal);
}

TEST_CASE("a program that hangs may be tried again") {
  Bench bench(1s);
  const auto hung = bench.failure("sleep 60");
  CHECK(hung.kind() == ErrorKind::temporary);
  CHECK(hung.line() ==
        "tool hung: nothing heard from it for 1 s while it was to cut the clip; try again, or "
        "allow more with --stall-timeout");
}
