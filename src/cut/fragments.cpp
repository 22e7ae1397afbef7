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
      left_ -= count;
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
  header_size_ = 0;
  header_needed_ = kShortHeader;
}

std::string FragmentWatch::damage(bool whole) const {
  if (broken_) return "its boxes are broken";
  if (whole && (left_ > 0 || header_size_ > 0)) return "it ends within a box";
  if (whole && !has_fragment_) return "it holds no fragment (moof)";
  return {};
}

}  // namespace momentcut::cut
