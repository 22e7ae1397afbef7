// Boxes of fragmented MP4 segments, whole and damaged.
#include "momentcut/cut/fragments.hpp"

#include <cstdint>
#include <string>

#include <doctest/doctest.h>

using momentcut::cut::begins_with_box;
using momentcut::cut::FragmentWatch;

namespace {

std::string big_endian(std::uint64_t value, unsigned count) {
  std::string bytes;
  for (unsigned i = count; i > 0; --i) bytes += static_cast<char>(value >> (8 * (i - 1)));
  return bytes;
}

std::string box(const std::string& type, const std::string& content = "") {
  return big_endian(8 + content.size(), 4) + type + content;
}

// The same with a size of 64 bits.
std::string long_box(const std::string& type, const std::string& content = "") {
  return big_endian(1, 4) + type + big_endian(16 + content.size(), 8) + content;
}

std::string damage_of(const std::string& bytes, std::size_t piece = 1000, bool whole = true) {
  FragmentWatch watch;
  for (std::size_t at = 0; at < bytes.size(); at += piece) watch.pass(bytes.substr(at, piece));
  return watch.damage(whole);
}

const std::string kSegment = box("styp", "msdhmsdh") + box("moof", std::string(60, 'f')) +
                             box("mdat", std::string(500, 'm'));

}  // namespace

TEST_CASE("a segment's first box tells that it is fragmented MP4") {
  for (const std::string type :
       {"ftyp", "styp", "moof", "moov", "sidx", "emsg", "prft", "free", "skip"}) {
    CHECK(begins_with_box(box(type)));
    CHECK(begins_with_box(box(type, "content")));
  }
  for (const std::string type : {"mdat", "html", "FTYP", "ftyq", "    "}) {
    CHECK_FALSE(begins_with_box(box(type, "content")));
  }
  CHECK_FALSE(begins_with_box("ftyp"));
  CHECK_FALSE(begins_with_box(box("ftyp").substr(0, 7)));
  CHECK_FALSE(begins_with_box(""));
}

TEST_CASE("boxes that follow one another are whole, in pieces of any size") {
  for (const std::size_t piece : {1U, 3U, 7U, 8U, 9U, 16U, 100U, 5000U}) {
    CAPTURE(piece);
    CHECK(damage_of(kSegment, piece).empty());
    CHECK(damage_of(kSegment + kSegment, piece).empty());
  }
}

TEST_CASE("a box may have a size of 64 bits") {
  for (const std::size_t piece : {1U, 8U, 15U, 17U, 5000U}) {
    CAPTURE(piece);
    const auto segment = long_box("moof") + long_box("mdat", std::string(300, 'm'));
    CHECK(damage_of(segment, piece).empty());
    CHECK(damage_of(segment + box("free"), piece).empty());
    CHECK(damage_of(segment.substr(0, segment.size() - 1), piece) == "it ends within a box");
  }
}

TEST_CASE("what boxes hold is not looked at") {
  CHECK(damage_of(box("moof", std::string(40, '\0')) + box("mdat", box("oops").substr(0, 6)))
            .empty());
  CHECK(damage_of(box("mdat", box("moof"))) == "it holds no fragment (moof)");
}

TEST_CASE("a box of no size goes on to the end") {
  const auto endless = big_endian(0, 4) + "mdat" + std::string(100, '\x01');
  CHECK(damage_of(box("moof") + endless).empty());
  CHECK(damage_of(box("moof") + endless, 1).empty());
  CHECK(damage_of(endless) == "it holds no fragment (moof)");
}

TEST_CASE("a segment that ends within a box is damaged, its head is not") {
  for (const std::size_t missing : {1U, 499U, 500U, 501U, 507U}) {
    CAPTURE(missing);
    const auto part = kSegment.substr(0, kSegment.size() - missing);
    CHECK(damage_of(part) == "it ends within a box");
    CHECK(damage_of(part, 1000, false).empty());
  }
  // Where a box ends, nothing tells that another one was to come.
  CHECK(damage_of(kSegment.substr(0, kSegment.size() - 508)).empty());
}

TEST_CASE("a segment without a fragment holds nothing to show") {
  CHECK(damage_of(box("styp") + box("sidx", "x")) == "it holds no fragment (moof)");
  CHECK(damage_of("") == "it holds no fragment (moof)");
  CHECK(damage_of(box("styp"), 1000, false).empty());
}

TEST_CASE("a box smaller than its own header is broken") {
  for (const auto size : {2U, 7U}) {
    const auto broken = big_endian(size, 4) + "mdat";
    CHECK(damage_of(box("moof") + broken + "rest", 1000, false) == "its boxes are broken");
    CHECK(damage_of(box("moof") + broken + "rest", 1) == "its boxes are broken");
  }
  for (const auto size : {1U, 15U}) {
    CHECK(damage_of(box("moof") + big_endian(1, 4) + "mdat" + big_endian(size, 8)) ==
          "its boxes are broken");
  }
}

TEST_CASE("a box said to be larger than anything is cut short") {
  CHECK(damage_of(box("moof") + big_endian(1, 4) + "mdat" + big_endian(UINT64_MAX, 8) + "x") ==
        "it ends within a box");
}
