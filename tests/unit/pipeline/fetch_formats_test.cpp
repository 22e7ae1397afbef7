// Joins of fragmented MP4, of packed audio and of encrypted segments.
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "cut/id3.hpp"
#include "io/folder.hpp"
#include "momentcut/hls/parse.hpp"
#include "momentcut/pipeline/fetch.hpp"
#include "pipeline/encrypted.hpp"
#include "pipeline/world.hpp"
#include "print.hpp"

using namespace momentcut;
using namespace momentcut::pipeline;
using core::ErrorKind;
using core::thrown_by;
using io::content_of;
using Offsets = std::vector<std::int64_t>;

namespace {

const std::string kKey = "0123456789abcdef";

// Packets of a transport stream without a payload, filled with `filling`.
std::string packets(std::size_t count, char filling) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += std::string("G\0\0\x20", 4) + std::string(184, filling);
  return text;
}

std::string box(const std::string& type, const std::string& content = "") {
  return cut::big_endian_bytes(8 + content.size(), 4) + type + content;
}

// A segment of fragmented MP4.
std::string fragment(const std::string& content) {
  return box("moof", content) + box("mdat", content);
}

// ADTS behind its timestamp.
std::string packed(std::int64_t timestamp, const std::string& content) {
  return cut::timestamp_tag(timestamp) + "\xff\xf1" + content;
}

struct Bench {
  explicit Bench(const std::string& lines)
      : temp("/tmp"), fetcher(rendition, "v", world.remote, temp, world.context) {
    rendition.location = {s3::Scheme::file, recording.write("p.m3u8", "").native()};
    rendition.media =
        std::get<hls::MediaPlaylist>(hls::parse("#EXTM3U\n" + lines, {"p.m3u8", {}, {}}));
  }
  core::Error refusal(const std::vector<std::size_t>& segments) {
    return thrown_by([&] { fetcher.join(segments); });
  }
  std::string at_line(int line) const {
    return rendition.location.text + ":" + std::to_string(line) + ": segment ";
  }

  io::Folder recording;
  World world;
  io::TempDir temp;
  Rendition rendition;
  Fetcher fetcher;
};

std::vector<std::size_t> runs_of(const std::string& lines) {
  const Bench bench(lines);
  std::vector<std::size_t> runs;
  for (const auto& span : spans_of(bench.rendition.media)) runs.push_back(span.run);
  return runs;
}

const std::string kMapped =
    "#EXT-X-MAP:URI=\"i.mp4\"\n#EXTINF:6,\n0.mp4\n#EXTINF:6,\n1.mp4\n#EXTINF:6,\n2.mp4\n";
const std::string kEncrypted =
    "#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n"
    "#EXTINF:6,\n0.ts\n#EXTINF:6,\n1.ts\n";
using Runs = std::vector<std::size_t>;

}  // namespace

TEST_CASE("another initialization section begins a run, the same one again does not") {
  CHECK(runs_of(kMapped + kMapped) == Runs{0, 0, 0, 0, 0, 0});
  CHECK(runs_of(kMapped + "#EXT-X-MAP:URI=\"j.mp4\"\n#EXTINF:6,\n3.mp4\n" + kMapped) ==
        Runs{0, 0, 0, 1, 2, 2, 2});
  CHECK(runs_of("#EXTINF:6,\n0.ts\n" + kMapped) == Runs{0, 1, 1, 1});
  // Where a discontinuity is announced as well, it is one and the same border.
  CHECK(runs_of(kMapped + "#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"j.mp4\"\n#EXTINF:6,\n3.mp4\n") ==
        Runs{0, 0, 0, 1});
}

TEST_CASE("another part of the same file is another initialization section") {
  const auto mapped = [](const std::string& range) {
    return "#EXT-X-MAP:URI=\"a.mp4\"" + range + "\n#EXTINF:6,\n0.mp4\n";
  };
  const std::string at_0 = ",BYTERANGE=\"10@0\"";
  CHECK(runs_of(mapped(at_0) + mapped(at_0)) == Runs{0, 0});
  CHECK(runs_of(mapped(at_0) + mapped(",BYTERANGE=\"10@10\"")) == Runs{0, 1});
  CHECK(runs_of(mapped(at_0) + mapped(",BYTERANGE=\"11@0\"")) == Runs{0, 1});
  CHECK(runs_of(mapped(at_0) + mapped("")) == Runs{0, 1});
}

TEST_CASE("another key alone begins no run") {
  CHECK(runs_of(kEncrypted + "#EXT-X-KEY:METHOD=AES-128,URI=\"k2\"\n#EXTINF:6,\n2.ts\n" +
                "#EXT-X-KEY:METHOD=NONE\n#EXTINF:6,\n3.ts\n") == Runs{0, 0, 0, 0});
  CHECK(runs_of(kMapped + "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1\n" + kMapped) ==
        Runs{0, 0, 0, 0, 0, 0});
}

TEST_CASE("fragments are joined behind their initialization section") {
  Bench bench(kMapped);
  bench.recording.write("i.mp4", "map!");
  bench.recording.write("0.mp4", fragment("zero"));
  bench.recording.write("1.mp4", fragment("one"));
  bench.recording.write("2.mp4", fragment("two"));
  const auto join = bench.fetcher.join({0, 1});
  CHECK(content_of(join.file) == "map!" + fragment("zero") + fragment("one"));
  CHECK(join.offsets == Offsets{4, 28});
  CHECK(join.format == cut::kFragmentedMovie);
  CHECK(join.damages == std::vector<std::string>{"", ""});
  CHECK_FALSE(join.timestamp);
  CHECK(join.input() == cut::Input{join.list, "mov"});
  // Each join has it, wherever it begins.
  CHECK(content_of(bench.fetcher.join({2}).file) == "map!" + fragment("two"));
  const auto head = bench.fetcher.head({1, 10});
  CHECK(content_of(head.file) == "map!" + fragment("one").substr(0, 10));
  CHECK(head.format == cut::kFragmentedMovie);
  CHECK_FALSE(head.complete);
  CHECK(head.damage.empty());
  // It is no segment, and counts as none.
  CHECK(bench.fetcher.fetched_segments() == 3);
}

TEST_CASE("a missing initialization section is an error") {
  Bench bench(kMapped);
  bench.recording.write("0.mp4", fragment("zero"));
  CHECK(bench.refusal({0}).kind() == ErrorKind::not_found);
  CHECK(thrown_by([&] { bench.fetcher.head({0, 10}); }).kind() == ErrorKind::not_found);
}

TEST_CASE("damage of a fragmented segment is told with its line") {
  Bench bench(kMapped);
  bench.recording.write("i.mp4", "map!");
  bench.recording.write("0.mp4", fragment("zero"));
  bench.recording.write("1.mp4", fragment("one").substr(0, 15));
  bench.recording.write("2.mp4", box("styp"));
  CHECK(bench.fetcher.join({0, 1, 2}).damages ==
        std::vector<std::string>{
            "", bench.at_line(6) + "\"1.mp4\" is damaged: it ends within a box",
            bench.at_line(8) + "\"2.mp4\" is damaged: it holds no fragment (moof)"});
  CHECK(bench.fetcher.head({1}).damage ==
        bench.at_line(6) + "\"1.mp4\" is damaged: it ends within a box");
}

TEST_CASE("packed audio tells when its first segment is heard, and is joined without its tags") {
  Bench bench("#EXTINF:6,\n0.aac\n#EXTINF:6,\n1.aac\n");
  bench.recording.write("0.aac", packed(900'000, "zero"));
  bench.recording.write("1.aac", packed(1'440'000, "one!"));
  const auto join = bench.fetcher.join({0, 1});
  CHECK(content_of(join.file) == "\xff\xf1zero\xff\xf1one!");
  CHECK(join.offsets == std::vector<std::int64_t>{0, 6});
  CHECK(join.format == cut::SegmentFormat{"aac", true, true});
  CHECK(join.timestamp == 900'000);
  CHECK(bench.fetcher.join({1}).timestamp == 1'440'000);
  CHECK(bench.fetcher.head({1, 1'000}).timestamp == 1'440'000);
}

TEST_CASE("a tag that a part of packed audio ends within leaves its format open") {
  Bench bench("#EXTINF:6,\n0.aac\n#EXTINF:6,\n1.aac\n");
  const auto tag = cut::id3_tag(cut::id3_frame("APIC", std::string(5000, 'p')) +
                                cut::id3_frame("PRIV", cut::timestamp_of(900'000)));
  bench.recording.write("0.aac", tag + "\xff\xf1zero");
  bench.recording.write("1.aac", tag);
  CHECK_FALSE(bench.fetcher.head({0, 4'000}).format.known());
  CHECK_FALSE(bench.fetcher.head({0, 4'000}).complete);
  CHECK(bench.fetcher.head({0, 6'000}).timestamp == 900'000);
  const auto join = bench.fetcher.join({0, 1}, 4'000);
  CHECK(content_of(join.file) == "\xff\xf1zero");
  CHECK(join.cut_short);
  CHECK(
      bench.refusal({1}).line() ==
      bench.at_line(5) +
          "\"1.aac\" is neither MPEG-TS, nor fragmented MP4, nor packed audio; is it a segment of "
          "a recording?");
}

TEST_CASE("a segment in another format than those before it is refused, but begins a join") {
  Bench bench("#EXTINF:6,\n0.ts\n#EXTINF:6,\n1.aac\n#EXTINF:6,\n2.mp4\n");
  bench.recording.write("0.ts", packets(2, 'a'));
  bench.recording.write("1.aac", packed(0, "audio"));
  bench.recording.write("2.mp4", fragment("two"));
  const auto error = bench.refusal({0, 1});
  CHECK(error.kind() == ErrorKind::bad_data);
  CHECK(error.line() ==
        bench.at_line(5) + "\"1.aac\" is in another format (ffmpeg's aac) than " +
            bench.at_line(3) +
            "\"0.ts\" before it (mpegts); there should be a discontinuity before it");
  CHECK(bench.refusal({1, 2}).line().find("(ffmpeg's mov) than") != std::string::npos);
  CHECK_NOTHROW(bench.fetcher.join({1}));
  CHECK_NOTHROW(bench.fetcher.join({2}));
}

TEST_CASE("encrypted segments are joined in the clear") {
  Bench bench(kEncrypted);
  bench.recording.write("k", kKey);
  bench.recording.write("0.ts", encrypted(packets(2, 'a'), kKey, sequence_iv(7)));
  bench.recording.write("1.ts", encrypted(packets(1, 'b'), kKey, sequence_iv(8)));
  const auto join = bench.fetcher.join({0, 1});
  CHECK(content_of(join.file) == packets(2, 'a') + packets(1, 'b'));
  CHECK(join.format == cut::kTransportStream);
  CHECK(join.offsets == Offsets{0, 376});
  CHECK(join.damages == std::vector<std::string>{"", ""});
  CHECK(content_of(bench.fetcher.join({1}).file) == packets(1, 'b'));
  // What was read counts: whole blocks.
  CHECK(bench.fetcher.fetched_bytes() == 384 + 192);
}

TEST_CASE("a large segment is decrypted across the pieces in which it is read") {
  Bench bench(kEncrypted);
  const auto plain = packets(5'000, 'a');
  bench.recording.write("k", kKey);
  bench.recording.write("0.ts", encrypted(plain, kKey, sequence_iv(7)));
  CHECK(content_of(bench.fetcher.join({0}).file) == plain);
}

TEST_CASE("the head of an encrypted segment is what is sure of it") {
  Bench bench(kEncrypted);
  const auto plain = packets(2, 'a');
  bench.recording.write("k", kKey);
  bench.recording.write("0.ts", encrypted(plain, kKey, sequence_iv(7)));
  const auto part = bench.fetcher.head({0, 100});
  CHECK(content_of(part.file) == plain.substr(0, 96));
  CHECK_FALSE(part.complete);
  CHECK(part.damage.empty());
  const auto whole = bench.fetcher.head({0, 1'000'000});
  CHECK(content_of(whole.file) == plain);
  CHECK(whole.complete);
}

TEST_CASE("an encrypted byte range is decrypted by itself") {
  const auto one = encrypted(packets(1, 'a'), kKey, sequence_iv(0));
  const auto other = encrypted(packets(2, 'b'), kKey, sequence_iv(1));
  Bench bench("#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:6,\n#EXT-X-BYTERANGE:" +
              std::to_string(one.size()) + "@0\nall.ts\n#EXTINF:6,\n#EXT-X-BYTERANGE:" +
              std::to_string(other.size()) + "\nall.ts\n");
  bench.recording.write("k", kKey);
  bench.recording.write("all.ts", one + other);
  CHECK(content_of(bench.fetcher.join({0, 1}).file) == packets(1, 'a') + packets(2, 'b'));
  CHECK(content_of(bench.fetcher.join({1}).file) == packets(2, 'b'));
}

TEST_CASE("encrypted fragments have an initialization section that is encrypted too") {
  const auto iv = sequence_iv(0x2a);
  Bench bench("#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x2A\n" + kMapped);
  bench.recording.write("k", kKey);
  bench.recording.write("i.mp4", encrypted("map!", kKey, iv));
  bench.recording.write("0.mp4", encrypted(fragment("zero"), kKey, iv));
  const auto join = bench.fetcher.join({0});
  CHECK(content_of(join.file) == "map!" + fragment("zero"));
  CHECK(join.offsets == Offsets{4});
  CHECK(join.format == cut::kFragmentedMovie);
}

TEST_CASE("an encrypted segment with another key, or cut short, is told with its line") {
  Bench bench(kEncrypted);
  const auto good = encrypted(packets(2, 'a'), kKey, sequence_iv(7));
  bench.recording.write("k", kKey);
  const auto told = [&](const std::string& content) {
    bench.recording.write("0.ts", content);
    CHECK(bench.refusal({0}).kind() == ErrorKind::bad_data);
    return bench.refusal({0}).line();
  };
  const auto padding = bench.at_line(5) +
                       "\"0.ts\": it cannot be decrypted: its padding is wrong; either the key or "
                       "the IV is another one, or the segment is cut short";
  CHECK(told(good.substr(0, good.size() - 1)) == padding);
  CHECK(told(good.substr(0, good.size() - 16)) == padding);
  CHECK(told(encrypted(packets(2, 'a'), "fedcba9876543210", sequence_iv(7))) == padding);
  CHECK(told(packets(2, 'a')) == padding);
  CHECK(told("") == bench.at_line(5) + "\"0.ts\" is empty; is it a segment of a recording?");
}

TEST_CASE("what cannot be decrypted is refused with the line of its segment") {
  Bench bench("#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\"\n#EXTINF:6,\n0.ts\n");
  bench.recording.write("k", kKey);
  bench.recording.write("0.ts", packets(1, 'a'));
  CHECK(bench.refusal({0}).kind() == ErrorKind::bad_data);
  CHECK(
      bench.refusal({0}).line() ==
      bench.at_line(4) +
          "\"0.ts\" is encrypted by SAMPLE-AES; momentcut decrypts AES-128 alone, with plain keys "
          "from files and servers");
}

TEST_CASE("renditions in one folder do not get in each other's way") {
  Bench bench("#EXTINF:6,\n0.ts\n");
  bench.recording.write("0.ts", packets(1, 'a'));
  Fetcher other(bench.rendition, "a", bench.world.remote, bench.temp, bench.world.context);
  const auto join = bench.fetcher.join({0});
  const auto other_join = other.join({0});
  CHECK(other_join.file != join.file);
  CHECK(other_join.list != join.list);
}
