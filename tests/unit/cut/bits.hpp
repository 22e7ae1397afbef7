// Bytes written in hexadecimal, and H.264 parameter sets written bit by bit, for the tests.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace momentcut::cut {

inline std::string from_hex(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(kDigits.find(text[i]) << 4U | kDigits.find(text[i + 1]));
  }
  return bytes;
}

class BitWriter {
 public:
  BitWriter& bits(unsigned value, unsigned count) {
    for (; count > 0; --count) bits_.push_back((value >> (count - 1) & 1U) != 0);
    return *this;
  }
  // ue(v) and se(v) of §9.1.
  BitWriter& golomb(unsigned value) {
    unsigned zeros = 0;
    while (zeros < 31 && (value + 1) >> (zeros + 1) != 0) ++zeros;
    return bits(0, zeros).bits(value + 1, zeros + 1);
  }
  BitWriter& signed_golomb(int value) {
    const auto twice = 2 * static_cast<unsigned>(value < 0 ? -value : value);
    return golomb(value > 0 ? twice - 1 : twice);
  }

  // The NAL unit that begins with `header`: with the bit that stops it, and emulation prevention
  // bytes wherever the standard asks for them (§7.4.1).
  [[nodiscard]] std::string unit(char header) const {
    auto padded = bits_;
    padded.push_back(true);
    while (padded.size() % 8 != 0) padded.push_back(false);
    std::string bytes(1, header);
    unsigned zeros = 0;
    for (std::size_t i = 0; i < padded.size(); i += 8) {
      unsigned byte = 0;
      for (std::size_t bit = 0; bit < 8; ++bit) byte = byte << 1U | (padded[i + bit] ? 1U : 0U);
      if (zeros >= 2 && byte <= 3) {
        bytes += '\3';
        zeros = 0;
      }
      bytes += static_cast<char>(byte);
      zeros = byte == 0 ? zeros + 1 : 0;
    }
    return bytes;
  }

 private:
  std::vector<bool> bits_;
};

inline constexpr char kSequenceHeader = 0x67;
inline constexpr char kPictureHeader = 0x68;

// What a sequence parameter set says that is written by hand.
struct SequenceShape {
  unsigned profile = 100;
  unsigned constraints = 0;
  unsigned level = 31;
  unsigned id = 0;
  unsigned chroma = 1;
  unsigned luma_bits = 8;
  unsigned chroma_bits = 8;
  std::function<void(BitWriter&)> scaling = nullptr;  // writes the matrix; none: there is none
  std::function<void(BitWriter&)> order = nullptr;    // writes pic_order_cnt_type; none: 2
  unsigned references = 1;
  unsigned width = 79;   // in macroblocks, less one
  unsigned height = 44;  // likewise
  bool frames_only = true;
};

inline std::string sequence_unit(const SequenceShape& shape) {
  BitWriter writer;
  writer.bits(shape.profile, 8).bits(shape.constraints, 8).bits(shape.level, 8).golomb(shape.id);
  if (shape.profile >= 100) {
    writer.golomb(shape.chroma);
    if (shape.chroma == 3) writer.bits(0, 1);
    writer.golomb(shape.luma_bits - 8).golomb(shape.chroma_bits - 8).bits(0, 1);
    writer.bits(shape.scaling ? 1 : 0, 1);
    if (shape.scaling) shape.scaling(writer);
  }
  writer.golomb(0);
  if (shape.order) {
    shape.order(writer);
  } else {
    writer.golomb(2);
  }
  writer.golomb(shape.references).bits(0, 1).golomb(shape.width).golomb(shape.height);
  writer.bits(shape.frames_only ? 1 : 0, 1);
  if (!shape.frames_only) writer.bits(0, 1);
  return writer.bits(1, 1).bits(0, 1).bits(0, 1).unit(kSequenceHeader);
}

// One of CAVLC, without slice groups and weights.
inline std::string picture_unit(unsigned id, unsigned sequence, int quantizer = 0) {
  BitWriter writer;
  writer.golomb(id).golomb(sequence).bits(0, 2).golomb(0).golomb(0).golomb(0).bits(0, 3);
  writer.signed_golomb(quantizer).signed_golomb(0).signed_golomb(0).bits(0b100, 3);
  return writer.unit(kPictureHeader);
}

}  // namespace momentcut::cut
