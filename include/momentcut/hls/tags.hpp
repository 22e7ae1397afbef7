// The tags that RFC 8216 and rfc8216bis know, and the kind of playlist in which each may stand.
#pragma once

#include <string_view>

namespace momentcut::hls {

enum class Tag {
  // Either kind of playlist.
  version,
  independent_segments,
  start,
  define,
  endlist,
  // Media playlists.
  extinf,
  byterange,
  discontinuity,
  key,
  map,
  program_date_time,
  gap,
  bitrate,
  target_duration,
  media_sequence,
  discontinuity_sequence,
  playlist_type,
  iframes_only,
  skip,
  // Multivariant playlists.
  media,
  stream_inf,
  iframe_stream_inf,
  // Known, but without a say in a cut: read without harm.
  ignored,
};

enum class Kind { either, media, multivariant };

struct TagInfo {
  std::string_view name;  // with its '#'
  Tag tag;
  Kind kind;
};

// The tag called `name` ("#EXTINF", without the colon and what follows it), or nullptr for a
// comment or an unknown tag, which clients ignore (RFC 8216 §6.3.1).
//
// EXT-X-ENDLIST and the withdrawn EXT-X-ALLOW-CACHE belong to either kind although the RFC gives
// them to media playlists: packagers write them into multivariant ones, players do not mind, and
// there they say nothing that a cut could get wrong.
const TagInfo* find_tag(std::string_view name) noexcept;

}  // namespace momentcut::hls
