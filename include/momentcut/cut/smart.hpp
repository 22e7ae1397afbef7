// Which packets of a video a clip can take as they are, and which frames at its edges must be
// encoded; or why it cannot be done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include "momentcut/cut/h264.hpp"
#include "momentcut/cut/plan.hpp"
#include "momentcut/cut/probe.hpp"

namespace momentcut::cut {

// Why a clip cannot be copied: "open GOP without IDR".
struct Refusal {
  std::string why;
};

// A clip of three parts, each perhaps empty but the second. Timestamps are those of the video.
struct CopyPlan {
  FrameCut head;            // frames to encode, before the first packet that is copied
  std::size_t first = 0;    // packets [first, last), in the order of decoding, are copied,
  std::size_t last = 0;     //   but for those that are shown before the first of them:
  std::size_t leading = 0;  // so many
  FrameCut tail;            // frames to encode, after the last one
  std::int64_t delay = 0;   // from decoding to showing the first packet that is copied
  std::size_t reorder = 0;  // the same in frames

  [[nodiscard]] std::size_t copied() const { return last - first - leading; }
  [[nodiscard]] bool has_edges() const { return !head.empty() || !tail.empty(); }
};

// Some players swallow the frames before a change of parameters where there are fewer.
inline constexpr std::size_t kLeastHead = 8;

// The plan for `frames` of `video`. `keys` (ascending pts) are the packets at which decoding can
// begin afresh: of H.264, its IDR pictures. Copying begins at the first of them in the clip that is
// its first frame or has `least_head` frames before it, and goes on as long as what was copied
// leaves no hole.
std::variant<CopyPlan, Refusal> plan_copy(const Stream& video, const FrameCut& frames,
                                          std::span<const std::int64_t> keys,
                                          std::size_t least_head = kLeastHead);

// When a clip of packets from the one shown at `start` on, none of them encoded, can end that is to
// show all frames before `end`: at `end`, or where the packets that those frames need are over.
// `video` holds packets with timestamps alone.
std::int64_t copyable_end(const Stream& video, std::int64_t start, std::int64_t end);

// How libx264 encodes frames so that one decoder plays them with the copied ones.
struct EdgeEncoding {
  std::string profile;      // in libx264's words
  std::string level;        // likewise
  unsigned references = 1;  // frames that it refers to
  unsigned b_frames = 0;
  bool b_pyramid = false;
  // Of their parameter sets, which the video's have not. Head and tail may differ in their sets.
  unsigned head_id = 0;
  unsigned tail_id = 0;
};

// For a video with these parameter sets that shows its first packet `reorder` frames after it was
// decoded. Refuses what libx264 cannot match, and parameters that change within the video.
std::variant<EdgeEncoding, Refusal> edge_encoding(const ParameterSets& sets, std::size_t reorder);

}  // namespace momentcut::cut
