#include "momentcut/hls/tags.hpp"

#include <algorithm>
#include <array>

namespace momentcut::hls {
namespace {

// Found by a linear search: the tags that stand at each segment come first.
constexpr std::array kTags{
    TagInfo{"#EXTINF", Tag::extinf, Kind::media},
    TagInfo{"#EXT-X-BYTERANGE", Tag::byterange, Kind::media},
    TagInfo{"#EXT-X-PROGRAM-DATE-TIME", Tag::program_date_time, Kind::media},
    TagInfo{"#EXT-X-PART", Tag::ignored, Kind::media},
    TagInfo{"#EXT-X-BITRATE", Tag::bitrate, Kind::media},
    TagInfo{"#EXT-X-KEY", Tag::key, Kind::media},
    TagInfo{"#EXT-X-MAP", Tag::map, Kind::media},
    TagInfo{"#EXT-X-DISCONTINUITY", Tag::discontinuity, Kind::media},
    TagInfo{"#EXT-X-GAP", Tag::gap, Kind::media},
    TagInfo{"#EXT-X-DATERANGE", Tag::ignored, Kind::media},
    TagInfo{"#EXT-X-VERSION", Tag::version, Kind::either},
    TagInfo{"#EXT-X-TARGETDURATION", Tag::target_duration, Kind::media},
    TagInfo{"#EXT-X-MEDIA-SEQUENCE", Tag::media_sequence, Kind::media},
    TagInfo{"#EXT-X-DISCONTINUITY-SEQUENCE", Tag::discontinuity_sequence, Kind::media},
    TagInfo{"#EXT-X-PLAYLIST-TYPE", Tag::playlist_type, Kind::media},
    TagInfo{"#EXT-X-ENDLIST", Tag::endlist, Kind::either},
    TagInfo{"#EXT-X-INDEPENDENT-SEGMENTS", Tag::independent_segments, Kind::either},
    TagInfo{"#EXT-X-START", Tag::start, Kind::either},
    TagInfo{"#EXT-X-DEFINE", Tag::define, Kind::either},
    TagInfo{"#EXT-X-I-FRAMES-ONLY", Tag::iframes_only, Kind::media},
    TagInfo{"#EXT-X-SKIP", Tag::skip, Kind::media},
    TagInfo{"#EXT-X-PART-INF", Tag::ignored, Kind::media},
    TagInfo{"#EXT-X-SERVER-CONTROL", Tag::ignored, Kind::media},
    TagInfo{"#EXT-X-PRELOAD-HINT", Tag::ignored, Kind::media},
    TagInfo{"#EXT-X-RENDITION-REPORT", Tag::ignored, Kind::media},
    TagInfo{"#EXT-X-ALLOW-CACHE", Tag::ignored, Kind::either},
    TagInfo{"#EXT-X-STREAM-INF", Tag::stream_inf, Kind::multivariant},
    TagInfo{"#EXT-X-MEDIA", Tag::media, Kind::multivariant},
    TagInfo{"#EXT-X-I-FRAME-STREAM-INF", Tag::iframe_stream_inf, Kind::multivariant},
    TagInfo{"#EXT-X-SESSION-DATA", Tag::ignored, Kind::multivariant},
    TagInfo{"#EXT-X-SESSION-KEY", Tag::ignored, Kind::multivariant},
    TagInfo{"#EXT-X-CONTENT-STEERING", Tag::ignored, Kind::multivariant},
};

}  // namespace

const TagInfo* find_tag(std::string_view name) noexcept {
  const auto* const found = std::find_if(kTags.begin(), kTags.end(),
                                         [name](const TagInfo& info) { return info.name == name; });
  return found == kTags.end() ? nullptr : found;
}

}  // namespace momentcut::hls
