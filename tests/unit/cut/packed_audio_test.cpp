// ID3 tags and the beginnings of elementary audio.
#include "momentcut/cut/packed_audio.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "cut/id3.hpp"
#include "print.hpp"

using namespace momentcut::cut;

namespace {

const std::string kAdts("\xff\xf1\x50\x80\x43\xff\xfc", 7);
const std::string kMp3("\xff\xfb\x90\x64\x00\x0f", 6);
const std::string kAc3("\x0b\x77\x3c\x1e\x1c\x40\x43", 7);   // bsid 8
const std::string kEac3("\x0b\x77\x01\x7f\x3f\x86\xff", 7);  // bsid 16

}  // namespace

TEST_CASE("an ID3 tag is as large as it says, seven bits a byte") {
  CHECK(id3_size(id3_tag("")) == 10);
  CHECK(id3_size(id3_tag(std::string(63, 'x'))) == 73);
  CHECK(id3_size(id3_tag(std::string(300, 'x'))) == 310);
  CHECK(id3_size(std::string("ID3\4\0\0\x7f\x7f\x7f\x7f", 10)) == 10 + (1U << 28U) - 1);
  // More of it is to come, and more follows it.
  CHECK(id3_size(id3_tag(std::string(300, 'x')).substr(0, 10)) == 310);
  CHECK(id3_size(id3_tag("x") + kAdts) == 11);
}

TEST_CASE("an ID3 tag with a footer has ten bytes more") {
  auto tag = id3_tag("x");
  tag[5] = '\x10';
  CHECK(id3_size(tag) == 21);
}

TEST_CASE("what is no ID3 tag has no size") {
  CHECK(id3_size("") == 0);
  CHECK(id3_size("ID3") == 0);
  CHECK(id3_size(id3_tag("").substr(0, 9)) == 0);
  CHECK(id3_size(kAdts + id3_tag("")) == 0);
  CHECK(id3_size("TAG" + std::string(125, ' ')) == 0);
}

TEST_CASE("the timestamp is in the frame of its owner") {
  CHECK(packed_audio_timestamp(timestamp_tag(0)) == 0);
  CHECK(packed_audio_timestamp(timestamp_tag(900'000)) == 900'000);
  CHECK(packed_audio_timestamp(timestamp_tag((std::int64_t{1} << 33) - 1)) ==
        (std::int64_t{1} << 33) - 1);
  CHECK(packed_audio_timestamp(timestamp_tag(900'000) + kAdts) == 900'000);
}

TEST_CASE("a timestamp is 33 bits, what is above them does not count") {
  CHECK(packed_audio_timestamp(timestamp_tag((std::int64_t{5} << 33) + 900'000)) == 900'000);
  CHECK(packed_audio_timestamp(timestamp_tag(-1)) == (std::int64_t{1} << 33) - 1);
}

TEST_CASE("other frames beside the timestamp's are passed over") {
  const auto timestamp = id3_frame("PRIV", timestamp_of(90'000));
  CHECK(packed_audio_timestamp(id3_tag(id3_frame("TIT2", "song") + timestamp)) == 90'000);
  CHECK(packed_audio_timestamp(id3_tag(id3_frame("PRIV", std::string("other\0x", 7)) + timestamp +
                                       id3_frame("TIT2", "song"))) == 90'000);
  // A frame of 200 bytes has a size of which the versions have a different opinion.
  const auto long_title = id3_frame("TIT2", std::string(200, 't'));
  CHECK(packed_audio_timestamp(id3_tag(long_title + timestamp)) == 90'000);
  const auto old_title = id3_frame("TIT2", std::string(200, 't'), 3);
  CHECK(packed_audio_timestamp(
            id3_tag(old_title + id3_frame("PRIV", timestamp_of(90'000), 3), 3)) == 90'000);
}

TEST_CASE("audio without the timestamp's frame has none") {
  CHECK_FALSE(packed_audio_timestamp(""));
  CHECK_FALSE(packed_audio_timestamp(kAdts));
  CHECK_FALSE(packed_audio_timestamp(id3_tag("")));
  CHECK_FALSE(packed_audio_timestamp(id3_tag(id3_frame("TIT2", "song"))));
  CHECK_FALSE(packed_audio_timestamp(id3_tag(id3_frame("TXXX", timestamp_of(1)))));
  CHECK_FALSE(packed_audio_timestamp(id3_tag(id3_frame("PRIV", timestamp_of(1) + "x"))));
  CHECK_FALSE(packed_audio_timestamp(id3_tag(id3_frame("PRIV", timestamp_of(1).substr(0, 50)))));
  // Behind padding there are no frames, and behind the tag there is audio.
  const auto frame = id3_frame("PRIV", timestamp_of(1));
  CHECK_FALSE(packed_audio_timestamp(id3_tag(std::string(20, '\0') + frame)));
  CHECK_FALSE(packed_audio_timestamp(id3_tag("") + frame));
}

TEST_CASE("a tag that is cut short or damaged has no timestamp, at whatever byte") {
  const auto tag = timestamp_tag(900'000);
  for (std::size_t size = 0; size < tag.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(packed_audio_timestamp(tag.substr(0, size)));
  }
  auto long_frame = tag;
  long_frame[14] = '\x7f';  // of the frame's size
  CHECK_FALSE(packed_audio_timestamp(long_frame));
}

TEST_CASE("elementary audio is told by its first frame, behind its tag") {
  for (const std::string& tag : {std::string(), timestamp_tag(0)}) {
    CHECK(packed_audio_demuxer(tag + kAdts) == "aac");
    CHECK(packed_audio_demuxer(tag + kMp3) == "mp3");
    CHECK(packed_audio_demuxer(tag + kAc3) == "ac3");
    CHECK(packed_audio_demuxer(tag + kEac3) == "eac3");
  }
}

TEST_CASE("every kind of ADTS and MPEG audio header is known") {
  // MPEG-4 and MPEG-2 AAC, with a checksum and without one.
  for (const char second : {'\xf0', '\xf1', '\xf8', '\xf9'}) {
    CHECK(packed_audio_demuxer(std::string("\xff") + second + "\x50\x80\x43\xff") == "aac");
  }
  // MPEG-1, MPEG-2 and MPEG-2.5, layers III and II.
  for (const char second : {'\xfa', '\xfb', '\xf2', '\xf3', '\xe3', '\xfd'}) {
    CHECK(packed_audio_demuxer(std::string("\xff") + second + "\x90\x64\x20\x0f") == "mp3");
  }
}

TEST_CASE("AC-3 and E-AC-3 part where their bit stream identification passes 10") {
  const auto with_bsid = [](unsigned bsid) {
    auto bytes = kAc3;
    bytes[5] = static_cast<char>(bsid << 3U | 7U);
    return std::string(packed_audio_demuxer(bytes));
  };
  CHECK(with_bsid(6) == "ac3");
  CHECK(with_bsid(10) == "ac3");
  CHECK(with_bsid(11) == "eac3");
  CHECK(with_bsid(16) == "eac3");
}

TEST_CASE("what is no elementary audio has no demuxer") {
  for (const std::string& bytes :
       {std::string(), kAdts.substr(0, 5), id3_tag(""), id3_tag("") + kAdts.substr(0, 5),
        id3_tag(kAdts), std::string("<html><body>"),
        std::string("\xff\xd8\xff\xe0\x00\x10JFIF", 10), std::string("\xff\xe0\x50\x80\x43\xff"),
        "x" + kAdts, std::string(100, '\0'), std::string(100, 'G')}) {
    CAPTURE(bytes);
    CHECK(packed_audio_demuxer(bytes).empty());
  }
}
