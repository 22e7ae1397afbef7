// What a variant's URI and attributes tell.
#include "momentcut/hls/traits.hpp"

#include <doctest/doctest.h>

using namespace momentcut::hls;

TEST_CASE("the folder of a URI is the last one of its path") {
  CHECK(folder_of("720p60/playlist.m3u8") == "720p60");
  CHECK(folder_of("a/b/720p60/playlist.m3u8") == "720p60");
  CHECK(folder_of("/720p60/playlist.m3u8") == "720p60");
  CHECK(folder_of("https://host/x/720p60/playlist.m3u8") == "720p60");
  CHECK(folder_of("s3://bucket/720p60/playlist.m3u8") == "720p60");
  CHECK(folder_of("//host/720p60/playlist.m3u8") == "720p60");
  CHECK(folder_of("720p60/playlist.m3u8?next=/x/y#z/") == "720p60");
}

TEST_CASE("a host, a dot and nothing are no folder") {
  CHECK(folder_of("playlist.m3u8").empty());
  CHECK(folder_of("/playlist.m3u8").empty());
  CHECK(folder_of("https://host/playlist.m3u8").empty());
  CHECK(folder_of("https://host").empty());
  CHECK(folder_of("//host/playlist.m3u8").empty());
  CHECK(folder_of("./playlist.m3u8").empty());
  CHECK(folder_of("../playlist.m3u8").empty());
  CHECK(folder_of("").empty());
}

TEST_CASE("the stem of a URI is its file name without extension") {
  CHECK(stem_of("a/low.v2.m3u8?x=1.2/3") == "low.v2");
  CHECK(stem_of("low") == "low");
  CHECK(stem_of("https://host/low.m3u8") == "low");
  CHECK(stem_of("https://host.example").empty());
  CHECK(stem_of("a/").empty());
}

TEST_CASE("a frame rate is rounded to the nearest whole number") {
  Variant variant;
  CHECK(rounded_rate(variant) == 0);
  variant.frame_rate = 29.97;
  CHECK(rounded_rate(variant) == 30);
  variant.frame_rate = 59.4;
  CHECK(rounded_rate(variant) == 59);
  variant.frame_rate = 1e300;
  CHECK(rounded_rate(variant) == 0);
}

TEST_CASE("the smaller side of a portrait video is its width") {
  Variant variant;
  CHECK(height_of(variant) == 0);
  CHECK(smaller_side(variant) == 0);
  variant.resolution = Resolution{720, 1280};
  CHECK(height_of(variant) == 1280);
  CHECK(smaller_side(variant) == 720);
  variant.resolution = Resolution{1920, 1080};
  CHECK(smaller_side(variant) == 1080);
}

TEST_CASE("a video codec is recognised among others") {
  CHECK(names_video_codec("mp4a.40.2, avc1.4D401F"));
  CHECK(names_video_codec("HVC1.1.6.L93.B0"));
  CHECK(names_video_codec("av01.0.04M.10"));
  CHECK(names_video_codec("vp9"));
  CHECK_FALSE(names_video_codec("mp4a.40.2,ec-3,opus"));
  CHECK_FALSE(names_video_codec("stpp.ttml.im1t"));
  CHECK_FALSE(names_video_codec(""));
}
