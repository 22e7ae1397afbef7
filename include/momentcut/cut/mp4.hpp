// The index of an MP4 file (ISO/IEC 14496-12): put before its media, with more parameter sets in
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "momentcut/cut/h264.hpp"

namespace momentcut::cut {

// The header of a box (§4.2).
struct BoxHeader {
  static constexpr std::size_t kMostBytes = 16;

  std::string type;        // four bytes
  std::uint64_t size = 0;  // of the whole box, this header included; 0: to the end of the file
};

// From the first bytes of a box, kMostBytes of them unless the file is over; nullopt: they are
// none.
std::optional<BoxHeader> parse_box_header(std::string_view bytes);

// `moov`, a whole moov box that stands behind the media it speaks of, as it is to be in front of
// it: every chunk offset (§8.7.5) later by the box's own size. The one H.264 track in it also gets
// those of `sets` that its decoder configuration (ISO/IEC 14496-15 §5.3.3.1) does not have, since
// some decoders read parameter sets nowhere else. Throws core::Error(bad_data) where the boxes do
// not hold together, lack what is to be changed, or where an offset would not fit.
std::string index_for_front(std::string_view moov, const ParameterSets& sets);

}  // namespace momentcut::cut
