// The index of a clip put before its media: what changes in it, and what does not.
#include "momentcut/cut/mp4.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "cut/bits.hpp"
#include "cut/boxes.hpp"
#include "momentcut/core/error.hpp"

using namespace momentcut::cut;
using momentcut::core::Error;
using momentcut::core::ErrorKind;

namespace {

using Units = std::vector<std::string>;
using Offsets = std::vector<std::uint64_t>;

std::string listed(const Units& sets) {
  std::string bytes;
  for (const auto& set : sets) bytes += number(set.size(), 2) + set;
  return bytes;
}

// `behind` is what later profiles have behind the sets.
std::string configuration(const ParameterSets& sets, const std::string& behind = "") {
  return std::string("\x01\x64\x00\x1F\xFF", 5) + number(0xE0 | sets.sequence.size(), 1) +
         listed(sets.sequence) + number(sets.picture.size(), 1) + listed(sets.picture) + behind;
}

std::string video_entry(const std::string& avcc) {
  return box("avc1", std::string(78, 'v') + box("avcC", avcc) + box("pasp", "11112222"));
}

const std::string kAudioEntry = box("mp4a", std::string(28, 'a') + box("esds", "stco"));

std::string descriptions(const std::string& entries) {
  return box("stsd", number(0, 4) + number(1, 4) + entries);
}

std::string offsets(const Offsets& list, unsigned width = 4) {
  auto bytes = number(0, 4) + number(list.size(), 4);
  for (const auto offset : list) bytes += number(offset, width);
  return box(width == 4 ? "stco" : "co64", bytes);
}

std::string track(const std::string& entries, const std::string& chunks) {
  return box(
      "trak",
      box("tkhd", "head") +
          box("mdia", box("mdhd") + box("minf", box("dinf", "stco") +
                                                    box("stbl", descriptions(entries) +
                                                                    box("stts", "t") + chunks))));
}

std::string index(const std::string& tracks) {
  return box("moov", box("mvhd", "movie") + tracks + box("udta", "stcoavcC"));
}

const std::string kSequence = sequence_unit({});
const std::string kPicture = picture_unit(0, 0);
const ParameterSets kOwn{{kSequence}, {kPicture}};
const ParameterSets kEdges{{sequence_unit({.id = 1}), sequence_unit({.id = 2})},
                           {picture_unit(1, 1), picture_unit(2, 2)}};
const ParameterSets kAll{{kOwn.sequence[0], kEdges.sequence[0], kEdges.sequence[1]},
                         {kOwn.picture[0], kEdges.picture[0], kEdges.picture[1]}};

// A video and an audio track, whose chunks are `by` later than some place.
std::string usual(const ParameterSets& sets, std::uint64_t by = 0) {
  return index(track(video_entry(configuration(sets)), offsets({48 + by, 9'000 + by})) +
               track(kAudioEntry, offsets({7'000 + by, 1 + by}, 8)));
}

// A video track alone of these chunks.
std::string video_of_chunks(const std::string& chunks) {
  return index(track(video_entry(configuration(kOwn)), chunks));
}

std::string refused(const std::string& moov, const ParameterSets& sets = kEdges) {
  try {
    index_for_front(moov, sets);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::bad_data);
    const std::string said = error.what();
    const std::string begins = "the clip's index cannot be changed: ";
    CHECK(said.starts_with(begins));
    return said.substr(std::min(begins.size(), said.size()));
  }
  return "not";
}

const std::string kTooLarge = "a box is larger than what holds it";

}  // namespace

TEST_CASE("an index gets the sets that its video has not, and its chunks are later by its size") {
  const auto size = usual(kAll).size();
  CHECK(index_for_front(usual(kOwn), kEdges) == usual(kAll, size));
  CHECK(index_for_front(usual(kOwn), kAll) == usual(kAll, size));
  CHECK(index_for_front(usual({}), kAll) == usual(kAll, size));
}

TEST_CASE("an index that lacks no sets only moves") {
  const auto size = usual(kAll).size();
  CHECK(index_for_front(usual(kAll), kAll) == usual(kAll, size));
  CHECK(index_for_front(usual(kAll), {}) == usual(kAll, size));
  CHECK(index_for_front(usual(kAll), kEdges) == usual(kAll, size));
}

TEST_CASE("an index has its video anywhere among its tracks") {
  const auto made = [](const ParameterSets& sets, std::uint64_t by) {
    return index(track(kAudioEntry, offsets({by}, 8)) + box("free") +
                 track(kAudioEntry, offsets({5 + by})) + track(box("tx3g", "text"), offsets({})) +
                 track(video_entry(configuration(sets)), offsets({6 + by, 7 + by}, 8)));
  };
  CHECK(index_for_front(made(kOwn, 0), kEdges) == made(kAll, made(kAll, 0).size()));
}

TEST_CASE("what later profiles say behind the sets stays there") {
  const std::string behind = "\xFD\xF8\xF8" + number(0, 1);
  const auto made = [&](const ParameterSets& sets, std::uint64_t by) {
    return index(track(video_entry(configuration(sets, behind)), offsets({by})));
  };
  CHECK(index_for_front(made(kOwn, 0), kEdges) == made(kAll, made(kAll, 0).size()));
}

TEST_CASE("an index that ffmpeg wrote changes where it is to change alone") {
  const auto& written = written_index();
  const auto moved = index_for_front(written, kEdges);
  CHECK(number_in(moved.substr(0, 4)) == moved.size());
  const auto before = leaves_of(written);
  const auto after = leaves_of(moved);
  REQUIRE(before.size() == after.size());
  int changes = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    CAPTURE(before[i].first);
    CHECK(before[i].first == after[i].first);
    const auto& old = before[i].second;
    const auto& now = after[i].second;
    if (old == now) continue;
    ++changes;
    if (before[i].first.ends_with("stco")) {
      REQUIRE(now.size() == old.size());
      CHECK(now.substr(0, 8) == old.substr(0, 8));
      for (std::size_t at = 8; at < old.size(); at += 4) {
        CHECK(number_in(now.substr(at, 4)) == number_in(old.substr(at, 4)) + moved.size());
      }
    } else {
      CHECK(before[i].first == "moov/trak/mdia/minf/stbl/stsd/avc1/avcC");
      const Units sequence{old.substr(8, 24), kEdges.sequence[0], kEdges.sequence[1]};
      const Units picture{old.substr(35, 6), kEdges.picture[0], kEdges.picture[1]};
      CHECK(now == old.substr(0, 5) + '\xE3' + listed(sequence) + '\x03' + listed(picture) +
                       old.substr(41));
    }
  }
  CHECK(changes == 3);
  const auto more = leaves_of(index_for_front(moved, kEdges));
  REQUIRE(more.size() == after.size());
}

TEST_CASE("an index is refused that is none, or not one alone") {
  CHECK(refused("") == "a box is cut off");
  CHECK(refused("moov") == kTooLarge);
  CHECK(refused(box("trak", usual(kOwn).substr(8))) == "it is no moov box");
  CHECK(refused(usual(kOwn) + box("free")) == "it is no moov box");
  CHECK(refused(box("free") + usual(kOwn)) == "it is no moov box");
}

TEST_CASE("an index is refused that is without video, or has more than one") {
  CHECK(refused(index("")) == "it has not one H.264 track");
  CHECK(refused(index(track(kAudioEntry, offsets({1})))) == "it has not one H.264 track");
  const auto video = track(video_entry(configuration(kOwn)), offsets({1}));
  CHECK(refused(index(video + video)) == "it has not one H.264 track");
  CHECK(refused(index(track(video_entry(configuration(kOwn)) + video_entry(configuration(kOwn)),
                            offsets({1})))) == "it has not one H.264 track");
  CHECK(refused(index(track(box("hvc1", std::string(78, 'v') + box("avcC", "x")), offsets({})))) ==
        "it has not one H.264 track");
  // Boxes of that name elsewhere are others.
  CHECK(refused(index(box("avcC", configuration(kOwn)))) == "it has not one H.264 track");
}

TEST_CASE("an index that is cut off anywhere is refused") {
  for (const auto& moov : {usual(kOwn), written_index()}) {
    for (std::size_t size = 0; size < moov.size(); ++size) {
      CAPTURE(size);
      CHECK(refused(moov.substr(0, size)) != "not");
    }
  }
}

TEST_CASE("an index with any byte damaged is refused, or is one still") {
  const auto& written = written_index();
  for (std::size_t at = 0; at < written.size(); ++at) {
    for (const unsigned flipped : {1U, 0x80U, 0xFFU}) {
      CAPTURE(at);
      auto damaged = written;
      damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ flipped);
      try {
        const auto moved = index_for_front(damaged, kEdges);
        CHECK(number_in(moved.substr(0, 4)) == moved.size());
      } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::bad_data);
      }
    }
  }
}

TEST_CASE("a box that is larger than what holds it, or smaller than its header, is refused") {
  const auto moov = usual(kOwn);
  for (const auto* type : {"mvhd", "trak", "tkhd", "mdia", "minf", "stbl", "stsd", "avc1", "avcC",
                           "pasp", "stts", "co64"}) {
    CAPTURE(std::string(type));
    // The first of that name; udta's content comes later.
    const auto at = moov.find(type) - 4;
    for (const auto size : {0U, 1U, 7U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
      CHECK(refused(std::string(moov).replace(at, 4, number(size, 4))) == kTooLarge);
    }
  }
}

TEST_CASE("boxes too small for what stands before their own are refused") {
  const auto holding = [](const std::string& stbl) {
    return index(box("trak", box("mdia", box("minf", box("stbl", stbl)))));
  };
  CHECK(refused(holding(box("stsd", "1234567"))) == "a box is cut off");
  CHECK(refused(holding(descriptions(box("avc1", std::string(77, 'v'))))) == "a box is cut off");
  CHECK(refused(holding(descriptions(video_entry("\x01\x64")))) == "a box is cut off");
}

TEST_CASE("a count of parameter sets that lies is refused") {
  const auto with = [](const std::string& avcc) {
    return refused(index(track(video_entry(avcc), offsets({1}))));
  };
  const auto good = configuration(kOwn);
  REQUIRE(with(good) == "not");
  auto more = good;
  more[5] = '\xE2';  // the picture sets' count is taken for the length of a set
  CHECK(with(more) == "a parameter set is cut off");
  auto longer = good;
  longer[6] = '\x7F';
  CHECK(with(longer) == "a parameter set is cut off");
  CHECK(with(good.substr(0, good.size() - 1)) == "a parameter set is cut off");
  CHECK(with(good.substr(0, 5)) == "a box is cut off");
  CHECK(with(good.substr(0, 7)) == "a box is cut off");
  CHECK(with(good.substr(0, 8 + kSequence.size())) == "a box is cut off");
  auto two_pictures = good;
  two_pictures[8 + kSequence.size()] = '\x02';
  CHECK(with(two_pictures) == "a box is cut off");
}

TEST_CASE("a count of chunks that lies is refused") {
  for (const unsigned width : {4U, 8U}) {
    CAPTURE(width);
    const auto type = std::string(width == 4 ? "stco" : "co64");
    for (const auto count : {3U, 4U, 0x40000001U, 0xFFFFFFFFU}) {
      const auto chunks = box(type, number(0, 4) + number(count, 4) + std::string(2 * width, '\1'));
      CHECK(refused(video_of_chunks(chunks)) == "its chunk offsets are cut off");
    }
    const auto fewer = box(type, number(0, 4) + number(1, 4) + std::string(2 * width, '\0'));
    CHECK(refused(video_of_chunks(fewer)) == "not");
  }
}

TEST_CASE("a box of chunks too small for its count does not take the next box for it") {
  for (const auto* type : {"stco", "co64"}) {
    CHECK(refused(video_of_chunks(box(type))) == "a box is cut off");
    CHECK(refused(video_of_chunks(box(type, number(0, 4)))) == "a box is cut off");
    // What follows begins with zeros, as a count of none does.
    CHECK(refused(video_of_chunks(box(type, number(0, 4)) + box("free"))) == "a box is cut off");
  }
}

TEST_CASE("a chunk that would be moved past what its number can say is refused") {
  const auto size = index_for_front(video_of_chunks(offsets({0})), kEdges).size();
  const auto last = UINT32_MAX - size;
  CHECK(refused(video_of_chunks(offsets({last}))) == "not");
  CHECK(refused(video_of_chunks(offsets({0, last + 1}))) == "the clip is too large");
  CHECK(refused(video_of_chunks(offsets({UINT32_MAX}))) == "the clip is too large");
}

TEST_CASE("a chunk that would be moved past 64 bits is refused") {
  const auto size = index_for_front(video_of_chunks(offsets({0}, 8)), kEdges).size();
  const auto last = UINT64_MAX - size;
  CHECK(refused(video_of_chunks(offsets({last}, 8))) == "not");
  CHECK(refused(video_of_chunks(offsets({last + 1}, 8))) == "the clip is too large");
  CHECK(refused(video_of_chunks(offsets({UINT64_MAX}, 8))) == "the clip is too large");
}

TEST_CASE("more parameter sets than an index can hold are refused") {
  const auto with = [](std::size_t sequences, std::size_t pictures) {
    ParameterSets sets;
    for (std::size_t i = 0; i < sequences; ++i) sets.sequence.push_back(fmt::format("s{}", i));
    for (std::size_t i = 0; i < pictures; ++i) sets.picture.push_back(fmt::format("p{}", i));
    return refused(usual(kOwn), sets);
  };
  CHECK(with(30, 254) == "not");
  CHECK(with(31, 0) == "it has too many parameter sets");
  CHECK(with(0, 255) == "it has too many parameter sets");
  CHECK(refused(usual(kOwn), {{std::string(65'535, 's')}, {}}) == "not");
  CHECK(refused(usual(kOwn), {{std::string(65'536, 's')}, {}}) == "a set is too large");
  CHECK(refused(usual(kOwn), {{}, {std::string(65'536, 'p')}}) == "a set is too large");
}

TEST_CASE("a box's header says its type and size") {
  const auto short_one = parse_box_header(number(24, 4) + "ftypisom");
  REQUIRE(short_one);
  CHECK(short_one->type == "ftyp");
  CHECK(short_one->size == 24);
  const auto long_one = parse_box_header(number(1, 4) + "mdat" + number(1ULL << 40U, 8));
  REQUIRE(long_one);
  CHECK(long_one->type == "mdat");
  CHECK(long_one->size == 1ULL << 40U);
  const auto endless = parse_box_header(number(0, 4) + "mdat");
  REQUIRE(endless);
  CHECK(endless->size == 0);
  CHECK(parse_box_header(box("free"))->size == 8);
  CHECK(parse_box_header(number(1, 4) + "mdat" + number(16, 8))->size == 16);
}

TEST_CASE("bytes that are no whole header of a box are none") {
  const auto short_one = number(24, 4) + "ftyp";
  for (std::size_t size = 0; size < 8; ++size)
    CHECK_FALSE(parse_box_header(short_one.substr(0, size)));
  const auto long_one = number(1, 4) + "mdat" + number(24, 8);
  for (std::size_t size = 8; size < 16; ++size)
    CHECK_FALSE(parse_box_header(long_one.substr(0, size)));
  for (const auto size : {2U, 7U})
    CHECK_FALSE(parse_box_header(number(size, 4) + "free" + short_one));
  for (const auto size : {0U, 1U, 15U}) {
    CHECK_FALSE(parse_box_header(number(1, 4) + "free" + number(size, 8)));
  }
}
