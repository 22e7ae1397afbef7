// What the video encoders are told.
#include "momentcut/cut/encoder.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/ranges.h>

#include "print.hpp"

using namespace momentcut::cut;

namespace {

const Colour kSdr{"bt709", "bt709", "bt709", "tv", 8};
const Colour kPq{"smpte2084", "bt2020", "bt2020nc", "tv", 10};

std::string told(const Encoding& encoding, const Colour& colour = kSdr) {
  return fmt::format("{}", fmt::join(video_encoder_argv(encoding, colour), " "));
}

}  // namespace

TEST_CASE("H.264 is for every player: 8 bits, 4:2:0, high profile") {
  CHECK(told({}) == "-c:v libx264 -preset veryfast -crf 18 -profile:v high -pix_fmt yuv420p");
  CHECK(told({.preset = "slow", .crf = 30}, kPq) ==
        "-c:v libx264 -preset slow -crf 30 -profile:v high -pix_fmt yuv420p");
}

TEST_CASE("HEVC is tagged as players of MP4 know it") {
  CHECK(told({.codec = VideoCodec::hevc}) ==
        "-c:v libx265 -preset veryfast -crf 20 -x265-params log-level=error -tag:v hvc1 -pix_fmt "
        "yuv420p");
}

TEST_CASE("AV1's presets are numbers, the faster the higher") {
  CHECK(told({.codec = VideoCodec::av1}) == "-c:v libsvtav1 -preset 10 -crf 28 -pix_fmt yuv420p");
  CHECK(told({.codec = VideoCodec::av1, .preset = "placebo", .crf = 40}) ==
        "-c:v libsvtav1 -preset 3 -crf 40 -pix_fmt yuv420p");
}

TEST_CASE("HDR that is kept stays 10 bits, and says what it is") {
  CHECK(told({.codec = VideoCodec::hevc, .keep_hdr = true}, kPq) ==
        "-c:v libx265 -preset veryfast -crf 20 -x265-params log-level=error -tag:v hvc1 -pix_fmt "
        "yuv420p10le -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc "
        "-color_range tv");
  // There is nothing to keep.
  CHECK(told({.codec = VideoCodec::hevc, .keep_hdr = true}).ends_with("-pix_fmt yuv420p"));
}

TEST_CASE("HDR is what a display must be told to show bright") {
  CHECK(is_hdr(kPq));
  CHECK(is_hdr({"arib-std-b67", "", "", "", 10}));
  CHECK_FALSE(is_hdr(kSdr));
  CHECK_FALSE(is_hdr({"bt2020-10", "bt2020", "bt2020nc", "tv", 10}));
  CHECK_FALSE(is_hdr({}));
}

TEST_CASE("tone mapping tells the filter what it gets, even where the recording does not") {
  CHECK(tone_mapping(kSdr).empty());
  CHECK(tone_mapping(kPq) ==
        "zscale=tin=smpte2084:pin=bt2020:min=bt2020nc:rin=tv:t=linear:npl=100,format=gbrpf32le,"
        "zscale=p=bt709,tonemap=tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p");
  CHECK(tone_mapping({"arib-std-b67", "unknown", "", "", 10})
            .starts_with("zscale=tin=arib-std-b67:pin=bt2020:min=bt2020nc:rin=tv:"));
}
