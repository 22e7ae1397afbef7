#include "momentcut/cut/mp4.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"

namespace momentcut::cut {
namespace {

using core::Error;
using core::ErrorKind;

constexpr std::size_t kHeaderBytes = 8;
// Before the entries of stsd: version, flags and their count (§8.5.2.2).
constexpr std::size_t kDescriptionsBytes = 8;
// Before the boxes of a visual sample entry (§12.1.3.2).
constexpr std::size_t kVisualEntryBytes = 78;
// Before the offsets of stco and co64: version, flags and their count.
constexpr std::size_t kOffsetsBytes = 8;
// Of a decoder configuration record: version, profile, compatibility, level, size of lengths.
constexpr std::size_t kConfigurationBytes = 5;
constexpr std::size_t kMostSequenceSets = 31;
constexpr std::size_t kMostPictureSets = 255;

[[noreturn]] void refuse(std::string_view why) {
  throw Error(ErrorKind::bad_data, fmt::format("the clip's index cannot be changed: {}", why));
}

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t count) {
  if (at + count > bytes.size()) refuse("a box is cut off");
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

std::string big_endian(std::uint64_t value, std::size_t count) {
  std::string bytes(count, '\0');
  for (auto i = count; i-- > 0; value >>= 8U) bytes[i] = static_cast<char>(value & 0xFFU);
  return bytes;
}

// A box within the index: those are never so large that their size takes 64 bits.
struct Box {
  std::string_view type;
  std::string_view content;
};

Box take_box(std::string_view& bytes) {
  const auto size = number_at(bytes, 0, 4);
  if (size < kHeaderBytes || size > bytes.size()) refuse("a box is larger than what holds it");
  const Box box{bytes.substr(4, 4), bytes.substr(kHeaderBytes, size - kHeaderBytes)};
  bytes.remove_prefix(size);
  return box;
}

std::string boxed(std::string_view type, std::string_view content) {
  const auto size = content.size() + kHeaderBytes;
  if (size > std::numeric_limits<std::uint32_t>::max()) refuse("it is too large");
  return big_endian(size, 4).append(type).append(content);
}

// Takes a list of parameter sets, each behind its length of 16 bits.
std::vector<std::string> take_sets(std::string_view& bytes, std::size_t count) {
  std::vector<std::string> sets;
  for (; count > 0; --count) {
    const auto size = number_at(bytes, 0, 2);
    if (size + 2 > bytes.size()) refuse("a parameter set is cut off");
    sets.emplace_back(bytes.substr(2, size));
    bytes.remove_prefix(size + 2);
  }
  return sets;
}

std::string with_missing(std::vector<std::string> sets, const std::vector<std::string>& more,
                         std::size_t most, unsigned marker) {
  for (const auto& set : more) {
    if (std::find(sets.begin(), sets.end(), set) == sets.end()) sets.push_back(set);
  }
  if (sets.size() > most) refuse("it has too many parameter sets");
  auto bytes = big_endian(marker | sets.size(), 1);
  for (const auto& set : sets) {
    if (set.size() > std::numeric_limits<std::uint16_t>::max()) refuse("a set is too large");
    bytes.append(big_endian(set.size(), 2)).append(set);
  }
  return bytes;
}

// A decoder configuration record (ISO/IEC 14496-15 §5.3.3.1.2) with these sets as well. What the
// later profiles have behind the sets stays.
std::string with_sets(std::string_view record, const ParameterSets& sets) {
  const auto sequence_sets = number_at(record, kConfigurationBytes, 1) & 0x1FU;
  auto bytes = std::string(record.substr(0, kConfigurationBytes));
  record.remove_prefix(kConfigurationBytes + 1);
  constexpr unsigned kReserved = 0xE0;
  bytes +=
      with_missing(take_sets(record, sequence_sets), sets.sequence, kMostSequenceSets, kReserved);
  const auto picture_sets = number_at(record, 0, 1);
  record.remove_prefix(1);
  bytes += with_missing(take_sets(record, picture_sets), sets.picture, kMostPictureSets, 0);
  return bytes.append(record);
}

// What of the index is to be changed: the boxes on the way to it, and what stands in each before
// its own boxes.
struct Step {
  std::string_view type;
  std::size_t fixed_bytes;
};
constexpr std::array<Step, 6> kWayToConfiguration{{{"trak", 0},
                                                   {"mdia", 0},
                                                   {"minf", 0},
                                                   {"stbl", 0},
                                                   {"stsd", kDescriptionsBytes},
                                                   {"avc1", kVisualEntryBytes}}};

constexpr std::array<std::string_view, 4> kWayToChunks{"trak", "mdia", "minf", "stbl"};

class Patch {
 public:
  explicit Patch(const ParameterSets& sets) : sets_(sets) {}

  // The boxes below the first `depth` steps of the way.
  std::string boxes(std::string_view bytes, std::size_t depth) {
    std::string patched;
    while (!bytes.empty()) {
      const auto box = take_box(bytes);
      if (depth == kWayToConfiguration.size() && box.type == "avcC") {
        ++found_;
        patched += boxed(box.type, with_sets(box.content, sets_));
      } else if (depth < kWayToConfiguration.size() &&
                 box.type == kWayToConfiguration[depth].type) {
        const auto fixed = kWayToConfiguration[depth].fixed_bytes;
        if (box.content.size() < fixed) refuse("a box is cut off");
        patched += boxed(box.type, std::string(box.content.substr(0, fixed)) +
                                       boxes(box.content.substr(fixed), depth + 1));
      } else {
        patched += boxed(box.type, box.content);
      }
    }
    return patched;
  }

  [[nodiscard]] int found() const { return found_; }

 private:
  const ParameterSets& sets_;
  int found_ = 0;
};

constexpr std::uint64_t kFurthestShort = std::numeric_limits<std::uint32_t>::max();

// Adds `by` to `count` numbers of `width` bytes.
void move_offsets(std::string& moov, std::size_t at, std::uint64_t count, std::size_t width,
                  std::uint64_t by) {
  for (; count > 0; --count, at += width) {
    const auto offset = number_at(moov, at, width) + by;
    const bool is_too_far = offset < by || (width == 4 && offset > kFurthestShort);
    if (is_too_far) refuse("the clip is too large");
    moov.replace(at, width, big_endian(offset, width));
  }
}

// Moves the chunks of every track below `moov[begin, end)`, which holds boxes, `depth` boxes deep.
void move_chunks(std::string& moov, std::size_t begin, std::size_t end, std::uint64_t by,
                 std::size_t depth) {
  while (begin < end) {
    auto rest = std::string_view(moov).substr(begin, end - begin);
    const auto box = take_box(rest);
    const auto content = begin + kHeaderBytes;
    const auto size = kHeaderBytes + box.content.size();
    if (depth < kWayToChunks.size() && box.type == kWayToChunks[depth]) {
      move_chunks(moov, content, begin + size, by, depth + 1);
    } else if (depth == kWayToChunks.size() && (box.type == "stco" || box.type == "co64")) {
      const std::size_t width = box.type == "stco" ? 4 : 8;
      const auto count = number_at(box.content, kOffsetsBytes - 4, 4);
      if (count > (box.content.size() - kOffsetsBytes) / width) {
        refuse("its chunk offsets are cut off");
      }
      move_offsets(moov, content + kOffsetsBytes, count, width, by);
    }
    begin += size;
  }
}

}  // namespace

std::optional<BoxHeader> parse_box_header(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return {};
  BoxHeader header{std::string(bytes.substr(4, 4)), number_at(bytes, 0, 4)};
  auto least = kHeaderBytes;
  if (header.size == 1) {
    if (bytes.size() < BoxHeader::kMostBytes) return {};
    header.size = number_at(bytes, kHeaderBytes, 8);
    least = BoxHeader::kMostBytes;
  } else if (header.size == 0) {
    return header;
  }
  return header.size >= least ? std::optional(header) : std::nullopt;
}

std::string index_for_front(std::string_view moov, const ParameterSets& sets) {
  const auto whole = take_box(moov);
  if (whole.type != "moov" || !moov.empty()) refuse("it is no moov box");
  Patch patch(sets);
  auto patched = boxed(whole.type, patch.boxes(whole.content, 0));
  if (patch.found() != 1) refuse("it has not one H.264 track");
  move_chunks(patched, kHeaderBytes, patched.size(), patched.size(), 0);
  return patched;
}

}  // namespace momentcut::cut
