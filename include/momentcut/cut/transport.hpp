// Whether a segment's MPEG-TS packets are all there (ISO/IEC 13818-1 §2.4.3).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace momentcut::cut {

inline constexpr std::size_t kTransportPacketBytes = 188;

// Watches the bytes of one segment pass by, in pieces of any size.
class TransportWatch {
 public:
  TransportWatch();

  void pass(std::string_view bytes);

  // What is wrong with the segment as far as it was seen, one phrase; empty: nothing. `whole` says
  // that it ended: it must then end with a packet. Found are bytes that are no packets, and packets
  // that are missing by their continuity counter (§2.4.3.3), which counts anew for each segment, as
  // packagers may reset it.
  [[nodiscard]] std::string damage(bool whole) const;
  // Whether it began with packets at all: the first two, as far as there are two.
  [[nodiscard]] bool began_with_packets() const;

 private:
  void packet(const unsigned char* bytes);

  std::array<unsigned char, kTransportPacketBytes> partial_{};
  std::size_t partial_size_ = 0;
  std::vector<std::int8_t> counters_;  // the last one of each PID; -1: none yet
  std::uint64_t packets_ = 0;
  bool begins_right_ = true;
  bool lost_sync_ = false;
  bool packets_missing_ = false;
};

}  // namespace momentcut::cut
