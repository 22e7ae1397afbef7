#include "momentcut/cut/h264.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace momentcut::cut {
namespace {

// nal_unit_type (Table 7-1).
constexpr unsigned kSequence = 7;
constexpr unsigned kPicture = 8;

constexpr unsigned kMostPictureId = 255;
constexpr unsigned kMostReferences = 16;  // MaxDpbFrames (§A.3.1)
constexpr unsigned kMostBits = 14;        // a sample (§7.4.2.1.1)
constexpr unsigned kLongestCycle = 255;

unsigned type_of(std::string_view unit) {
  return static_cast<unsigned char>(unit.front()) & 0x1FU;
}

// Reads a NAL unit's payload (RBSP) bit by bit. Past its end there are zeros, and it has failed.
class BitReader {
 public:
  explicit BitReader(std::string_view unit) {
    unsigned zeros = 0;
    for (const char c : unit.substr(1)) {
      const auto byte = static_cast<unsigned char>(c);
      const bool is_emulation_prevention = zeros >= 2 && byte == 3;
      if (!is_emulation_prevention) payload_.push_back(byte);
      zeros = byte == 0 ? zeros + 1 : 0;
    }
  }

  unsigned bits(unsigned count) {
    unsigned value = 0;
    for (; count > 0; --count) value = value << 1U | bit();
    return value;
  }

  // ue(v) and se(v) of §9.1.
  unsigned golomb() {
    unsigned zeros = 0;
    while (bit() == 0) {
      if (++zeros > 31 || failed_) {
        failed_ = true;
        return 0;
      }
    }
    return (1U << zeros) - 1 + bits(zeros);
  }
  int signed_golomb() {
    const auto code = golomb();
    const auto magnitude = static_cast<int>(code / 2 + code % 2);
    return code % 2 == 1 ? magnitude : -magnitude;
  }

  // For what was read and cannot be.
  void fail() { failed_ = true; }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  unsigned bit() {
    if (at_ / 8 >= payload_.size()) {
      failed_ = true;
      return 0;
    }
    const unsigned byte = payload_[at_ / 8];
    const auto value = byte >> (7 - at_ % 8) & 1U;
    ++at_;
    return value;
  }

  std::vector<unsigned char> payload_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

// The profiles whose sequence parameter sets tell of chroma and depth (§7.3.2.1.1).
bool tells_chroma(unsigned profile) {
  constexpr unsigned kSuch[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
  return std::find(std::begin(kSuch), std::end(kSuch), profile) != std::end(kSuch);
}

// §7.3.2.1.1.1, of which nothing is needed.
void skip_scaling_list(BitReader& reader, unsigned size) {
  int last = 8;
  int next = 8;
  for (unsigned i = 0; i < size && !reader.failed(); ++i) {
    if (next != 0) {
      const int step = reader.signed_golomb();
      if (step < -128 || step > 127) return reader.fail();
      next = (last + step + 256) % 256;
    }
    if (next != 0) last = next;
  }
}

unsigned read_depth(BitReader& reader) {
  const auto more = reader.golomb();  // than 8 bits
  if (more > kMostBits - 8) reader.fail();
  return 8 + more;
}

void read_chroma(BitReader& reader, SequenceParameters& found) {
  found.chroma = reader.golomb();
  if (found.chroma == 3) reader.bits(1);  // separate_colour_plane_flag
  found.luma_bits = read_depth(reader);
  found.chroma_bits = read_depth(reader);
  reader.bits(1);  // qpprime_y_zero_transform_bypass_flag
  const bool has_scaling_matrix = reader.bits(1) == 1;
  const unsigned lists = found.chroma == 3 ? 12 : 8;
  for (unsigned i = 0; has_scaling_matrix && i < lists; ++i) {
    if (reader.bits(1) == 1) skip_scaling_list(reader, i < 6 ? 16 : 64);
  }
}

void skip_picture_order(BitReader& reader) {
  const auto type = reader.golomb();
  if (type == 0) reader.golomb();  // log2_max_pic_order_cnt_lsb_minus4
  if (type != 1) return;
  reader.bits(1);  // delta_pic_order_always_zero_flag
  reader.signed_golomb();
  reader.signed_golomb();
  const auto cycle = reader.golomb();
  if (cycle > kLongestCycle) return reader.fail();
  for (unsigned i = 0; i < cycle && !reader.failed(); ++i) reader.signed_golomb();
}

// NAL units lie between start codes of three bytes, with zeros in front of them (Annex B).
std::vector<std::string_view> units_of(std::string_view stream) {
  constexpr std::string_view kStart{"\0\0\1", 3};
  std::vector<std::string_view> units;
  auto begin = stream.find(kStart);
  while (begin != std::string_view::npos) {
    begin += kStart.size();
    const auto end = stream.find(kStart, begin);
    auto unit = stream.substr(begin, end == std::string_view::npos ? end : end - begin);
    unit = unit.substr(0, unit.find_last_not_of('\0') + 1);
    if (!unit.empty()) units.push_back(unit);
    begin = end;
  }
  return units;
}

void add_once(std::vector<std::string>& units, std::string_view unit) {
  if (std::find(units.begin(), units.end(), unit) == units.end()) units.emplace_back(unit);
}

}  // namespace

std::optional<SequenceParameters> parse_sequence_parameters(std::string_view unit) {
  if (unit.empty() || type_of(unit) != kSequence) return {};
  BitReader reader(unit);
  SequenceParameters found;
  found.profile = reader.bits(8);
  found.constraints = reader.bits(8);
  found.level = reader.bits(8);
  found.id = reader.golomb();
  if (tells_chroma(found.profile)) read_chroma(reader, found);
  reader.golomb();  // log2_max_frame_num_minus4
  skip_picture_order(reader);
  found.references = reader.golomb();
  reader.bits(1);   // gaps_in_frame_num_value_allowed_flag
  reader.golomb();  // pic_width_in_mbs_minus1
  reader.golomb();  // pic_height_in_map_units_minus1
  found.frames_only = reader.bits(1) == 1;
  const bool is_valid = !reader.failed() && found.id <= kMostSequenceId && found.chroma <= 3 &&
                        found.references <= kMostReferences;
  return is_valid ? std::optional(found) : std::nullopt;
}

std::optional<PictureParameters> parse_picture_parameters(std::string_view unit) {
  if (unit.empty() || type_of(unit) != kPicture) return {};
  BitReader reader(unit);
  PictureParameters found;
  found.id = reader.golomb();
  found.sequence = reader.golomb();
  const bool is_valid =
      !reader.failed() && found.id <= kMostPictureId && found.sequence <= kMostSequenceId;
  return is_valid ? std::optional(found) : std::nullopt;
}

void ParameterSets::add(const ParameterSets& more) {
  for (const auto& unit : more.sequence) add_once(sequence, unit);
  for (const auto& unit : more.picture) add_once(picture, unit);
}

ParameterSets parameter_sets_in(std::string_view byte_stream) {
  ParameterSets sets;
  for (const auto unit : units_of(byte_stream)) {
    if (type_of(unit) == kSequence) add_once(sets.sequence, unit);
    if (type_of(unit) == kPicture) add_once(sets.picture, unit);
  }
  return sets;
}

}  // namespace momentcut::cut
