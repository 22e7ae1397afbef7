// Keys and initialization sections, from servers.
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "io/folder.hpp"
#include "momentcut/hls/parse.hpp"
#include "momentcut/pipeline/keys_and_maps.hpp"
#include "pipeline/encrypted.hpp"
#include "pipeline/served.hpp"
#include "print.hpp"

using namespace momentcut;
using namespace momentcut::pipeline;
using core::ErrorKind;
using core::thrown_by;
using io::answer;
using Texts = std::vector<std::string>;

namespace {

const std::string kKey = "0123456789abcdef";
const std::string kIv = std::string(15, '\0') + "\x2a";

hls::MediaPlaylist parsed(const std::string& lines) {
  return std::get<hls::MediaPlaylist>(hls::parse("#EXTM3U\n" + lines, {"p.m3u8", {}, {}}));
}

// A playlist "/p.m3u8" on a server.
struct Served {
  template <typename Answers>
  Served(const std::string& lines, Answers answers) : network(std::move(answers)) {
    network.request.network.retries = 0;
    rendition.location = network.at("/p.m3u8");
    rendition.media = parsed(lines);
  }
  explicit Served(const std::string& lines, const std::map<std::string, std::string>& shelf = {})
      : Served(lines, Network::Answering([shelf](const io::Asked& asked) -> Answer {
                 const auto line = asked.line();
                 const auto found = shelf.find(line.substr(4, line.find(' ', 4) - 4));
                 return found == shelf.end() ? Answer(answer(404)) : part_of(found->second, asked);
               })) {}
  KeysAndMaps& things() {
    if (!things_) things_.emplace(rendition, network.remote(), network.world().context);
    return *things_;
  }
  void bring(const std::vector<std::size_t>& segments) {
    std::vector<Ask> asks;
    const std::function<void()> arrived = [this] { ++arrivals; };
    for (const auto segment : segments) things().add_missing(segment, asks, arrived);
    if (!asks.empty()) network.remote().ask(std::move(asks));
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
  Rendition rendition;
  std::optional<KeysAndMaps> things_;
  int arrivals = 0;
};

const std::string kEncrypted =
    "#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:6,\n0.ts\n#EXTINF:6,\n"
    "1.ts\n";
const std::string kMapped = "#EXT-X-MAP:URI=\"i.mp4\"\n#EXTINF:6,\n0.mp4\n#EXTINF:6,\n1.mp4\n";
const std::string kMapKey = "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x2A\n";

}  // namespace

TEST_CASE("served keys and maps are asked for once each") {
  Served bench(kMapKey + "#EXT-X-MAP:URI=\"i.mp4?x\"\n" + kEncrypted,
               {{"/k", kKey}, {"/i.mp4?x", encrypted("the map", kKey, kIv)}});
  bench.bring({0, 1});
  CHECK(bench.asked() == Texts{"/i.mp4?x (none)", "/k (none)"});
  CHECK(bench.arrivals == 2);
  CHECK(bench.things().ready(0));
  CHECK(bench.things().ready(1));
  CHECK(bench.things().initialization(1) == "the map");
  CHECK(bench.things().decryptor(1));
  bench.bring({1, 0});
  CHECK(bench.asked().size() == 2);
}

TEST_CASE("a served map that is a byte range is asked for as that") {
  Served bench(
      "#EXT-X-MAP:URI=\"a.mp4\",BYTERANGE=\"3@2\"\n#EXTINF:6,\n0.mp4\n"
      "#EXT-X-MAP:URI=\"a.mp4\",BYTERANGE=\"4@2\"\n#EXTINF:6,\n1.mp4\n",
      {{"/a.mp4", "0123456789"}});
  bench.bring({0, 1});
  CHECK(bench.asked() == Texts{"/a.mp4 bytes=2-4", "/a.mp4 bytes=2-5"});
  CHECK(bench.things().initialization(0) == "234");
  CHECK(bench.things().initialization(1) == "2345");
}

TEST_CASE("served keys and maps that are missing, empty, short or too large are refused") {
  const auto refused = [](const std::string& lines, const Answer& given) {
    Served bench(lines, std::vector<Answer>{given});
    const auto error = thrown_by([&] { bench.bring({0}); });
    CHECK_FALSE(bench.things().ready(0));
    const std::string start = bench.rendition.location.text;
    CHECK(error.line().starts_with(start));
    return std::pair(error.kind(), error.line().substr(start.size()));
  };
  CHECK(refused(kEncrypted, answer(404)) ==
        std::pair(ErrorKind::not_found, std::string(":5: the key \"k\": HTTP status 404")));
  CHECK(refused(kMapped, answer(404)).second ==
        ":4: the initialization section \"i.mp4\": HTTP status 404");
  CHECK(refused(kEncrypted, answer(403)).first == ErrorKind::no_permission);
  CHECK(refused(kEncrypted, answer(200)) ==
        std::pair(ErrorKind::bad_data, std::string(":5: the key \"k\" is empty")));
  CHECK(
      refused(kEncrypted, answer(200, std::string((64U << 10U) + 1, 'k'))) ==
      std::pair(ErrorKind::bad_data, std::string(":5: the key \"k\" is larger than 65536 bytes")));
  CHECK(refused("#EXT-X-MAP:URI=\"a.mp4\",BYTERANGE=\"9@2\"\n#EXTINF:6,\n0.mp4\n",
                answer(206, "23456789", content_range(2, 9, "10")))
            .second == ":4: the initialization section \"a.mp4\" ends before its byte range does");
}

TEST_CASE("what could not be had is asked for again by the next one who needs it") {
  Served bench(kEncrypted, std::vector<Answer>{answer(200), answer(200, kKey)});
  CHECK(thrown_by([&] { bench.bring({0}); }).kind() == ErrorKind::bad_data);
  CHECK_FALSE(bench.things().ready(0));
  bench.bring({1});
  CHECK(bench.asked().size() == 2);
  CHECK(bench.things().ready(0));
}

TEST_CASE("a local playlist may have its key on a server, and a remote one none in a file") {
  Served bench("", {{"/k", kKey}});
  const io::Folder folder;
  bench.rendition.location = {s3::Scheme::file, folder.write("p.m3u8", "").native()};
  bench.rendition.media = parsed("#EXT-X-KEY:METHOD=AES-128,URI=\"" + bench.network.at("/k").text +
                                 "\"\n#EXTINF:6,\n0.ts\n");
  bench.bring({0});
  CHECK(bench.things().decryptor(0));
  Served remote("#EXT-X-KEY:METHOD=AES-128,URI=\"file:///etc/passwd\"\n#EXTINF:6,\n0.ts\n");
  CHECK(thrown_by([&] { remote.bring({0}); }).kind() == ErrorKind::bad_data);
  CHECK(remote.asked().empty());
}

TEST_CASE("secrets in the URI of a key stay out of messages") {
  Served bench("#EXT-X-KEY:METHOD=AES-128,URI=\"k?token=hunter2\"\n#EXTINF:6,\n0.ts\n");
  const auto error = thrown_by([&] { bench.bring({0}); });
  CHECK(error.line().find("the key \"k") != std::string::npos);
  CHECK(error.line().find("hunter2") == std::string::npos);
}
