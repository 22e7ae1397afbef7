// Videos as encoders code them, for the tests of what can be copied: groups of pictures, each of
// which says when its pictures are shown, in the order of decoding.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "cut/packets.hpp"
#include "momentcut/cut/plan.hpp"
#include "momentcut/cut/probe.hpp"

namespace momentcut::cut {

using Group = std::vector<int>;

// I P P P …
inline Group plain_group(int size) {
  Group group;
  for (int i = 0; i < size; ++i) group.push_back(i);
  return group;
}

// I P b b P b b …
inline Group b_frame_group(int triples) {
  Group group{0};
  for (int at = 0; at < 3 * triples; at += 3) {
    for (const int shown : {3, 1, 2}) group.push_back(at + shown);
  }
  return group;
}

// I P B b b P B b b …
inline Group pyramid_group(int fours) {
  Group group{0};
  for (int at = 0; at < 4 * fours; at += 4) {
    for (const int shown : {4, 2, 1, 3}) group.push_back(at + shown);
  }
  return group;
}

struct Coded {
  Stream video;
  std::vector<std::int64_t> keys;  // of its groups
};

// Frames of kFrame ticks, the first shown at `first`, and `delay` frames after it was decoded. Each
// group's first picture is its key.
inline Coded coded(const std::vector<Group>& groups, int delay, std::int64_t first = 0) {
  Coded made;
  std::vector<Packet> packets;
  std::int64_t start = 0;
  for (const auto& group : groups) {
    for (std::size_t i = 0; i < group.size(); ++i) {
      const auto decoded = static_cast<std::int64_t>(packets.size());
      const auto pts = first + (start + group[i]) * kFrame;
      packets.push_back({pts, first + (decoded - delay) * kFrame, kFrame, decoded * 188, i == 0});
      if (i == 0) made.keys.push_back(pts);
    }
    start += static_cast<std::int64_t>(group.size());
  }
  made.video = video_of(std::move(packets));
  return made;
}

// What of the video is shown in [first, end).
inline FrameCut frames_between(const Stream& video, std::int64_t first, std::int64_t end) {
  FrameCut frames;
  frames.first = first;
  frames.end = end;
  for (const auto& packet : video.packets) {
    if (packet.pts >= first && packet.pts < end) frames.timestamps.push_back(packet.pts);
  }
  std::sort(frames.timestamps.begin(), frames.timestamps.end());
  return frames;
}

}  // namespace momentcut::cut
