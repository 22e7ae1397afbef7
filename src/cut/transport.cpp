#include "momentcut/cut/transport.hpp"

#include <algorithm>
#include <cstring>

namespace momentcut::cut {
namespace {

constexpr unsigned char kSyncByte = 0x47;
constexpr unsigned kNullPid = 0x1fff;

}  // namespace

TransportWatch::TransportWatch() : counters_(kNullPid + 1, -1) {}

void TransportWatch::pass(std::string_view bytes) {
  while (!bytes.empty()) {
    if (partial_size_ == 0 && bytes.size() >= kTransportPacketBytes) {
      packet(reinterpret_cast<const unsigned char*>(bytes.data()));
      bytes.remove_prefix(kTransportPacketBytes);
      continue;
    }
    const auto count = std::min(bytes.size(), kTransportPacketBytes - partial_size_);
    std::memcpy(partial_.data() + partial_size_, bytes.data(), count);
    partial_size_ += count;
    bytes.remove_prefix(count);
    if (partial_size_ == kTransportPacketBytes) {
      packet(partial_.data());
      partial_size_ = 0;
    }
  }
}

void TransportWatch::packet(const unsigned char* bytes) {
  const bool in_sync = bytes[0] == kSyncByte;
  if (packets_ < 2) begins_right_ = begins_right_ && in_sync;
  ++packets_;
  lost_sync_ = lost_sync_ || !in_sync;
  if (!in_sync) return;
  const unsigned pid = (bytes[1] & 0x1fU) << 8U | bytes[2];
  const bool has_adaptation = (bytes[3] & 0x20U) != 0;
  const bool has_payload = (bytes[3] & 0x10U) != 0;
  if (pid == kNullPid) return;
  auto& last = counters_[pid];
  const auto counter = static_cast<std::int8_t>(bytes[3] & 0x0fU);
  const bool announced = has_adaptation && bytes[4] > 0 && (bytes[5] & 0x80U) != 0;
  // It counts packets with a payload; a packet may be sent twice.
  const bool follows = counter == last || counter == ((last + 1) & 0x0f);
  if (last >= 0 && has_payload && !announced && !follows) packets_missing_ = true;
  last = counter;
}

bool TransportWatch::began_with_packets() const {
  const bool rest_is_right = partial_size_ == 0 || partial_[0] == kSyncByte;
  if (packets_ == 0) return partial_size_ > 0 && rest_is_right;
  return begins_right_ && (packets_ > 1 || rest_is_right);
}

std::string TransportWatch::damage(bool whole) const {
  if (!began_with_packets()) return "it is not MPEG-TS";
  if (lost_sync_) return "bytes in it are no MPEG-TS packets";
  if (packets_missing_) return "packets are missing in it";
  if (whole && partial_size_ != 0) return "it ends within a packet";
  return {};
}

}  // namespace momentcut::cut
