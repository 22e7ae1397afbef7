#include "momentcut/cut/fragments.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace momentcut::cut {
namespace {

constexpr std::size_t kTypeAt = 4;
constexpr std::size_t kTypeBytes = 4;

std::uint64_t big_endian(const unsigned char* bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8U | bytes[i];
  return value;
}

constexpr std::uint64_t kMostFragmentBytes = 4U << 20U;

std::uint64_t number_at(std::string_view bytes, std::size_t offset, std::size_t count) {
  return big_endian(reinterpret_cast<const unsigned char*>(bytes.data()) + offset, count);
}

// The lowest composition offset of a track fragment run (§8.8.8), 0 where none is below zero.
std::int64_t lowest_in_run(std::string_view run) {
  if (run.size() < 8) return 0;
  const auto version = number_at(run, 0, 1);
  const auto flags = number_at(run, 1, 3);
  const auto samples = number_at(run, 4, 4);
  const bool has_offsets = (flags & 0x800U) != 0;
  if (version == 0 || !has_offsets) return 0;
  std::size_t at = 8 + ((flags & 0x1U) != 0 ? 4U : 0U) + ((flags & 0x4U) != 0 ? 4U : 0U);
  std::size_t stride = 0;
  for (const auto field : {0x100U, 0x200U, 0x400U, 0x800U}) {
    stride += (flags & field) != 0 ? 4U : 0U;
  }
  std::int64_t lowest = 0;
  for (std::uint64_t i = 0; i < samples && at + stride <= run.size(); ++i, at += stride) {
    const auto offset = static_cast<std::int32_t>(number_at(run, at + stride - 4, 4));
    lowest = std::min<std::int64_t>(lowest, offset);
  }
  return lowest;
}

// The same of all runs below `boxes`, the content of a moof or traf box.
std::int64_t lowest_offset(std::string_view boxes) {
  std::int64_t lowest = 0;
  while (boxes.size() >= 8) {
    const auto size = number_at(boxes, 0, 4);
    if (size < 8 || size > boxes.size()) break;
    const auto type = boxes.substr(kTypeAt, kTypeBytes);
    const auto content = boxes.substr(8, size - 8);
    if (type == "traf") lowest = std::min(lowest, lowest_offset(content));
    if (type == "trun") lowest = std::min(lowest, lowest_in_run(content));
    boxes.remove_prefix(size);
  }
  return lowest;
}

}  // namespace

bool begins_with_box(std::string_view bytes) {
  static constexpr std::array<std::string_view, 9> kFirst{"ftyp", "styp", "moof", "moov", "sidx",
                                                          "emsg", "prft", "free", "skip"};
  if (bytes.size() < kTypeAt + kTypeBytes) return false;
  return std::find(kFirst.begin(), kFirst.end(), bytes.substr(kTypeAt, kTypeBytes)) != kFirst.end();
}

void FragmentWatch::pass(std::string_view bytes) {
  while (!bytes.empty() && !broken_ && !to_the_end_) {
    if (left_ > 0) {
      const auto count = std::min<std::uint64_t>(left_, bytes.size());
      if (in_fragment_) fragment_.append(bytes.substr(0, count));
      left_ -= count;
      if (in_fragment_ && left_ == 0) read_fragment();
      bytes.remove_prefix(count);
      continue;
    }
    const auto count = std::min(header_needed_ - header_size_, bytes.size());
    std::memcpy(header_.data() + header_size_, bytes.data(), count);
    header_size_ += count;
    bytes.remove_prefix(count);
    if (header_size_ == header_needed_) header();
  }
}

// A size of 1 says that a longer one follows the type; of 0, that the box goes on to the end.
void FragmentWatch::header() {
  auto size = big_endian(header_.data(), kTypeAt);
  if (size == 1 && header_needed_ == kShortHeader) {
    header_needed_ = kLongHeader;
    return;
  }
  if (header_needed_ == kLongHeader) size = big_endian(header_.data() + kShortHeader, 8);
  const std::string_view type(reinterpret_cast<const char*>(header_.data()) + kTypeAt, kTypeBytes);
  has_fragment_ = has_fragment_ || type == "moof";
  to_the_end_ = size == 0;
  broken_ = !to_the_end_ && size < header_needed_;
  if (!to_the_end_ && !broken_) left_ = size - header_needed_;
  // Real ones have some kilobytes; what is larger is not looked into.
  in_fragment_ = type == "moof" && left_ <= kMostFragmentBytes;
  header_size_ = 0;
  header_needed_ = kShortHeader;
}

void FragmentWatch::read_fragment() {
  shift_ = std::max(shift_, -lowest_offset(fragment_));
  fragment_.clear();
  in_fragment_ = false;
}

std::string FragmentWatch::damage(bool whole) const {
  if (broken_) return "its boxes are broken";
  if (whole && (left_ > 0 || header_size_ > 0)) return "it ends within a box";
  if (whole && !has_fragment_) return "it holds no fragment (moof)";
  return {};
}

}  // namespace momentcut::cut
