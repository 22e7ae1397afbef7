// Languages as HLS and as MP4 name them.
#pragma once

#include <string>
#include <string_view>

namespace momentcut::cut {

// The code that an MP4 track has (ISO 639-2/T, three letters) for a LANGUAGE of HLS (RFC 5646, as
// "en-US" or "yue"); "und" where there is none.
std::string mp4_language(std::string_view tag);

}  // namespace momentcut::cut
