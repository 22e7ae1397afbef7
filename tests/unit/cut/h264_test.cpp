// Parameter sets as libx264 writes them and written by hand, whole and damaged.
#include "momentcut/cut/h264.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "cut/bits.hpp"
#include "print.hpp"

using namespace momentcut::cut;

namespace {

using Units = std::vector<std::string>;

std::string said(const std::string& unit) {
  const auto found = parse_sequence_parameters(unit);
  if (!found) return "nothing";
  return fmt::format("id {} profile {} constraints {:02x} level {} chroma {} bits {}/{} refs {} {}",
                     found->id, found->profile, found->constraints, found->level, found->chroma,
                     found->luma_bits, found->chroma_bits, found->references,
                     found->frames_only ? "frames" : "fields");
}

std::string picture_said(const std::string& unit) {
  const auto found = parse_picture_parameters(unit);
  return found ? fmt::format("id {} of {}", found->id, found->sequence) : "nothing";
}

// What libx264 wrote for a few frames.
struct Written {
  std::string_view sequence;
  std::string_view wanted;
  std::string_view picture;
  std::string_view picture_wanted = "id 0 of 0";
};
const std::vector<Written> kWritten{
    // Baseline, pictures in the order of decoding (pic_order_cnt_type 2)
    {"6742c01ed9047b011000000300100000030320f162e480",
     "id 0 profile 66 constraints c0 level 30 chroma 1 bits 8/8 refs 3 frames", "68cb83cb20"},
    // Main
    {"674d401feca23d80880000030008000003019078c18cb0",
     "id 0 profile 77 constraints 40 level 31 chroma 1 bits 8/8 refs 4 frames", "68ebe3cb20"},
    // High
    {"67640028acd9447b011000000300100000030320f1831960",
     "id 0 profile 100 constraints 00 level 40 chroma 1 bits 8/8 refs 4 frames", "68e938f2c8b0"},
    // High of nothing but IDR pictures
    {"6764100aacb88f60220000030002000003006408",
     "id 0 profile 100 constraints 10 level 10 chroma 1 bits 8/8 refs 0 frames", "68ee0f2c8b"},
    // High with the scaling matrices of the standard
    {"6764000aacd9447b011000000300100000030320f1225960",
     "id 0 profile 100 constraints 00 level 10 chroma 1 bits 8/8 refs 4 frames", "68ebe3cb3002c0"},
    // High 10
    {"676e000aa6cd9447b011000003000100000300320f122596",
     "id 0 profile 110 constraints 00 level 10 chroma 1 bits 10/10 refs 4 frames", "68ebe3cb22c0"},
    // High 4:2:2
    {"677a000abcd9447b011000000300100000030320f1225960",
     "id 0 profile 122 constraints 00 level 10 chroma 2 bits 8/8 refs 4 frames", "68ebe3cb22c0"},
    // High 4:4:4 Predictive
    {"67f4000a919b288f6022000003000200000300641e244b2c",
     "id 0 profile 244 constraints 00 level 10 chroma 3 bits 8/8 refs 4 frames", "68ebe3c44844"},
    // The same without loss, of 4:2:0
    {"67f4000aaeb208f60220000003002000000641e244c9",
     "id 0 profile 244 constraints 00 level 10 chroma 1 bits 8/8 refs 3 frames", "68ebc06bcb"},
    // Interlaced
    {"67640015acd9444fcb808800000300080000030190f8a14cb0",
     "id 0 profile 100 constraints 00 level 21 chroma 1 bits 8/8 refs 4 fields", "68fba3cb22c0"},
    // Level 1b of Baseline, Main and High
    {"6742d00bda11ec0440000003004000000c83c489a8",
     "id 0 profile 66 constraints d0 level 11 chroma 1 bits 8/8 refs 1 frames", "68ce0f2c80"},
    {"674d500beca23d80880000030008000003019078912cb0",
     "id 0 profile 77 constraints 50 level 11 chroma 1 bits 8/8 refs 4 frames", "68ef8f2c80"},
    {"67640009acd9447b011000000300100000030320f1225960",
     "id 0 profile 100 constraints 00 level 9 chroma 1 bits 8/8 refs 4 frames", "68ef8f2c8b"},
    // Other ids
    {"6764000a32cd9447b011000003000100000300320f122596",
     "id 5 profile 100 constraints 00 level 10 chroma 1 bits 8/8 refs 4 frames", "6831abe3cb22c0",
     "id 5 of 5"},
    {"6764000a040b36511ec044000003000400000300c83c489658",
     "id 31 profile 100 constraints 00 level 10 chroma 1 bits 8/8 refs 4 frames",
     "68040082be3cb22c", "id 31 of 31"},
};

void flat_and_usual_lists(BitWriter& writer, unsigned lists) {
  for (unsigned list = 0; list < lists; ++list) {
    const unsigned size = list < 6 ? 16 : 64;
    switch (list % 3) {
      case 0:
        writer.bits(0, 1);  // that of the list before
        break;
      case 1:
        writer.bits(1, 1).signed_golomb(-8);  // that of the standard
        break;
      default:
        writer.bits(1, 1);
        // Written out, around the turn of 256 and back, up to a value that goes on to the end.
        for (unsigned i = 0; i < size / 2; ++i) writer.signed_golomb(i % 2 == 0 ? -5 : 5);
        writer.signed_golomb(-8);
    }
  }
}

}  // namespace

TEST_CASE("parameter sets say what libx264 was told") {
  for (const auto& written : kWritten) {
    CAPTURE(written.sequence);
    CHECK(said(from_hex(written.sequence)) == written.wanted);
    CHECK(picture_said(from_hex(written.picture)) == written.picture_wanted);
  }
}

TEST_CASE("sets that are cut off anywhere say nothing, or what they say whole") {
  for (const auto& written : kWritten) {
    const auto sequence = from_hex(written.sequence);
    bool is_over = false;
    for (std::size_t size = 0; size <= sequence.size(); ++size) {
      CAPTURE(size);
      const auto part = said(sequence.substr(0, size));
      if (part != "nothing") is_over = true;
      CHECK(part == (is_over ? written.wanted : "nothing"));
    }
    CHECK(is_over);
    CHECK(said(sequence.substr(0, 6)) == "nothing");
    const auto picture = from_hex(written.picture);
    for (std::size_t size = 0; size <= picture.size(); ++size) {
      const auto part = picture_said(picture.substr(0, size));
      CHECK((part == "nothing" || part == written.picture_wanted));
    }
    CHECK(picture_said(picture.substr(0, 1)) == "nothing");
  }
}

TEST_CASE("a unit of another type is no parameter set") {
  const auto sequence = from_hex(kWritten[2].sequence);
  const auto picture = from_hex(kWritten[2].picture);
  CHECK(said(picture) == "nothing");
  CHECK(picture_said(sequence) == "nothing");
  CHECK(said("") == "nothing");
  CHECK(picture_said("") == "nothing");
  for (unsigned type = 0; type < 32; ++type) {
    CAPTURE(type);
    const auto header = std::string(1, static_cast<char>(0x60U | type));
    CHECK((said(header + sequence.substr(1)) != "nothing") == (type == 7));
    CHECK((picture_said(header + picture.substr(1)) != "nothing") == (type == 8));
  }
  // How much a unit is referred to (nal_ref_idc) says nothing about its type.
  CHECK(said('\x27' + sequence.substr(1)) == kWritten[2].wanted);
  CHECK(picture_said('\x28' + picture.substr(1)) == "id 0 of 0");
}

TEST_CASE("each field of a set written by hand is read") {
  CHECK(said(sequence_unit({.profile = 118,
                            .constraints = 0x2C,
                            .level = 62,
                            .id = 17,
                            .chroma = 0,
                            .luma_bits = 9,
                            .chroma_bits = 14,
                            .references = 16,
                            .frames_only = false})) ==
        "id 17 profile 118 constraints 2c level 62 chroma 0 bits 9/14 refs 16 fields");
  CHECK(said(sequence_unit({.profile = 88, .id = 31})) ==
        "id 31 profile 88 constraints 00 level 31 chroma 1 bits 8/8 refs 1 frames");
  CHECK(picture_said(picture_unit(255, 31)) == "id 255 of 31");
}

TEST_CASE("what lies behind a scaling matrix is found") {
  for (const unsigned chroma : {1U, 2U, 3U}) {
    CAPTURE(chroma);
    const auto lists = chroma == 3 ? 12U : 8U;
    const auto unit =
        sequence_unit({.profile = 244,
                       .chroma = chroma,
                       .scaling = [&](BitWriter& writer) { flat_and_usual_lists(writer, lists); },
                       .references = 7,
                       .frames_only = false});
    CHECK(said(unit) == fmt::format("id 0 profile 244 constraints 00 level 31 chroma {} bits 8/8 "
                                    "refs 7 fields",
                                    chroma));
  }
}

TEST_CASE("a scaling list goes around the turn of its numbers") {
  const auto with_steps = [](int step) {
    return said(sequence_unit({.scaling =
                                   [&](BitWriter& writer) {
                                     writer.bits(1, 1);
                                     for (int i = 0; i < 16; ++i) writer.signed_golomb(step);
                                     writer.bits(0, 7);
                                   },
                               .references = 5}));
  };
  const std::string wanted =
      "id 0 profile 100 constraints 00 level 31 chroma 1 bits 8/8 refs 5 frames";
  CHECK(with_steps(125) == wanted);
  CHECK(with_steps(1) == wanted);
  CHECK(with_steps(-3) == wanted);
}

TEST_CASE("each way to order pictures is passed over") {
  const auto ordered = [](const std::function<void(BitWriter&)>& order) {
    return said(sequence_unit({.profile = 77, .order = order, .references = 3}));
  };
  const std::string wanted =
      "id 0 profile 77 constraints 00 level 31 chroma 1 bits 8/8 refs 3 frames";
  CHECK(ordered([](BitWriter& writer) { writer.golomb(0).golomb(12); }) == wanted);
  CHECK(ordered([](BitWriter& writer) { writer.golomb(2); }) == wanted);
  for (const unsigned cycle : {0U, 1U, 255U}) {
    CAPTURE(cycle);
    CHECK(ordered([&](BitWriter& writer) {
            writer.golomb(1).bits(1, 1).signed_golomb(-70'000).signed_golomb(3).golomb(cycle);
            for (unsigned i = 0; i < cycle; ++i) writer.signed_golomb(static_cast<int>(i) - 100);
          }) == wanted);
  }
}

TEST_CASE("bytes that prevent a start code are not read") {
  // The zeros before so large a width, and within such offsets, look like a start code.
  const auto unit = sequence_unit(
      {.profile = 66,
       .order =
           [](BitWriter& writer) {
             writer.golomb(1).bits(0, 1).signed_golomb(1 << 24U).signed_golomb(-(1 << 24U));
             writer.golomb(0);
           },
       .references = 2,
       .width = (1U << 25U) - 1,
       .height = (1U << 26U) - 1,
       .frames_only = false});
  std::size_t preventions = 0;
  for (std::size_t at = 0; (at = unit.find(std::string("\0\0\3", 3), at)) != std::string::npos;) {
    ++preventions;
    at += 3;
  }
  REQUIRE(preventions >= 3);
  CHECK(said(unit) == "id 0 profile 66 constraints 00 level 31 chroma 1 bits 8/8 refs 2 fields");
}

TEST_CASE("what the standard does not allow is not read") {
  CHECK(said(sequence_unit({.id = 32})) == "nothing");
  CHECK(said(sequence_unit({.chroma = 4})) == "nothing");
  CHECK(said(sequence_unit({.references = 17})) == "nothing");
  CHECK(picture_said(picture_unit(256, 0)) == "nothing");
  CHECK(picture_said(picture_unit(0, 32)) == "nothing");
  // No number has more than 31 zeros before it.
  CHECK(picture_said(BitWriter().bits(0, 32).bits(0x80000000, 32).unit(kPictureHeader)) ==
        "nothing");
  CHECK(said(std::string(1, '\x67') + std::string(200, '\0')) == "nothing");
}

TEST_CASE("a step in a scaling list that no standard allows is refused, however large") {
  for (const int step : {128, -129, 2'147'483'647, -2'147'483'647}) {
    CAPTURE(step);
    CHECK(said(sequence_unit({.scaling = [&](BitWriter& writer) {
            writer.bits(1, 1).signed_golomb(step);
            for (int i = 0; i < 15; ++i) writer.signed_golomb(0);
            writer.bits(0, 7);
          }})) == "nothing");
  }
}

TEST_CASE("a cycle of pictures longer than the standard has is refused") {
  CHECK(said(sequence_unit({.order = [](BitWriter& writer) {
          writer.golomb(1).bits(0, 1).signed_golomb(0).signed_golomb(0).golomb(256);
          for (int i = 0; i < 256; ++i) writer.signed_golomb(0);
        }})) == "nothing");
}

TEST_CASE("samples of more bits than the standard has are refused") {
  CHECK(said(sequence_unit({.luma_bits = 15})) == "nothing");
  CHECK(said(sequence_unit({.chroma_bits = 15})) == "nothing");
  // As many more than eight as turn the sum over to fewer.
  CHECK(said(sequence_unit({.luma_bits = 6})) == "nothing");
}

TEST_CASE("a byte stream's sets are found behind start codes of three and four bytes") {
  const auto sequence = from_hex(kWritten[2].sequence);
  const auto picture = from_hex(kWritten[2].picture);
  const auto other = from_hex(kWritten[1].picture);
  const std::string three("\0\0\1", 3);
  const std::string four("\0\0\0\1", 4);
  for (const auto& start : {three, four}) {
    const auto sets = parameter_sets_in(start + sequence + start + picture + start + other);
    CHECK(sets.sequence == Units{sequence});
    CHECK(sets.picture == Units{picture, other});
  }
  const auto mixed = parameter_sets_in(four + picture + three + sequence + four + other);
  CHECK(mixed.sequence == Units{sequence});
  CHECK(mixed.picture == Units{picture, other});
}

TEST_CASE("zeros around units do not belong to them, and other units are passed over") {
  const auto sequence = from_hex(kWritten[0].sequence);
  const auto picture = from_hex(kWritten[0].picture);
  const std::string start("\0\0\1", 3);
  const std::string zeros(5, '\0');
  const auto stream = zeros + start + '\x09' + '\x10' + zeros + start + sequence + zeros + start +
                      "\x06SEI" + start + picture + zeros + start + "\x65slice" + zeros;
  const auto sets = parameter_sets_in(stream);
  CHECK(sets.sequence == Units{sequence});
  CHECK(sets.picture == Units{picture});
  // What comes before the first start code is no unit.
  CHECK(parameter_sets_in(sequence + start + picture).sequence.empty());
}

TEST_CASE("sets that come again count once") {
  const auto sequence = from_hex(kWritten[0].sequence);
  const auto later = from_hex(kWritten[1].sequence);
  const auto picture = from_hex(kWritten[0].picture);
  const std::string start("\0\0\1", 3);
  const auto once = start + sequence + start + picture;
  auto sets = parameter_sets_in(once + once + start + later + once);
  CHECK(sets.sequence == Units{sequence, later});
  CHECK(sets.picture == Units{picture});
  sets.add(parameter_sets_in(start + later + start + from_hex(kWritten[1].picture)));
  sets.add({});
  CHECK(sets.sequence == Units{sequence, later});
  CHECK(sets.picture == Units{picture, from_hex(kWritten[1].picture)});
}

TEST_CASE("nothing holds no sets") {
  for (const auto& stream : {std::string(), std::string("\0\0\1", 3), std::string(9, '\0'),
                             std::string("\0\0\1\0\0\1\0\0\0\1", 10), std::string("no start")}) {
    CHECK(parameter_sets_in(stream).sequence.empty());
    CHECK(parameter_sets_in(stream).picture.empty());
  }
}
