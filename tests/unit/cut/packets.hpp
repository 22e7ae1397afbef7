// Streams of packets as ffprobe would tell of them, for the cut tests.
#pragma once

#include <cstdint>
#include <vector>

#include "momentcut/cut/probe.hpp"

namespace momentcut::cut {

// 25 frames a second.
inline constexpr std::int64_t kFrame = 3'600;

// `count` frames from `first_pts` on, a key frame every `gop`, no reordering.
inline std::vector<Packet> plain_frames(std::int64_t first_pts, std::size_t count,
                                        std::size_t gop) {
  std::vector<Packet> packets;
  for (std::size_t i = 0; i < count; ++i) {
    const auto pts = first_pts + static_cast<std::int64_t>(i) * kFrame;
    packets.push_back({pts, pts, kFrame, static_cast<std::int64_t>(i) * 188, i % gop == 0});
  }
  return packets;
}

// Groups of pictures in decoding order I P b b P b b …, shown as I b b P b b P: `groups` of 1 + 3 *
// `triples` frames, the first of which is shown at `first_pts`.
inline std::vector<Packet> reordered_frames(std::int64_t first_pts, int groups, int triples) {
  std::vector<Packet> packets;
  const auto add = [&](std::int64_t shown, bool key) {
    const auto decoded = static_cast<std::int64_t>(packets.size());
    packets.push_back({first_pts + shown * kFrame, first_pts + (decoded - 1) * kFrame, kFrame,
                       decoded * 188, key});
  };
  std::int64_t group_start = 0;
  for (int group = 0; group < groups; ++group) {
    add(group_start, true);
    for (int i = 0; i < triples; ++i) {
      const auto before = group_start + i * 3;
      add(before + 3, false);
      add(before + 1, false);
      add(before + 2, false);
    }
    group_start += 1 + triples * 3;
  }
  return packets;
}

inline Stream video_of(std::vector<Packet> packets) {
  Stream stream;
  stream.codec = "h264";
  stream.width = 1280;
  stream.height = 720;
  stream.packets = std::move(packets);
  return stream;
}

}  // namespace momentcut::cut
