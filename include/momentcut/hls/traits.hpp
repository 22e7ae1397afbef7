// What the attributes and the URI of a variant tell about its picture and its name.
#pragma once

#include <cstdint>
#include <string_view>

#include "momentcut/hls/playlist.hpp"

namespace momentcut::hls {

// The folder that the file of a URI lies in, as written: "720p60" for "720p60/playlist.m3u8?a=b"
// and for "https://host/x/720p60/playlist.m3u8"; empty for none, ".", ".." and a bare host.
std::string_view folder_of(std::string_view uri) noexcept;

// The file name of a URI without its last extension, as written: "playlist"; may be empty.
std::string_view stem_of(std::string_view uri) noexcept;

// Frames a second to the nearest whole number; 0 when not known (or beyond a million).
std::uint64_t rounded_rate(const Variant& variant) noexcept;

// In pixels; 0 when not known. The smaller side is the height, and of a portrait video the width:
// 720x1280 is called 720p as well.
std::uint32_t height_of(const Variant& variant) noexcept;
std::uint32_t smaller_side(const Variant& variant) noexcept;

// Whether CODECS (RFC 6381: "avc1.4D401F,mp4a.40.2") has one of video.
bool names_video_codec(std::string_view codecs);

}  // namespace momentcut::hls
