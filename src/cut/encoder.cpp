#include "momentcut/cut/encoder.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace momentcut::cut {
namespace {

using Argv = std::vector<std::string>;

// SVT-AV1's presets are numbers: the higher, the faster.
std::string svt_preset(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, int>, 10> kPresets{{{"ultrafast", 12},
                                                                              {"superfast", 11},
                                                                              {"veryfast", 10},
                                                                              {"faster", 9},
                                                                              {"fast", 8},
                                                                              {"medium", 7},
                                                                              {"slow", 6},
                                                                              {"slower", 5},
                                                                              {"veryslow", 4},
                                                                              {"placebo", 3}}};
  const auto* found = std::find_if(kPresets.begin(), kPresets.end(),
                                   [&](const auto& preset) { return preset.first == name; });
  return std::to_string(found == kPresets.end() ? 10 : found->second);
}

std::string_view known_or(std::string_view value, std::string_view otherwise) {
  return value.empty() || value == "unknown" ? otherwise : value;
}

Argv colour_tags(const Colour& colour) {
  return {"-color_primaries", std::string(known_or(colour.primaries, "bt2020")),
          "-color_trc",       std::string(known_or(colour.transfer, "bt709")),
          "-colorspace",      std::string(known_or(colour.matrix, "bt2020nc")),
          "-color_range",     std::string(known_or(colour.range, "tv"))};
}

}  // namespace

int usual_crf(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::h264:
      return 18;
    case VideoCodec::hevc:
      return 20;
    case VideoCodec::av1:
      return 28;
  }
  return 18;
}

bool is_hdr(const Colour& colour) {
  return colour.transfer == "smpte2084" || colour.transfer == "arib-std-b67";
}

// To linear light at 100 cd/m², its gamut narrowed, its highlights compressed, and back.
std::string tone_mapping(const Colour& colour) {
  if (!is_hdr(colour)) return {};
  return fmt::format(
      "zscale=tin={}:pin={}:min={}:rin={}:t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,"
      "tonemap=tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p",
      colour.transfer, known_or(colour.primaries, "bt2020"), known_or(colour.matrix, "bt2020nc"),
      known_or(colour.range, "tv"));
}

Argv video_encoder_argv(const Encoding& encoding, const Colour& colour) {
  const auto crf = std::to_string(encoding.crf.value_or(usual_crf(encoding.codec)));
  switch (encoding.codec) {
    case VideoCodec::h264:
      return {"-c:v", "libx264",    "-preset", encoding.preset, "-crf",
              crf,    "-profile:v", "high",    "-pix_fmt",      "yuv420p"};
    case VideoCodec::av1:
      return {"-c:v", "libsvtav1", "-preset",  svt_preset(encoding.preset),
              "-crf", crf,         "-pix_fmt", "yuv420p"};
    case VideoCodec::hevc:
      break;
  }
  const bool deep = encoding.keep_hdr && colour.bits > 8;
  Argv argv{"-c:v",   "libx265", "-preset",      encoding.preset,
            "-crf",   crf,       "-x265-params", "log-level=error",
            "-tag:v", "hvc1",    "-pix_fmt",     deep ? "yuv420p10le" : "yuv420p"};
  if (deep) {
    for (auto& tag : colour_tags(colour)) argv.push_back(std::move(tag));
  }
  return argv;
}

}  // namespace momentcut::cut
