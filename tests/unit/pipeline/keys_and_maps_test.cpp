// Keys and initialization sections, from files.
#include "momentcut/pipeline/keys_and_maps.hpp"

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "io/folder.hpp"
#include "momentcut/hls/parse.hpp"
#include "pipeline/encrypted.hpp"
#include "pipeline/world.hpp"
#include "print.hpp"

using namespace momentcut;
using namespace momentcut::pipeline;
using core::ErrorKind;
using core::thrown_by;
using Texts = std::vector<std::string>;

namespace {

const std::string kKey = "0123456789abcdef";
const std::string kOther = "fedcba9876543210";
const std::string kIv = std::string(15, '\0') + "\x2a";

hls::MediaPlaylist parsed(const std::string& lines) {
  return std::get<hls::MediaPlaylist>(hls::parse("#EXTM3U\n" + lines, {"p.m3u8", {}, {}}));
}

// A playlist in a folder of its own.
struct Local {
  explicit Local(const std::string& lines) {
    rendition.location = {s3::Scheme::file, folder.write("p.m3u8", "").native()};
    rendition.media = parsed(lines);
  }
  void add(std::size_t segment) {
    std::vector<Ask> asks;
    things.add_missing(segment, asks, {});
    CHECK(asks.empty());
  }
  core::Error refusal(std::size_t segment = 0) {
    return thrown_by([&] { add(segment); });
  }
  std::string decrypted(std::size_t segment, const std::string& bytes) {
    auto decryptor = things.decryptor(segment).value();
    auto plain = decryptor.pass(bytes);
    return plain + decryptor.finish();
  }
  // How a message about a segment at that line of the playlist begins.
  [[nodiscard]] std::string at_line(int line) const {
    return rendition.location.text + ":" + std::to_string(line) + ": ";
  }

  io::Folder folder;
  World world;
  Rendition rendition;
  KeysAndMaps things{rendition, world.remote, world.context};
};

const std::string kEncrypted =
    "#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:6,\n0.ts\n#EXTINF:6,\n"
    "1.ts\n";
const std::string kMapped = "#EXT-X-MAP:URI=\"i.mp4\"\n#EXTINF:6,\n0.mp4\n#EXTINF:6,\n1.mp4\n";
const std::string kMapKey = "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x2A\n";

}  // namespace

TEST_CASE("a plain segment needs nothing") {
  Local bench("#EXTINF:6,\n0.ts\n");
  CHECK(bench.things.ready(0));
  bench.add(0);
  CHECK(bench.things.initialization(0).empty());
  CHECK_FALSE(bench.things.decryptor(0));
}

TEST_CASE("a local key decrypts each segment by its media sequence number") {
  Local bench(kEncrypted);
  bench.folder.write("k", kKey);
  CHECK_FALSE(bench.things.ready(0));
  bench.add(0);
  CHECK(bench.things.ready(0));
  CHECK(bench.things.ready(1));
  CHECK(bench.decrypted(0, encrypted("zero", kKey, sequence_iv(7))) == "zero");
  CHECK(bench.decrypted(1, encrypted("one", kKey, sequence_iv(8))) == "one");
  CHECK(bench.things.initialization(0).empty());
}

TEST_CASE("an IV attribute holds for all segments behind it") {
  Local bench("#EXT-X-MEDIA-SEQUENCE:7\n" + kMapKey + "#EXTINF:6,\n0.ts\n#EXTINF:6,\n1.ts\n");
  bench.folder.write("k", kKey);
  bench.add(0);
  CHECK(bench.decrypted(0, encrypted("zero", kKey, kIv)) == "zero");
  CHECK(bench.decrypted(1, encrypted("one", kKey, kIv)) == "one");
}

TEST_CASE("each segment has the key in force where it stands") {
  Local bench(kEncrypted +
              "#EXT-X-KEY:METHOD=AES-128,URI=\"k2\"\n#EXTINF:6,\n2.ts\n#EXT-X-KEY:METHOD=NONE\n"
              "#EXTINF:6,\n3.ts\n");
  bench.folder.write("k", kKey);
  bench.folder.write("k2", kOther);
  bench.add(1);
  CHECK_FALSE(bench.things.ready(2));
  bench.add(2);
  CHECK(bench.decrypted(2, encrypted("two", kOther, sequence_iv(9))) == "two");
  CHECK(bench.things.ready(3));
  CHECK_FALSE(bench.things.decryptor(3));
}

TEST_CASE("a local key and map are read once") {
  Local bench("#EXT-X-MAP:URI=\"i.mp4\"\n" + kEncrypted);
  bench.folder.write("k", kKey);
  bench.folder.write("i.mp4", "map");
  bench.add(0);
  std::filesystem::remove(bench.folder / "k");
  std::filesystem::remove(bench.folder / "i.mp4");
  bench.add(0);
  bench.add(1);
  CHECK(bench.things.initialization(1) == "map");
  CHECK(bench.things.decryptor(1));
}

TEST_CASE("what is missing in a folder is told with the line of its segment") {
  Local keyed(kEncrypted);
  CHECK(keyed.refusal().kind() == ErrorKind::not_found);
  CHECK(keyed.refusal().line() ==
        keyed.at_line(5) + "the key \"k\" is missing; fetch the whole recording again");
  CHECK(keyed.refusal(1).line().starts_with(keyed.at_line(7)));
  std::filesystem::create_directory(keyed.folder / "k");
  CHECK(keyed.refusal().kind() == ErrorKind::not_found);
  Local mapped(kMapped);
  CHECK(mapped.refusal().kind() == ErrorKind::not_found);
  CHECK(mapped.refusal().line() == mapped.at_line(4) +
                                       "the initialization section \"i.mp4\" is missing; fetch the "
                                       "whole recording again");
  CHECK_FALSE(mapped.things.ready(0));
}

TEST_CASE("a key that is none is told when it is to decrypt") {
  Local bench(kEncrypted);
  bench.folder.write("k", "short");
  bench.add(0);
  const auto error = thrown_by([&] { bench.things.decryptor(0); });
  CHECK(error.kind() == ErrorKind::bad_data);
  CHECK(error.line() == bench.at_line(5) +
                            "the key \"k\": the key has 5 bytes instead of 16; is the key's URI "
                            "right, and are you allowed to read it?");
}

TEST_CASE("keys and maps that are empty or larger than allowed are refused") {
  Local keyed(kEncrypted);
  keyed.folder.write("k", "");
  CHECK(keyed.refusal().kind() == ErrorKind::bad_data);
  CHECK(keyed.refusal().line() == keyed.at_line(5) + "the key \"k\" is empty");
  keyed.folder.write("k", std::string((64U << 10U) + 1, 'k'));
  CHECK(keyed.refusal().kind() == ErrorKind::bad_data);
  CHECK(keyed.refusal().line() == keyed.at_line(5) + "the key \"k\" is larger than 65536 bytes");
  Local mapped(kMapped);
  mapped.folder.write("i.mp4", "");
  CHECK(mapped.refusal().line() ==
        mapped.at_line(4) + "the initialization section \"i.mp4\" is empty");
  mapped.folder.write("i.mp4", std::string((16U << 20U) + 1, 'i'));
  CHECK(mapped.refusal().line() ==
        mapped.at_line(4) + "the initialization section \"i.mp4\" is larger than 16777216 bytes");
  mapped.folder.write("i.mp4", std::string(16U << 20U, 'i'));
  mapped.add(0);
  CHECK(mapped.things.initialization(0).size() == 16U << 20U);
}

TEST_CASE("a map may be a byte range, and each range is another one") {
  Local bench(
      "#EXT-X-MAP:URI=\"a.mp4\",BYTERANGE=\"3@2\"\n#EXTINF:6,\n0.mp4\n"
      "#EXT-X-MAP:URI=\"a.mp4\",BYTERANGE=\"3@5\"\n#EXTINF:6,\n1.mp4\n"
      "#EXT-X-MAP:URI=\"a.mp4\",BYTERANGE=\"4@2\"\n#EXTINF:6,\n2.mp4\n"
      "#EXT-X-MAP:URI=\"a.mp4\",BYTERANGE=\"1@0\"\n#EXTINF:6,\n3.mp4\n"
      "#EXT-X-MAP:URI=\"a.mp4\"\n#EXTINF:6,\n4.mp4\n");
  bench.folder.write("a.mp4", "0123456789");
  const Texts expected{"234", "567", "2345", "0", "0123456789"};
  for (std::size_t i = 0; i < expected.size(); ++i) bench.add(i);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(bench.things.initialization(i) == expected[i]);
  }
}

TEST_CASE("a map that ends before its byte range does is refused") {
  Local bench("#EXT-X-MAP:URI=\"a.mp4\",BYTERANGE=\"9@2\"\n#EXTINF:6,\n0.mp4\n");
  bench.folder.write("a.mp4", "0123456789");
  CHECK(bench.refusal().kind() == ErrorKind::bad_data);
  CHECK(bench.refusal().line() ==
        bench.at_line(4) + "the initialization section \"a.mp4\" ends before its byte range does");
  bench.folder.write("a.mp4", "0");
  CHECK(bench.refusal().line() ==
        bench.at_line(4) + "the initialization section \"a.mp4\" is empty");
}

TEST_CASE("an encrypted map is decrypted with the key and IV in force where it stands") {
  Local bench(kMapKey + "#EXT-X-MAP:URI=\"i.mp4\"\n#EXT-X-KEY:METHOD=AES-128,URI=\"k2\"\n" +
              "#EXTINF:6,\n0.mp4\n#EXT-X-KEY:METHOD=NONE\n#EXTINF:6,\n1.mp4\n");
  bench.folder.write("k", kKey);
  bench.folder.write("k2", kOther);
  bench.folder.write("i.mp4", encrypted("the map", kKey, kIv));
  bench.add(1);
  CHECK(bench.things.ready(1));
  CHECK_FALSE(bench.things.ready(0));
  CHECK(bench.things.initialization(1) == "the map");
  CHECK_FALSE(bench.things.decryptor(1));
  bench.add(0);
  CHECK(bench.things.initialization(0) == "the map");
  CHECK(bench.decrypted(0, encrypted("zero", kOther, sequence_iv(0))) == "zero");
}

TEST_CASE("a map in the clear may come before encrypted segments") {
  Local bench("#EXT-X-MAP:URI=\"i.mp4\"\n" + kEncrypted);
  bench.folder.write("k", kKey);
  bench.folder.write("i.mp4", "the map");
  bench.add(0);
  CHECK(bench.things.initialization(0) == "the map");
}

TEST_CASE("an encrypted map whose key has no IV is refused") {
  Local bench("#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n" + kMapped);
  bench.folder.write("k", kKey);
  bench.folder.write("i.mp4", encrypted("the map", kKey, kIv));
  CHECK(bench.refusal().kind() == ErrorKind::bad_data);
  CHECK(bench.refusal().line() ==
        bench.at_line(5) +
            "the initialization section \"i.mp4\" is encrypted, and its #EXT-X-KEY has no IV");
}

TEST_CASE("a map that another key encrypts is told by its name") {
  Local bench(kMapKey + kMapped);
  bench.folder.write("k", kOther);
  bench.folder.write("i.mp4", encrypted("the map", kKey, kIv));
  bench.add(0);
  const auto error = thrown_by([&] { bench.things.initialization(0); });
  CHECK(error.kind() == ErrorKind::bad_data);
  CHECK(error.line().starts_with(bench.at_line(5) +
                                 "the initialization section \"i.mp4\": it cannot be decrypted: "
                                 "its padding is wrong; "));
}

TEST_CASE("what cannot be decrypted is refused before its key is looked for") {
  const auto refused = [](const std::string& attributes, const std::string& why) {
    Local bench("#EXT-X-KEY:" + attributes + "\n#EXTINF:6,\n0.ts\n");
    CHECK(bench.refusal().kind() == ErrorKind::bad_data);
    CHECK(bench.refusal().line() ==
          bench.at_line(4) + "segment \"0.ts\" is encrypted " + why +
              "; momentcut decrypts AES-128 alone, with plain keys from files "
              "and servers");
  };
  refused("METHOD=SAMPLE-AES,URI=\"k\"", "by SAMPLE-AES");
  refused("METHOD=SAMPLE-AES-CTR,URI=\"k\"", "by SAMPLE-AES-CTR");
  refused("METHOD=AES-128,URI=\"skd://k\",KEYFORMAT=\"com.apple.streamingkeydelivery\"",
          "with a key of the format \"com.apple.streamingkeydelivery\"");
  Local mapped("#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\",IV=0x1\n" + kMapped);
  CHECK(mapped.refusal().kind() == ErrorKind::bad_data);
}

TEST_CASE("among keys of several formats the plain one counts") {
  Local bench(
      "#EXT-X-KEY:METHOD=AES-128,URI=\"skd://k\",KEYFORMAT=\"com.apple.streamingkeydelivery\"\n" +
      kMapKey + "#EXTINF:6,\n0.ts\n");
  bench.folder.write("k", kKey);
  bench.add(0);
  CHECK(bench.decrypted(0, encrypted("zero", kKey, kIv)) == "zero");
}
