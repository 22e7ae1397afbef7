#include "momentcut/cut/smart.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <vector>

#include <fmt/format.h>

namespace momentcut::cut {
namespace {

constexpr auto kNever = std::numeric_limits<std::int64_t>::max();

// What is wrong with the packets' timestamps for a copy; empty: nothing.
std::string timestamp_flaw(const std::vector<Packet>& packets) {
  std::optional<std::int64_t> before;
  for (const auto& packet : packets) {
    if (packet.pts == kNoTimestamp || packet.dts == kNoTimestamp) return "timestamps are missing";
    if (before && packet.dts <= *before) return "decoding timestamps do not rise";
    before = packet.dts;
  }
  return {};
}

// For every packet, the earliest time at which it or one behind it is shown; kNever at the end.
std::vector<std::int64_t> earliest_from(const std::vector<Packet>& packets) {
  std::vector<std::int64_t> earliest(packets.size() + 1, kNever);
  for (auto i = packets.size(); i-- > 0;) {
    earliest[i] = std::min(earliest[i + 1], packets[i].pts);
  }
  return earliest;
}

// The first key in the clip that is its first frame or has enough frames before it.
std::optional<std::int64_t> first_key(const FrameCut& frames, std::span<const std::int64_t> keys,
                                      std::size_t least_head) {
  for (const auto key : keys) {
    if (key < frames.first || key >= frames.end) continue;
    const auto at = std::lower_bound(frames.timestamps.begin(), frames.timestamps.end(), key);
    if (at == frames.timestamps.end() || *at != key) continue;
    const auto before = static_cast<std::size_t>(at - frames.timestamps.begin());
    if (before == 0 || before >= least_head) return key;
  }
  return {};
}

Refusal without_key(const Stream& video, const FrameCut& frames,
                    std::span<const std::int64_t> keys) {
  const auto is_inside = [&](std::int64_t pts) { return pts >= frames.first && pts < frames.end; };
  if (std::any_of(keys.begin(), keys.end(), is_inside)) {
    return {"the only IDR picture comes too soon after the first frame"};
  }
  const bool has_open_gop =
      std::any_of(video.packets.begin(), video.packets.end(),
                  [&](const Packet& packet) { return packet.key && is_inside(packet.pts); });
  return {has_open_gop ? "open GOP without IDR" : "no IDR picture in the range"};
}

FrameCut part_of(const FrameCut& frames, std::int64_t first, std::int64_t end) {
  FrameCut part;
  part.first = first;
  part.end = end;
  for (const auto timestamp : frames.timestamps) {
    if (timestamp >= first && timestamp < end) part.timestamps.push_back(timestamp);
  }
  return part;
}

// libx264's name of a profile that has what profile_idc has, for 8 bits of 4:2:0.
std::string_view profile_name(unsigned profile) {
  constexpr unsigned kBaseline = 66;
  constexpr unsigned kHigh = 100;
  if (profile == kBaseline) return "baseline";
  return profile < kHigh ? "main" : "high";
}

// Level 1b has a number of its own, or is 11 with a flag in the older profiles (§A.3.1, §A.3.2).
std::string level_name(const SequenceParameters& found) {
  constexpr unsigned kLevel1b = 9;
  constexpr unsigned kLevel11 = 11;
  constexpr unsigned kSet3 = 0x10;
  const bool is_flagged =
      found.profile < 100 && found.level == kLevel11 && (found.constraints & kSet3) != 0;
  if (found.level == kLevel1b || is_flagged) return "1b";
  return fmt::format("{}.{}", found.level / 10, found.level % 10);
}

}  // namespace

std::variant<CopyPlan, Refusal> plan_copy(const Stream& video, const FrameCut& frames,
                                          std::span<const std::int64_t> keys,
                                          std::size_t least_head) {
  const auto& packets = video.packets;
  if (auto flaw = timestamp_flaw(packets); !flaw.empty()) return Refusal{std::move(flaw)};
  const auto key = first_key(frames, keys, least_head);
  if (!key) return without_key(video, frames, keys);

  CopyPlan plan;
  const auto begin = std::find_if(packets.begin(), packets.end(),
                                  [&](const Packet& packet) { return packet.pts == *key; });
  if (begin == packets.end()) return Refusal{"its packets are not its frames"};
  plan.first = plan.last = static_cast<std::size_t>(begin - packets.begin());
  const auto earliest = earliest_from(packets);
  auto latest = *key;
  for (auto i = plan.first; i < packets.size() && latest < frames.end; ++i) {
    latest = std::max(latest, packets[i].pts);
    if (latest < frames.end && latest < earliest[i + 1]) plan.last = i + 1;
  }
  for (auto i = plan.first; i < plan.last; ++i) plan.leading += packets[i].pts < *key ? 1U : 0U;
  plan.head = part_of(frames, frames.first, *key);
  plan.tail = part_of(frames, earliest[plan.last], frames.end);
  plan.delay = *key - begin->dts;
  const auto& shown = frames.timestamps;
  const auto usual = end_of_last_frame(shown, video) - shown.back();
  plan.reorder =
      static_cast<std::size_t>(std::max<std::int64_t>(plan.delay + usual / 2, 0) / usual);
  const auto planned = plan.head.timestamps.size() + plan.copied() + plan.tail.timestamps.size();
  if (plan.copied() == 0) return Refusal{"nothing can be copied"};
  if (planned != shown.size()) return Refusal{"its packets are not its frames"};
  return plan;
}

std::int64_t copyable_end(const Stream& video, std::int64_t start, std::int64_t end) {
  const auto& packets = video.packets;
  const auto earliest = earliest_from(packets);
  auto i = static_cast<std::size_t>(std::find_if(packets.begin(), packets.end(),
                                                 [&](const Packet& p) { return p.pts == start; }) -
                                    packets.begin());
  auto latest = start;
  for (; i < packets.size(); ++i) {
    latest = std::max(latest, packets[i].pts);
    if (earliest[i + 1] < end || earliest[i + 1] <= latest) continue;
    if (latest < end) return end;
    if (earliest[i + 1] < kNever) return earliest[i + 1];
  }
  std::vector<std::int64_t> shown;
  for (const auto& packet : packets) {
    if (packet.pts >= start) shown.push_back(packet.pts);
  }
  std::sort(shown.begin(), shown.end());
  return shown.empty() ? end : std::max(end, end_of_last_frame(shown, video));
}

std::variant<EdgeEncoding, Refusal> edge_encoding(const ParameterSets& sets, std::size_t reorder) {
  if (sets.sequence.empty() || sets.picture.empty()) return Refusal{"no parameter sets were found"};
  if (sets.sequence.size() > 1) return Refusal{"the video's parameters change within the range"};
  const auto found = parse_sequence_parameters(sets.sequence.front());
  if (!found) return Refusal{"its parameter sets cannot be read"};
  if (found->chroma != 1 || found->luma_bits != 8 || found->chroma_bits != 8) {
    return Refusal{"the video is not 8-bit 4:2:0"};
  }
  if (!found->frames_only) return Refusal{"the video is interlaced"};
  std::set<unsigned> used{found->id};
  std::set<unsigned> pictures;
  for (const auto& unit : sets.picture) {
    const auto picture = parse_picture_parameters(unit);
    if (!picture) return Refusal{"its parameter sets cannot be read"};
    if (!pictures.insert(picture->id).second) {
      return Refusal{"the video's parameters change within the range"};
    }
    used.insert(picture->id);
  }
  EdgeEncoding edge;
  edge.profile = profile_name(found->profile);
  edge.level = level_name(*found);
  edge.references = std::max(found->references, 1U);
  // The delays that libx264 has: none, one frame, or two with a pyramid.
  if (reorder > 0) edge.b_frames = reorder == 1 ? 2 : 3;
  edge.b_pyramid = reorder > 1;
  // libx264 gives both of its sets one id.
  std::vector<unsigned> free;
  for (unsigned id = 0; id <= kMostSequenceId; ++id) {
    if (!used.contains(id)) free.push_back(id);
  }
  if (free.size() < 2) return Refusal{"its parameter sets leave no id free"};
  edge.head_id = free[0];
  edge.tail_id = free[1];
  return edge;
}

}  // namespace momentcut::cut
