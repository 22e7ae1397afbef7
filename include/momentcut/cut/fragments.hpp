// Whether a fragmented MP4 segment's boxes are all there (ISO/IEC 14496-12 §4.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace momentcut::cut {

// Whether `bytes` begin with a box that a fragmented MP4 segment, or its initialization section,
// may begin with: ftyp, styp, moof, moov, sidx, emsg, prft, free, skip.
bool begins_with_box(std::string_view bytes);

// Watches the bytes of one segment pass by, in pieces of any size.
class FragmentWatch {
 public:
  void pass(std::string_view bytes);

  // What is wrong with the segment as far as it was seen, one phrase; empty: nothing. `whole` says
  // that it ended: it must then end with a box, and hold a fragment (moof).
  [[nodiscard]] std::string damage(bool whole) const;

  // By how much ffmpeg's demuxer shows pictures later than the boxes say (§8.8.8): where
  // composition offsets are negative, it moves all of the track's by the lowest one, in ticks of
  // the track, and no other track's. 0: it does not.
  [[nodiscard]] std::int64_t shift() const { return shift_; }

 private:
  void header();
  void read_fragment();

  static constexpr std::size_t kShortHeader = 8;  // size and type
  static constexpr std::size_t kLongHeader = 16;  // with a size of 64 bits

  std::array<unsigned char, kLongHeader> header_{};
  std::size_t header_size_ = 0;  // bytes of it that were seen
  std::size_t header_needed_ = kShortHeader;
  std::uint64_t left_ = 0;  // bytes of the box's content that are still to come
  bool to_the_end_ = false;
  bool broken_ = false;
  bool has_fragment_ = false;
  bool in_fragment_ = false;
  std::string fragment_;  // the content of the moof box that is passing by
  std::int64_t shift_ = 0;
};

}  // namespace momentcut::cut
