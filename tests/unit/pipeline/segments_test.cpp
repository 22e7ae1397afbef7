// Segments over the network: as few requests as will do, and no byte twice.
#include "momentcut/pipeline/segments.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "momentcut/hls/parse.hpp"
#include "pipeline/served.hpp"
#include "print.hpp"

using namespace momentcut;
using namespace momentcut::pipeline;
using core::ErrorKind;
using core::thrown_by;
using io::answer;
using Texts = std::vector<std::string>;

namespace {

// Bytes that tell where they are from.
std::string bytes(std::size_t count, unsigned seed) {
  std::string text(count, '\0');
  for (auto& c : text) {
    seed = seed * 1'103'515'245U + 12'345U;
    c = static_cast<char>('a' + (seed >> 16U) % 26);
  }
  return text;
}

using Shelf = std::map<std::string, std::string>;

Network::Answering from(const Shelf& shelf) {
  return [shelf](const io::Asked& asked) -> Answer {
    const auto line = asked.line();
    const auto path = line.substr(4, line.find(' ', 4) - 4);
    const auto found = shelf.find(path);
    return found == shelf.end() ? Answer(answer(404)) : part_of(found->second, asked);
  };
}

// A playlist "/p.m3u8" of `lines` on a server.
struct Bench {
  template <typename Answers>
  Bench(const std::string& lines, Answers answers, unsigned connections = 8)
      : network(std::move(answers)), temp("/tmp") {
    network.request.network.connections = connections;
    network.request.network.retries = 1;
    source.location = network.at("/p.m3u8");
    parse(lines);
  }
  void parse(const std::string& lines) {
    source.media =
        std::get<hls::MediaPlaylist>(hls::parse("#EXTM3U\n" + lines, {"p.m3u8", {}, {}}));
  }

  Segments& segments() {
    if (!segments_) segments_.emplace(source, "v", network.remote(), temp, network.world().context);
    return *segments_;
  }
  void bring(const std::vector<Portion>& portions) {
    segments().bring(portions, [this] { ++arrivals; });
  }
  // The bytes of a segment that are here.
  std::string content(std::size_t segment) {
    const auto held = segments().held(segment);
    return io::content_of(held.file).substr(held.offset, held.size);
  }
  // What was asked for, by path and range, in an order of its own.
  [[nodiscard]] Texts asked() const {
    Texts texts;
    for (const auto& asked : network.asked()) {
      const auto line = asked.line();
      texts.push_back(line.substr(4, line.find(' ', 4) - 4) + " " + asked.field("range"));
    }
    std::sort(texts.begin(), texts.end());
    return texts;
  }

  Network network;
  io::TempDir temp;
  Source source;
  std::optional<Segments> segments_;
  int arrivals = 0;
};

constexpr auto kThree =
    "#EXTINF:6,\n0.ts\n#EXTINF:6,\n1.ts\n#EXTINF:6,\nsub/2.ts?x\n#EXT-X-ENDLIST\n";

// Ranges of `length` bytes in "/all.ts", one after the other.
std::string ranges(std::size_t count, std::size_t length) {
  std::string lines;
  for (std::size_t i = 0; i < count; ++i) {
    lines += "#EXTINF:6,\n#EXT-X-BYTERANGE:" + std::to_string(length) + "@" +
             std::to_string(i * length) + "\nall.ts\n";
  }
  return lines + "#EXT-X-ENDLIST\n";
}

}  // namespace

TEST_CASE("segments come whole, each once, into files of our own") {
  const Shelf shelf{{"/0.ts", bytes(300, 0)}, {"/1.ts", bytes(500, 1)}, {"/sub/2.ts?x", "2"}};
  Bench bench(kThree, from(shelf));
  bench.bring({{2}, {0}, {1}});
  CHECK(bench.asked() == Texts{"/0.ts (none)", "/1.ts (none)", "/sub/2.ts?x (none)"});
  CHECK(bench.arrivals == 3);
  CHECK(bench.content(0) == shelf.at("/0.ts"));
  CHECK(bench.content(1) == shelf.at("/1.ts"));
  CHECK(bench.content(2) == "2");
  CHECK(bench.segments().held(1).complete());
  CHECK(bench.segments().held(1).remote);
  CHECK(bench.segments().held(1).whole == 500);
  CHECK(bench.segments().held(1).file.parent_path() == bench.temp.path());
  CHECK(bench.segments().bytes_received() == 801);
  bench.bring({{0}, {1}, {2, 1}});
  CHECK(bench.asked().size() == 3);
  CHECK(bench.segments().bytes_received() == 801);
}

TEST_CASE("what is not asked for is not brought") {
  Bench bench(kThree, from({{"/1.ts", "one"}}));
  CHECK(bench.segments().held(1).size == 0);
  CHECK_FALSE(bench.segments().held(1).complete());
  bench.bring({{1}});
  CHECK(bench.asked() == Texts{"/1.ts (none)"});
}

TEST_CASE("a head is extended by its missing part only") {
  const auto whole = bytes(1000, 7);
  Bench bench(kThree, from({{"/0.ts", whole}}));
  bench.bring({{0, 188}});
  CHECK(bench.content(0) == whole.substr(0, 188));
  CHECK_FALSE(bench.segments().held(0).complete());
  CHECK(bench.segments().ready({0, 188}));
  CHECK_FALSE(bench.segments().ready({0}));
  CHECK(bench.arrivals == 1);
  bench.bring({{0, 100}});
  bench.bring({{0, 188}});
  bench.bring({{0, 376}});
  bench.bring({{0}});
  CHECK(bench.asked() == Texts{"/0.ts bytes=0-187", "/0.ts bytes=188-375", "/0.ts bytes=376-"});
  CHECK(bench.content(0) == whole);
  CHECK(bench.segments().held(0).complete());
  CHECK(bench.segments().bytes_received() == 1000);
  CHECK(bench.arrivals == 3);
}

TEST_CASE("a head that is longer than its segment is all of it") {
  Bench bench(kThree, from({{"/0.ts", bytes(100, 0)}}));
  bench.bring({{0, 188}});
  CHECK(bench.segments().held(0).complete());
  CHECK(bench.segments().held(0).whole == 100);
  bench.bring({{0}});
  CHECK(bench.asked().size() == 1);
}

TEST_CASE("a head that is as long as its segment is known to be all of it once more is asked for") {
  Bench bench(kThree, from({{"/0.ts", bytes(188, 0)}}));
  bench.bring({{0, 188}});
  bench.bring({{0}});
  CHECK(bench.asked() == Texts{"/0.ts bytes=0-187", "/0.ts bytes=188-"});
  CHECK(bench.segments().held(0).complete());
  CHECK(bench.content(0) == bytes(188, 0));
  CHECK(bench.segments().bytes_received() == 188);
}

TEST_CASE("neighbours in one resource are one request") {
  const auto all = bytes(900, 3);
  Bench bench(ranges(3, 300), from({{"/all.ts", all}}));
  bench.bring({{0}, {1}, {2}});
  CHECK(bench.asked() == Texts{"/all.ts bytes=0-899"});
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(bench.segments().held(i).complete());
    CHECK(bench.content(i) == all.substr(i * 300, 300));
  }
  CHECK(bench.segments().bytes_received() == 900);
}

TEST_CASE("neighbours become as many requests as there are connections") {
  constexpr std::size_t kLength = 512U << 10U;
  const auto all = bytes(8 * kLength, 3);
  Bench bench(ranges(8, kLength), from({{"/all.ts", all}}), 2);
  bench.bring({{0}, {1}, {2}, {3}, {4}, {5}, {6}, {7}});
  CHECK(bench.asked() == Texts{"/all.ts bytes=0-2097151", "/all.ts bytes=2097152-4194303"});
  for (std::size_t i = 0; i < 8; ++i) {
    CHECK(bench.content(i) == all.substr(i * kLength, kLength));
  }
  CHECK(bench.arrivals >= 2);
}

TEST_CASE("ranges that are no neighbours are requests of their own") {
  const std::string lines =
      "#EXTINF:6,\n#EXT-X-BYTERANGE:10@0\na.ts\n#EXTINF:6,\n#EXT-X-BYTERANGE:10@20\na.ts\n"
      "#EXTINF:6,\n#EXT-X-BYTERANGE:10@30\nb.ts\n#EXT-X-ENDLIST\n";
  Bench bench(lines, from({{"/a.ts", bytes(40, 1)}, {"/b.ts", bytes(40, 2)}}));
  bench.bring({{0}, {1}, {2}});
  CHECK(bench.asked() == Texts{"/a.ts bytes=0-9", "/a.ts bytes=20-29", "/b.ts bytes=30-39"});
  CHECK(bench.content(1) == bytes(40, 1).substr(20, 10));
  CHECK(bench.content(2) == bytes(40, 2).substr(30, 10));
}

TEST_CASE("a neighbour of a segment whose head was here already lies behind all of it") {
  const auto all = bytes(900, 5);
  Bench bench(ranges(3, 300), from({{"/all.ts", all}}));
  bench.bring({{0, 100}});
  bench.bring({{0}, {1}, {2}});
  CHECK(bench.asked() == Texts{"/all.ts bytes=0-99", "/all.ts bytes=100-899"});
  for (std::size_t i = 0; i < 3; ++i) CHECK(bench.content(i) == all.substr(i * 300, 300));
}

TEST_CASE("what follows a part of a segment is no neighbour of it") {
  // The second range begins where the wanted part of the first one ends, within it.
  const auto all = bytes(900, 6);
  Bench bench(
      "#EXTINF:6,\n#EXT-X-BYTERANGE:300@0\nall.ts\n#EXTINF:6,\n#EXT-X-BYTERANGE:300@100\nall.ts\n"
      "#EXT-X-ENDLIST\n",
      from({{"/all.ts", all}}));
  bench.bring({{0, 100}, {1}});
  CHECK(bench.content(0) == all.substr(0, 100));
  CHECK(bench.content(1) == all.substr(100, 300));
}

TEST_CASE("a range beyond its resource's end has what there is") {
  Bench bench(ranges(3, 300), from({{"/all.ts", bytes(450, 3)}}));
  bench.bring({{0}, {1}, {2}});
  CHECK(bench.content(0) == bytes(450, 3).substr(0, 300));
  CHECK(bench.segments().held(1).size == 150);
  CHECK(bench.segments().held(1).whole == 300);
  CHECK(bench.segments().held(1).complete());
  CHECK(bench.segments().held(2).size == 0);
  CHECK(bench.segments().held(2).complete());
}

TEST_CASE("a segment that changes while it is read comes once more from its beginning") {
  Bench bench(kThree, std::vector<Answer>{cut_short(200, "old", 6, "ETag: \"v1\"\r\n"),
                                          answer(200, "newest", "ETag: \"v2\"\r\n"),
                                          answer(200, "newest", "ETag: \"v2\"\r\n")});
  bench.bring({{0}});
  CHECK(bench.content(0) == "newest");
  CHECK(bench.asked() == Texts{"/0.ts (none)", "/0.ts (none)", "/0.ts bytes=3-"});
}

TEST_CASE("a segment whose head is in use may not change") {
  Bench bench(kThree, std::vector<Answer>{
                          answer(206, "old", "ETag: \"v1\"\r\n" + content_range(0, 2, "9")),
                          cut_short(206, "old", 6, "ETag: \"v1\"\r\n" + content_range(3, 8, "9")),
                          answer(412)});
  bench.bring({{0, 3}});
  const auto error = thrown_by([&] { bench.bring({{0}}); });
  CHECK(error.kind() == ErrorKind::temporary);
  CHECK(error.line().ends_with("segment \"0.ts\" (0 to 6 s) changed while it was read; try again"));
}

TEST_CASE("a segment that cannot be had is told with playlist and line") {
  Bench bench(kThree, from({{"/0.ts", "0"}}));
  const auto error = thrown_by([&] { bench.bring({{0}, {1}}); });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(error.line() ==
        bench.source.location.text + ":5: segment \"1.ts\" (6 to 12 s): HTTP status 404");
}

TEST_CASE("segments of a remote playlist that are not to be read are refused before any is asked") {
  Bench bench(kThree, from({}));
  const auto refused = [&](const std::string& lines) {
    bench.parse(lines);
    Segments segments(bench.source, "v", bench.network.remote(), bench.temp,
                      bench.network.world().context);
    const auto error = thrown_by([&] { segments.bring({{0}}); });
    CHECK(error.line().find("/p.m3u8:") != std::string::npos);
    return error;
  };
  CHECK(refused("#EXTINF:6,\nfile:///etc/passwd\n").kind() == ErrorKind::bad_data);
  CHECK(refused("#EXTINF:6,\nftp://h/0.ts\n").kind() == ErrorKind::bad_data);
  CHECK(refused("#EXTINF:6,\n#EXT-X-GAP\n0.ts\n").kind() == ErrorKind::not_found);
  CHECK(refused("#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\"\n#EXTINF:6,\n0.ts\n").kind() ==
        ErrorKind::bad_data);
  CHECK(
      refused("#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXT-X-MAP:URI=\"i.mp4\"\n#EXTINF:6,\n0.mp4\n")
          .kind() == ErrorKind::bad_data);
  CHECK(bench.asked().empty());
}

TEST_CASE("a local playlist may name segments that are elsewhere") {
  Bench bench(kThree, from({{"/1.ts", "one"}}));
  const io::Folder recording;
  recording.write("0.ts", "zero");
  bench.source.location = {s3::Scheme::file, recording.write("p.m3u8", "").native()};
  bench.parse("#EXTINF:6,\n0.ts\n#EXTINF:6,\n" + bench.network.at("/1.ts").text + "\n");
  bench.bring({{0}, {1}});
  CHECK(bench.content(0) == "zero");
  CHECK(bench.content(1) == "one");
  CHECK_FALSE(bench.segments().held(0).remote);
  CHECK(bench.segments().held(0).file == recording / "0.ts");
  CHECK(bench.segments().bytes_received() == 3);
}

TEST_CASE("fetching is a stage of its own, and then the one before goes on") {
  Bench bench(kThree, from({{"/0.ts", "0"}, {"/1.ts", "1"}}));
  auto& context = bench.network.world().context;
  std::vector<Progress> told;
  bench.network.world().observer.progress = [&](const Progress& progress) {
    told.push_back(progress);
  };
  context.enter(Stage::measure);
  bench.bring({{0}, {1}});
  CHECK(context.stage() == Stage::measure);
  REQUIRE(told.size() >= 4);
  CHECK(told[1].stage == Stage::fetch);
  CHECK(told[told.size() - 2].stage == Stage::fetch);
  CHECK(told[told.size() - 2].fraction == 1);
  // Nothing to bring is no stage.
  const auto before = told.size();
  bench.bring({{0}});
  CHECK(told.size() == before);
}

TEST_CASE("a segment is ready when its key and map are here too") {
  const std::string lines =
      "#EXT-X-MAP:URI=\"i.mp4\"\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:6,\n0.mp4\n"
      "#EXTINF:6,\n1.mp4\n";
  Bench bench(
      lines,
      from({{"/i.mp4", "map"}, {"/k", "0123456789abcdef"}, {"/0.mp4", "0"}, {"/1.mp4", "1"}}));
  CHECK_FALSE(bench.segments().ready({0}));
  bench.bring({{0}});
  CHECK(bench.asked() == Texts{"/0.mp4 (none)", "/i.mp4 (none)", "/k (none)"});
  CHECK(bench.arrivals == 3);
  CHECK(bench.segments().ready({0}));
  CHECK_FALSE(bench.segments().ready({1}));
  CHECK(bench.segments().keys_and_maps().initialization(0) == "map");
  bench.bring({{0}, {1}});
  CHECK(bench.asked().size() == 4);
  CHECK(bench.segments().ready({1}));
  // The bytes that came are those of segments, as the server has them.
  CHECK(bench.segments().bytes_received() == 2);
}

TEST_CASE("a local segment may need a key from a server") {
  Bench bench("", from({{"/k", "0123456789abcdef"}}));
  const io::Folder recording;
  recording.write("0.ts", "zero");
  bench.source.location = {s3::Scheme::file, recording.write("p.m3u8", "").native()};
  bench.parse("#EXT-X-KEY:METHOD=AES-128,URI=\"" + bench.network.at("/k").text +
              "\"\n#EXTINF:6,\n0.ts\n");
  CHECK_FALSE(bench.segments().ready({0}));
  bench.bring({{0}});
  CHECK(bench.segments().ready({0}));
  CHECK(bench.arrivals == 1);
}

TEST_CASE("renditions in one folder have files of their own") {
  Bench bench(kThree, from({{"/0.ts", "zero"}}));
  Segments other(bench.source, "a", bench.network.remote(), bench.temp,
                 bench.network.world().context);
  bench.bring({{0}});
  other.bring({{0}});
  CHECK(bench.segments().held(0).file != other.held(0).file);
  CHECK(io::content_of(other.held(0).file) == "zero");
}

TEST_CASE("a segment that is wanted twice is fetched once, as much of it as is wanted") {
  Bench bench(kThree, from({{"/0.ts", "0123456789"}}));
  bench.bring({{0, 4}, {0}});
  CHECK(bench.content(0) == "0123456789");
  CHECK(bench.asked().size() == 1);
}

TEST_CASE("what is missing is told where that is no error") {
  Bench bench(kThree, from({{"/0.ts", "0123456789"}}));
  CHECK(bench.segments().bring_what_is_there({{0}, {1}}) == std::vector<std::size_t>{1});
  CHECK(bench.content(0) == "0123456789");
}
