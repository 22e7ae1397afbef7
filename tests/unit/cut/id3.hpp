// ID3 tags as packagers put them before packed audio, for the tests.
#pragma once

#include <cstdint>
#include <string>

namespace momentcut::cut {

inline std::string big_endian_bytes(std::uint64_t value, unsigned count, unsigned bits = 8) {
  std::string bytes;
  for (unsigned i = count; i > 0; --i) {
    bytes += static_cast<char>(value >> (bits * (i - 1)) & ((1U << bits) - 1));
  }
  return bytes;
}

// Version 2.3 counts a frame's bytes in eight bits a byte, 2.4 in seven.
inline std::string id3_frame(const std::string& id, const std::string& content, int version = 4) {
  return id + big_endian_bytes(content.size(), 4, version == 3 ? 8 : 7) + std::string(2, '\0') +
         content;
}

inline std::string id3_tag(const std::string& frames, int version = 4) {
  return "ID3" + std::string(1, static_cast<char>(version)) + std::string(2, '\0') +
         big_endian_bytes(frames.size(), 4, 7) + frames;
}

// What the frame that tells a segment's timestamp holds (RFC 8216 §3.4).
inline std::string timestamp_of(std::int64_t ticks) {
  return "com.apple.streaming.transportStreamTimestamp" + std::string(1, '\0') +
         big_endian_bytes(static_cast<std::uint64_t>(ticks), 8);
}

inline std::string timestamp_tag(std::int64_t ticks) {
  return id3_tag(id3_frame("PRIV", timestamp_of(ticks)));
}

}  // namespace momentcut::cut
