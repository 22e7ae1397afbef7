// Which audio and which subtitles belong to a variant (RFC 8216 §4.3.4.1.1, §4.3.4.2.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "momentcut/hls/playlist.hpp"

namespace momentcut::hls {

struct MediaSelection {
  std::string name;
  std::string language;            // as RFC 5646 has it; empty: not known
  std::optional<std::string> uri;  // of its media playlist; nullopt: it is in the variant's own
  std::uint32_t line = 0;          // of the tag that names it
};

// Chooses in the AUDIO group of `variant` by `wanted`: a NAME, a LANGUAGE ("en" is also "en-US"),
// or empty for the one that players take: the DEFAULT one, else the first with AUTOSELECT, else the
// first. A variant without a group has its audio in its own segments. Throws
// core::Error(not_found), listing what there is, where nothing is what is wanted.
MediaSelection select_audio(const MultivariantPlaylist& playlist, const Variant& variant,
                            std::string_view wanted, std::string_view playlist_name);

// Chooses in the SUBTITLES group of `variant` by NAME or LANGUAGE, as above. Throws
// core::Error(not_found), listing what there is, where nothing is what is wanted.
MediaSelection select_subtitles(const MultivariantPlaylist& playlist, const Variant& variant,
                                std::string_view wanted, std::string_view playlist_name);

}  // namespace momentcut::hls
