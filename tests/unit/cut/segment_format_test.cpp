// How segments tell what they are, and what is wrong with each kind.
#include "momentcut/cut/segment_format.hpp"

#include <optional>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "cut/id3.hpp"
#include "print.hpp"

using namespace momentcut::cut;

namespace {

// A packet with a payload; they count from 0.
std::string packet(unsigned counter) {
  return std::string("G\1\0", 3) + static_cast<char>(0x10U | (counter & 0x0fU)) +
         std::string(184, 'p');
}

std::string box(const std::string& type, const std::string& content = "") {
  return big_endian_bytes(8 + content.size(), 4) + type + content;
}

const std::string kAdts("\xff\xf1\x50\x80\x43\xff\xfc", 7);

std::string damage_of(const std::string& bytes, bool whole = true) {
  SegmentWatch watch;
  watch.pass(bytes);
  return watch.damage(whole);
}

}  // namespace

TEST_CASE("a segment's beginning tells its format") {
  CHECK(format_of(packet(0) + packet(1)) == kTransportStream);
  CHECK(format_of(box("styp") + box("moof")) == kFragmentedMovie);
  CHECK(format_of(kAdts) == SegmentFormat{"aac", true, true});
  CHECK(format_of(timestamp_tag(0) + kAdts) == SegmentFormat{"aac", true, true});
  CHECK(format_of(std::string("\xff\xfb\x90\x64\x00\x0f", 6)).demuxer == "mp3");
}

TEST_CASE("a few bytes of a transport stream are one") {
  CHECK(format_of("G") == kTransportStream);
  CHECK(format_of(packet(0).substr(0, 100)) == kTransportStream);
  CHECK(format_of(packet(0)) == kTransportStream);
  CHECK(format_of(packet(0) + "G") == kTransportStream);
}

TEST_CASE("the letter G alone does not make a transport stream") {
  CHECK_FALSE(format_of("G" + std::string(500, 'x')).known());
  CHECK_FALSE(format_of(packet(0) + "x").known());
}

TEST_CASE("what is no media has no demuxer") {
  for (const std::string& bytes :
       {std::string(), std::string("<!DOCTYPE html><html>"), std::string("#EXTM3U\n#EXTINF:6,\n"),
        std::string("{\"error\": 404}"), std::string("WEBVTT\n\n00:00.000 --> 00:01.000"),
        std::string(1000, '\0'), "x" + packet(0) + packet(1)}) {
    CAPTURE(bytes);
    CHECK_FALSE(format_of(bytes).known());
    SegmentWatch watch;
    watch.pass(bytes);
    CHECK_FALSE(watch.format().known());
    CHECK_FALSE(watch.timestamp());
  }
}

TEST_CASE("only what counts as transport streams do wraps") {
  CHECK(kTransportStream.wraps);
  CHECK_FALSE(kFragmentedMovie.wraps);
  CHECK_FALSE(kTransportStream.is_packed_audio);
  CHECK_FALSE(kFragmentedMovie.is_packed_audio);
  CHECK(kTransportStream.demuxer == "mpegts");
  CHECK(kFragmentedMovie.demuxer == "mov");
}

TEST_CASE("a watch knows nothing before the first bytes") {
  const SegmentWatch watch;
  CHECK_FALSE(watch.format().known());
  CHECK_FALSE(watch.timestamp());
  CHECK(watch.damage(true).empty());
}

TEST_CASE("a watch tells damage as its format has it") {
  CHECK(damage_of(packet(0) + packet(1)).empty());
  CHECK(damage_of(packet(0) + packet(5)) == "packets are missing in it");
  CHECK(damage_of(packet(0) + packet(1).substr(0, 100), false).empty());
  CHECK(damage_of(packet(0) + packet(1) + "G") == "it ends within a packet");
  CHECK(damage_of(box("moof") + box("mdat", "m")).empty());
  CHECK(damage_of(box("styp")) == "it holds no fragment (moof)");
  CHECK(damage_of(box("moof") + box("mdat", "m").substr(0, 8)) == "it ends within a box");
  CHECK(damage_of(box("moof") + box("mdat", "m").substr(0, 8), false).empty());
  // Packed audio has nothing around it that could be broken.
  CHECK(damage_of(timestamp_tag(0) + kAdts).empty());
}

TEST_CASE("what comes after the beginning is watched too, and does not change the format") {
  SegmentWatch watch;
  watch.pass(box("moof"));
  watch.pass(box("mdat", "0123456789").substr(0, 10));
  CHECK(watch.damage(true) == "it ends within a box");
  watch.pass("23456789");
  CHECK(watch.damage(true).empty());
  CHECK(watch.format() == kFragmentedMovie);

  SegmentWatch packets;
  packets.pass(packet(0) + packet(1));
  packets.pass(std::string(188, 'x'));
  CHECK(packets.damage(true) == "bytes in it are no MPEG-TS packets");
  CHECK(packets.format() == kTransportStream);
}

TEST_CASE("packed audio tells its timestamp, other formats have it elsewhere") {
  SegmentWatch watch;
  CHECK(watch.pass(timestamp_tag(900'000) + kAdts) == kAdts);
  CHECK(watch.timestamp() == 900'000);
  watch.pass(timestamp_tag(1) + kAdts);
  CHECK(watch.timestamp() == 900'000);
  SegmentWatch without;
  without.pass(kAdts);
  CHECK(without.format().is_packed_audio);
  CHECK_FALSE(without.timestamp());
  SegmentWatch movie;
  movie.pass(box("moof"));
  CHECK_FALSE(movie.timestamp());
}

TEST_CASE("a tag that comes in pieces, a picture in front of the timestamp, is waited for") {
  const auto picture = id3_frame("APIC", std::string(300'000, 'p'));
  const auto tag = id3_tag(picture + id3_frame("PRIV", timestamp_of(900'000)));
  for (const std::size_t size : {std::size_t{1024}, std::size_t{256U << 10U}, tag.size(),
                                 tag.size() + 1, tag.size() + kAdts.size()}) {
    CAPTURE(size);
    SegmentWatch watch;
    std::string media;
    const auto bytes = tag + kAdts;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      const bool is_enough = at >= tag.size() + 6;
      CHECK(watch.within_tag() == (at > 0 && !is_enough));
      media += watch.pass(std::string_view(bytes).substr(at, size));
    }
    CHECK(media == kAdts);
    CHECK_FALSE(watch.within_tag());
    CHECK(watch.format() == SegmentFormat{"aac", true, true});
    CHECK(watch.timestamp() == 900'000);
  }
}

TEST_CASE("a tag that does not end leaves the format open, and one larger than any is none") {
  SegmentWatch watch;
  watch.pass(id3_tag(std::string(2000, 'x')).substr(0, 1500));
  CHECK(watch.within_tag());
  CHECK_FALSE(watch.format().known());
  SegmentWatch endless;
  endless.pass(std::string("ID3\4\0\0\x7f\x7f\x7f\x7f", 10) + std::string(1500, 'x'));
  CHECK_FALSE(endless.within_tag());
  CHECK_FALSE(endless.format().known());
}
