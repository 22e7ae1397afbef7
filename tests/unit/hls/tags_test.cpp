// The table of tags.
#include "momentcut/hls/tags.hpp"

#include <doctest/doctest.h>

using namespace momentcut::hls;

TEST_CASE("every tag of RFC 8216 and rfc8216bis is known") {
  for (const auto* name : {"#EXT-X-VERSION",
                           "#EXT-X-INDEPENDENT-SEGMENTS",
                           "#EXT-X-START",
                           "#EXT-X-DEFINE",
                           "#EXT-X-TARGETDURATION",
                           "#EXT-X-MEDIA-SEQUENCE",
                           "#EXT-X-DISCONTINUITY-SEQUENCE",
                           "#EXT-X-ENDLIST",
                           "#EXT-X-PLAYLIST-TYPE",
                           "#EXT-X-I-FRAMES-ONLY",
                           "#EXT-X-PART-INF",
                           "#EXT-X-SERVER-CONTROL",
                           "#EXTINF",
                           "#EXT-X-BYTERANGE",
                           "#EXT-X-DISCONTINUITY",
                           "#EXT-X-KEY",
                           "#EXT-X-MAP",
                           "#EXT-X-PROGRAM-DATE-TIME",
                           "#EXT-X-GAP",
                           "#EXT-X-BITRATE",
                           "#EXT-X-PART",
                           "#EXT-X-DATERANGE",
                           "#EXT-X-SKIP",
                           "#EXT-X-PRELOAD-HINT",
                           "#EXT-X-RENDITION-REPORT",
                           "#EXT-X-MEDIA",
                           "#EXT-X-STREAM-INF",
                           "#EXT-X-I-FRAME-STREAM-INF",
                           "#EXT-X-SESSION-DATA",
                           "#EXT-X-SESSION-KEY",
                           "#EXT-X-CONTENT-STEERING",
                           "#EXT-X-ALLOW-CACHE"}) {
    CAPTURE(name);
    REQUIRE(find_tag(name) != nullptr);
    CHECK(find_tag(name)->name == name);
  }
}

TEST_CASE("comments, unknown tags and other spellings are not tags") {
  CHECK(find_tag("# EXTINF") == nullptr);
  CHECK(find_tag("#EXT-X-TWITCH-INFO") == nullptr);
  CHECK(find_tag("#extinf") == nullptr);
  CHECK(find_tag("#EXT-X-MEDIA-SEQUENCES") == nullptr);
  CHECK(find_tag("") == nullptr);
}

TEST_CASE("a tag says in which kind of playlist it may stand") {
  CHECK(find_tag("#EXTINF")->kind == Kind::media);
  CHECK(find_tag("#EXT-X-STREAM-INF")->kind == Kind::multivariant);
  CHECK(find_tag("#EXT-X-DEFINE")->kind == Kind::either);
  CHECK(find_tag("#EXT-X-ENDLIST")->kind == Kind::either);
}
