// How a segment's media is packaged (RFC 8216 §3), told by how it begins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "momentcut/cut/fragments.hpp"
#include "momentcut/cut/transport.hpp"

namespace momentcut::cut {

// What reads a kind of segment, and how its timestamps count.
struct SegmentFormat {
  // ffmpeg's demuxer: fixed with -f and -format_whitelist, so that a segment's content never
  // chooses another one. Empty: it is none that can be read.
  std::string_view demuxer;
  // Timestamps are counted modulo 2^33 at 90 kHz (MPEG-TS, and packed audio's ID3).
  bool wraps = true;
  // The audio itself has no timestamps; those of its segments' ID3 tags count.
  bool is_packed_audio = false;

  [[nodiscard]] bool known() const { return !demuxer.empty(); }
  friend bool operator==(const SegmentFormat&, const SegmentFormat&) = default;
};

inline constexpr SegmentFormat kTransportStream{"mpegts", true, false};
inline constexpr SegmentFormat kFragmentedMovie{"mov", false, false};

// The format of a segment that begins with `bytes`.
SegmentFormat format_of(std::string_view bytes);

// Watches the bytes of one segment pass by, whatever its format is.
class SegmentWatch {
 public:
  // In pieces of any size, but for the first one, which should tell the format: 1 KiB is enough. Of
  // packed audio, what follows its ID3 tag tells it, and the tag may be as large as a picture.
  // Returns, until the next call, what is to be read as media: all but that tag, whose picture
  // would be taken for video, and whose size for another format.
  std::string_view pass(std::string_view bytes);

  // Whether all that has passed is the beginning of an ID3 tag: the format is not known yet.
  [[nodiscard]] bool within_tag() const { return !began_ && !tag_.empty(); }

  [[nodiscard]] const SegmentFormat& format() const { return format_; }
  // Of packed audio, the timestamp of its first sample, in ticks of 90 kHz.
  [[nodiscard]] std::optional<std::int64_t> timestamp() const { return timestamp_; }
  // FragmentWatch::shift(); 0 for what is no fragmented MP4.
  [[nodiscard]] std::int64_t shift() const;
  // What is wrong with the segment as far as it was seen, one phrase; empty: nothing. `whole` says
  // that it ended.
  [[nodiscard]] std::string damage(bool whole) const;

 private:
  SegmentFormat format_;
  std::optional<std::int64_t> timestamp_;
  std::variant<std::monostate, TransportWatch, FragmentWatch> watch_;
  std::string tag_;  // until it is whole
  bool began_ = false;
};

}  // namespace momentcut::cut
