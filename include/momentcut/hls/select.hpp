// Which rendition of a multivariant playlist is meant by the name a user gives.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "momentcut/hls/playlist.hpp"

namespace momentcut::hls {

// One choice among a multivariant playlist's variants or its audio renditions.
struct Selection {
  std::string name;  // what the user may call it: "720p60"
  std::string uri;   // of its media playlist, as written
  bool audio_only = false;
  std::optional<std::size_t> variant;  // index into variants, where it is one
  std::uint32_t line = 0;              // of the tag or URI that names it
};

// The name of each variant, in playlist order, unique: its NAME attribute, else its VIDEO group,
// else the folder in which its playlist alone lies ("720p60/playlist.m3u8", as AWS IVS lays them
// out), else "720p30" from RESOLUTION and FRAME-RATE, else the playlist's file name without
// extension, else "variant3". Equal names get "-2", "-3" appended.
std::vector<std::string> variant_names(const MultivariantPlaylist& playlist);

// Chooses by `wanted`:
//   "best"            highest resolution, then frame rate, then bandwidth
//   "worst"           lowest of the same, among the variants with video
//   "audio"           an audio-only variant or AUDIO rendition with a playlist of its own (the
//                     DEFAULT one first), else the best variant, of which only the audio is cut;
//                     audio_only is set
//   an exact name     one of variant_names(), a VIDEO group, a NAME or a folder name
//   "720p", "720p30"  by height, and frame rate rounded to the nearest whole number: the best such
// Throws core::Error(not_found), listing what is there, when nothing matches, and
// core::Error(bad_data) when the playlist has no variants.
Selection select_rendition(const MultivariantPlaylist& playlist, std::string_view wanted,
                           std::string_view playlist_name);

}  // namespace momentcut::hls
