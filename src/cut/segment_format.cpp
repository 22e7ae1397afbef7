#include "momentcut/cut/segment_format.hpp"

#include <algorithm>

#include "momentcut/cut/packed_audio.hpp"

namespace momentcut::cut {
namespace {

// Of a tag, pictures and all; a larger one is none.
constexpr std::size_t kMostTagBytes = 16U << 20U;
// Of what follows it, which tells the format.
constexpr std::size_t kFrameStart = 6;

bool ends_within_tag(std::string_view bytes) {
  const auto size = id3_size(bytes);
  return size > 0 && size <= kMostTagBytes && bytes.size() < size + kFrameStart;
}

}  // namespace

SegmentFormat format_of(std::string_view bytes) {
  TransportWatch packets;
  packets.pass(bytes.substr(0, 2 * kTransportPacketBytes));
  if (packets.began_with_packets()) return kTransportStream;
  if (begins_with_box(bytes)) return kFragmentedMovie;
  return {packed_audio_demuxer(bytes), true, true};
}

std::string_view SegmentWatch::pass(std::string_view bytes) {
  if (!began_) {
    if (!tag_.empty()) bytes = tag_.append(bytes);
    if (ends_within_tag(bytes)) {
      if (tag_.empty()) tag_ = bytes;
      return {};
    }
    began_ = true;
    format_ = format_of(bytes);
    if (format_ == kTransportStream) watch_.emplace<TransportWatch>();
    if (format_ == kFragmentedMovie) watch_.emplace<FragmentWatch>();
    if (format_.is_packed_audio) {
      timestamp_ = packed_audio_timestamp(bytes);
      bytes.remove_prefix(std::min(id3_size(bytes), bytes.size()));
    }
  } else if (!tag_.empty()) {
    tag_ = {};
  }
  if (auto* packets = std::get_if<TransportWatch>(&watch_)) packets->pass(bytes);
  if (auto* boxes = std::get_if<FragmentWatch>(&watch_)) boxes->pass(bytes);
  return bytes;
}

std::int64_t SegmentWatch::shift() const {
  const auto* boxes = std::get_if<FragmentWatch>(&watch_);
  return boxes == nullptr ? 0 : boxes->shift();
}

std::string SegmentWatch::damage(bool whole) const {
  if (const auto* packets = std::get_if<TransportWatch>(&watch_)) return packets->damage(whole);
  if (const auto* boxes = std::get_if<FragmentWatch>(&watch_)) return boxes->damage(whole);
  return {};
}

}  // namespace momentcut::cut
