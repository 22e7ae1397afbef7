#include "momentcut/cut/packed_audio.hpp"

#include <algorithm>

namespace momentcut::cut {
namespace {

constexpr std::size_t kTagHeader = 10;
constexpr std::size_t kFrameHeader = 10;
constexpr std::string_view kOwner = "com.apple.streaming.transportStreamTimestamp";
constexpr std::size_t kTimestampBytes = 8;
constexpr std::uint64_t kMask = (std::uint64_t{1} << 33U) - 1;

unsigned byte_at(std::string_view bytes, std::size_t index) {
  return static_cast<unsigned char>(bytes[index]);
}

// Seven bits a byte, so that no size looks like the beginning of an audio frame.
std::size_t synchsafe(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 7U | (byte_at(bytes, i) & 0x7fU);
  return value;
}

std::size_t plain_size(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | byte_at(bytes, i);
  return value;
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value = value << 8U | byte_at(bytes, i);
  return value;
}

}  // namespace

std::size_t id3_size(std::string_view bytes) {
  if (bytes.size() < kTagHeader || !bytes.starts_with("ID3")) return 0;
  const bool has_footer = (byte_at(bytes, 5) & 0x10U) != 0;
  return kTagHeader + synchsafe(bytes.substr(6)) + (has_footer ? kTagHeader : 0);
}

std::optional<std::int64_t> packed_audio_timestamp(std::string_view bytes) {
  const auto size = std::min(id3_size(bytes), bytes.size());
  if (size < kTagHeader) return {};
  const bool is_v24 = byte_at(bytes, 3) >= 4;
  auto frames = bytes.substr(kTagHeader, size - kTagHeader);
  while (frames.size() >= kFrameHeader && frames.front() != '\0') {
    // Version 2.3 has plain sizes (§3.3 there), 2.4 has synchsafe ones.
    const auto length = is_v24 ? synchsafe(frames.substr(4)) : plain_size(frames.substr(4));
    if (length > frames.size() - kFrameHeader) return {};
    const auto content = frames.substr(kFrameHeader, length);
    const bool is_wanted = frames.starts_with("PRIV") && content.starts_with(kOwner) &&
                           content.size() == kOwner.size() + 1 + kTimestampBytes;
    if (is_wanted) {
      return static_cast<std::int64_t>(big_endian(content.substr(kOwner.size() + 1)) & kMask);
    }
    frames.remove_prefix(kFrameHeader + length);
  }
  return {};
}

std::string_view packed_audio_demuxer(std::string_view bytes) {
  bytes.remove_prefix(std::min(id3_size(bytes), bytes.size()));
  if (bytes.size() < 6) return {};
  const auto first = byte_at(bytes, 0);
  const auto second = byte_at(bytes, 1);
  // AC-3 (ETSI TS 102 366 §4.4.1, E.1.2.2): the same sync word, told apart by bsid.
  if (first == 0x0bU && second == 0x77U) return byte_at(bytes, 5) >> 3U <= 10 ? "ac3" : "eac3";
  if (first != 0xffU || (second & 0xe0U) != 0xe0U) return {};
  // ADTS (ISO/IEC 13818-7 §6.2) has twelve sync bits and layer 0; MPEG audio has another layer.
  const bool has_layer = (second & 0x06U) != 0;
  if (has_layer) return "mp3";
  return (second & 0xf0U) == 0xf0U ? "aac" : "";
}

}  // namespace momentcut::cut
