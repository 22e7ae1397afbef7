// Segments, brought here and joined.
#include "momentcut/pipeline/fetch.hpp"

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "io/folder.hpp"
#include "momentcut/hls/parse.hpp"
#include "pipeline/world.hpp"
#include "print.hpp"

using namespace momentcut;
using namespace std::chrono_literals;
using core::ErrorKind;
using core::thrown_by;
using io::content_of;
using io::Folder;
namespace fs = std::filesystem;

namespace {

// `count` packets of a transport stream, filled with `filling`.
std::string packets(std::size_t count, char filling) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "G" + std::string(187, filling);
  return text;
}

// A playlist in a folder of its own, and all that fetching from it takes.
struct Bench {
  explicit Bench(const std::string& lines)
      : temp("/tmp"), fetcher(source, "v", world.remote, temp, world.context) {
    source.location = {s3::Scheme::file, recording.write("p.m3u8", "").native()};
    source.media =
        std::get<hls::MediaPlaylist>(hls::parse("#EXTM3U\n" + lines, {"p.m3u8", {}, {}}));
  }
  // What joining all segments is refused with.
  core::Error refusal() {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < source.media.segments.size(); ++i) all.push_back(i);
    return thrown_by([&] { fetcher.join(all); });
  }
  std::string at_line(int line) const {
    return source.location.text + ":" + std::to_string(line) + ": segment ";
  }

  Folder recording;
  pipeline::World world;
  io::TempDir temp;
  pipeline::Source source;
  pipeline::Fetcher fetcher;
};

const std::string kThree = "#EXTINF:6,\n0.ts\n#EXTINF:6,\n1.ts\n#EXTINF:6,\n2.ts\n#EXT-X-ENDLIST\n";

}  // namespace

TEST_CASE("spans begin where the ones before them end, and runs at discontinuities") {
  const Bench bench(
      "#EXT-X-DISCONTINUITY\n#EXTINF:6.006,\n0.ts\n#EXTINF:6,\n1.ts\n#EXT-X-DISCONTINUITY\n"
      "#EXTINF:4.5,\n2.ts\n#EXTINF:0,\n3.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:1,\n4.ts\n");
  const auto spans = pipeline::spans_of(bench.source.media);
  REQUIRE(spans.size() == 5);
  CHECK(spans[0].start == 0s);
  CHECK(spans[1].start == 6'006ms);
  CHECK(spans[1].duration == 6s);
  CHECK(spans[2].start == 12'006ms);
  CHECK(spans[4].start == 16'506ms);
  // A discontinuity before the first segment parts it from nothing.
  const std::vector<std::size_t> runs{0, 0, 1, 1, 2};
  for (std::size_t i = 0; i < 5; ++i) CHECK(spans[i].run == runs[i]);
}

TEST_CASE("a join holds its segments one after the other, and a list that names it") {
  Bench bench(kThree);
  bench.recording.write("0.ts", packets(3, 'a'));
  bench.recording.write("1.ts", packets(2, 'b'));
  bench.recording.write("2.ts", packets(1, 'c'));
  auto& fetcher = bench.fetcher;
  const auto join = fetcher.join({0, 1, 2});
  CHECK(content_of(join.file) == packets(3, 'a') + packets(2, 'b') + packets(1, 'c'));
  CHECK(join.segments == std::vector<std::size_t>{0, 1, 2});
  CHECK(join.offsets == std::vector<std::int64_t>{0, 3 * 188, 5 * 188});
  CHECK(fs::path(join.file).parent_path() == bench.temp.path());
  CHECK(fs::path(join.list).parent_path() == bench.temp.path());
  CHECK(content_of(join.list) ==
        "ffconcat version 1.0\nfile " + fs::path(join.file).filename().native() + "\n");
  const auto part = fetcher.join({0, 2});
  CHECK(part.file != join.file);
  CHECK(content_of(part.file) == packets(3, 'a') + packets(1, 'c'));
  CHECK(part.offsets == std::vector<std::int64_t>{0, 3 * 188});
}

TEST_CASE("what is fetched twice counts once, and in part by its largest part") {
  Bench bench(kThree);
  bench.recording.write("0.ts", packets(3, 'a'));
  bench.recording.write("1.ts", packets(2, 'b'));
  auto& fetcher = bench.fetcher;
  CHECK(fetcher.fetched_segments() == 0);
  CHECK(fetcher.fetched_bytes() == 0);
  fetcher.head({0, 188});
  CHECK(fetcher.fetched_bytes() == 188);
  fetcher.join({0, 1});
  fetcher.join({1});
  fetcher.head({0, 188});
  CHECK(fetcher.fetched_segments() == 2);
  CHECK(fetcher.fetched_bytes() == 5 * 188);
}

TEST_CASE("a head tells whether it is all there is") {
  Bench bench(kThree);
  bench.recording.write("0.ts", packets(3, 'a'));
  auto& fetcher = bench.fetcher;
  const auto part = fetcher.head({0, 200});
  CHECK(content_of(part.file) == packets(3, 'a').substr(0, 200));
  CHECK_FALSE(part.complete);
  const auto exact = fetcher.head({0, 3 * 188});
  CHECK(exact.complete);
  const auto whole = fetcher.head({0, 1'000'000});
  CHECK(whole.complete);
  CHECK(content_of(whole.file) == packets(3, 'a'));
  CHECK(part.file != whole.file);
}

TEST_CASE("byte ranges are cut out of their file") {
  Bench bench(
      "#EXTINF:6,\n#EXT-X-BYTERANGE:376@188\nall.ts\n#EXTINF:6,\n#EXT-X-BYTERANGE:188\nall.ts\n"
      "#EXTINF:6,\n#EXT-X-BYTERANGE:188@0\nall.ts\n#EXT-X-ENDLIST\n");
  bench.recording.write("all.ts", packets(1, 'a') + packets(2, 'b') + packets(1, 'c'));
  auto& fetcher = bench.fetcher;
  const auto join = fetcher.join({0, 1, 2});
  CHECK(content_of(join.file) == packets(2, 'b') + packets(1, 'c') + packets(1, 'a'));
  CHECK(join.offsets == std::vector<std::int64_t>{0, 376, 564});
  CHECK(fetcher.fetched_bytes() == 4 * 188);
  CHECK(fetcher.known_size(0) == 376);
  const auto part = fetcher.head({0, 200});
  CHECK(content_of(part.file) == packets(2, 'b').substr(0, 200));
  CHECK_FALSE(part.complete);
  CHECK(fetcher.head({0, 376}).complete);
}

TEST_CASE("a byte range past its file's end is told") {
  Bench bench("#EXTINF:6,\n#EXT-X-BYTERANGE:376@188\nall.ts\n#EXT-X-ENDLIST\n");
  bench.recording.write("all.ts", packets(2, 'a'));
  CHECK(bench.refusal().kind() == ErrorKind::bad_data);
  CHECK(bench.refusal().line() ==
        bench.at_line(4) + "\"all.ts\" ends 188 bytes before its byte range does");
  bench.recording.write("all.ts", packets(1, 'a'));
  CHECK(bench.refusal().line() ==
        bench.at_line(4) + "\"all.ts\" ends 376 bytes before its byte range does");
}

TEST_CASE("a missing segment is told with file and line, and nothing is made of the rest") {
  Bench bench(kThree);
  bench.recording.write("0.ts", packets(3, 'a'));
  bench.recording.write("2.ts", packets(3, 'c'));
  CHECK(bench.refusal().kind() == ErrorKind::not_found);
  CHECK(bench.refusal().line() == bench.at_line(5) +
                                      "\"1.ts\" is missing, 6 to 12 s of the recording; fetch the "
                                      "whole recording again, or cut around it with --allow-gaps");
  CHECK(thrown_by([&] { bench.fetcher.head({1, 5}); }).kind() == ErrorKind::not_found);
  fs::create_directory(bench.recording / "1.ts");
  CHECK(bench.refusal().kind() == ErrorKind::not_found);
}

TEST_CASE("a segment that the playlist knows to be missing is told as that") {
  Bench bench("#EXT-X-GAP\n#EXTINF:6,\n0.ts\n#EXT-X-ENDLIST\n");
  bench.recording.write("0.ts", packets(3, 'a'));
  CHECK(bench.refusal().kind() == ErrorKind::not_found);
  CHECK(bench.refusal().line() ==
        bench.at_line(4) +
            "\"0.ts\" is marked as missing (EXT-X-GAP), 0 to 6 s of the recording; choose a range "
            "without it, or cut around it with --allow-gaps");
}

TEST_CASE("what is no media is told by its segment") {
  Bench bench(kThree);
  bench.recording.write("0.ts", packets(3, 'a'));
  bench.recording.write("2.ts", packets(3, 'c'));
  const auto told = [&](const std::string& content) {
    bench.recording.write("1.ts", content);
    CHECK(bench.refusal().kind() == ErrorKind::bad_data);
    CHECK(bench.refusal().hint() == "is it a segment of a recording?");
    return std::string(bench.refusal().what());
  };
  const auto no_media =
      bench.at_line(5) + "\"1.ts\" is neither MPEG-TS, nor fragmented MP4, nor packed audio";
  CHECK(told("<html>not found</html>") == no_media);
  CHECK(told("G" + std::string(500, 'x')) == no_media);
  CHECK(told("x" + packets(3, 'b')) == no_media);
  CHECK(told("") == bench.at_line(5) + "\"1.ts\" is empty");
  // A single packet, even a short one, may be all there is.
  bench.recording.write("1.ts", packets(1, 'b'));
  CHECK_NOTHROW(bench.fetcher.join({0, 1, 2}));
  bench.recording.write("1.ts", "G");
  CHECK_NOTHROW(bench.fetcher.join({1}));
}

TEST_CASE("segments are found under the names that packagers give them") {
  Bench bench(
      "#EXTINF:6,\nseg%20one.ts?token=x\n#EXTINF:6,\nsub/10:30.ts\n#EXTINF:6,\n100%.ts\n"
      "#EXT-X-ENDLIST\n");
  bench.recording.write("seg one.ts", packets(1, 'a'));
  bench.recording.write("sub/10:30.ts", packets(1, 'b'));
  bench.recording.write("100%.ts", packets(1, 'c'));
  const auto join = bench.fetcher.join({0, 1, 2});
  CHECK(content_of(join.file) == packets(1, 'a') + packets(1, 'b') + packets(1, 'c'));
}

TEST_CASE("a size is known without fetching") {
  Bench bench(kThree);
  bench.recording.write("0.ts", packets(3, 'a'));
  auto& fetcher = bench.fetcher;
  CHECK(fetcher.known_size(0) == 3 * 188);
  CHECK(fetcher.fetched_segments() == 0);
  CHECK(thrown_by([&] { static_cast<void>(fetcher.known_size(1)); }).kind() ==
        ErrorKind::not_found);
}

TEST_CASE("a signal ends fetching") {
  Bench bench(kThree);
  bench.recording.write("0.ts", packets(3, 'a'));
  std::raise(SIGTERM);
  CHECK(thrown_by([&] { bench.fetcher.join({0}); }).kind() == ErrorKind::interrupted);
}
