// From the text of a playlist to its values (RFC 8216 §4, rfc8216bis §4).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "momentcut/hls/playlist.hpp"

namespace momentcut::hls {

// What is refused rather than swallowed, whoever wrote the playlist.
inline constexpr std::size_t kMostPlaylistBytes = 64U << 20U;
inline constexpr std::size_t kMostLineBytes = 64U << 10U;
inline constexpr std::size_t kMostSegments = 1'000'000;
inline constexpr std::size_t kMostVariants = 10'000;  // variants and media renditions together

struct ParseContext {
  // What errors call the playlist: its path or URL.
  std::string name;
  // Variables that EXT-X-DEFINE:IMPORT may take: those of the multivariant playlist it came from.
  std::vector<std::pair<std::string, std::string>> imports;
  // The query parameters of the playlist's own URI, decoded, for EXT-X-DEFINE:QUERYPARAM.
  std::vector<std::pair<std::string, std::string>> query_parameters;
};

// Parses `text`, which is UTF-8 with or without a BOM, lines ending in LF or CRLF, the last one
// perhaps unended. Tags that do not matter to a cut, and unknown ones, are skipped.
//
// Throws core::Error(bad_data) whose message is "NAME:LINE: reason" for what would make a cut
// wrong: no #EXTM3U, both media and multivariant tags, a number that is negative, not a number or
// too large, an attribute list that does not close, a required attribute that is missing, an
// undefined variable, an implied byte range offset with nothing before it, EXTINF without a URI in
// an ended playlist, or a limit above.
Playlist parse(std::string_view text, const ParseContext& context);

}  // namespace momentcut::hls
