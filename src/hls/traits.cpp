#include "momentcut/hls/traits.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "momentcut/core/text.hpp"

namespace momentcut::hls {
namespace {

// Without scheme, host, query and fragment.
std::string_view path_of(std::string_view uri) noexcept {
  uri = uri.substr(0, uri.find_first_of("?#"));
  if (const auto scheme = uri.find("://"); scheme != std::string_view::npos) {
    uri.remove_prefix(scheme + 3);
  } else if (uri.starts_with("//")) {
    uri.remove_prefix(2);
  } else {
    return uri;
  }
  return uri.substr(std::min(uri.find('/'), uri.size()));  // without the host
}

bool is_video_codec(std::string_view codec) {
  static constexpr std::array<std::string_view, 29> kSampleEntries{
      "avc1", "avc2", "avc3", "avc4", "hvc1", "hev1",   "lhv1", "dvh1", "dvhe", "dva1",
      "dvav", "dvc1", "dvi1", "av01", "dav1", "vp08",   "vp09", "vp8",  "vp9",  "vvc1",
      "vvi1", "evc1", "mp4v", "s263", "mjp2", "theora", "h264", "h265", "hevc"};
  const auto entry = core::lowered(codec.substr(0, codec.find('.')));
  return std::find(kSampleEntries.begin(), kSampleEntries.end(), entry) != kSampleEntries.end();
}

}  // namespace

std::string_view folder_of(std::string_view uri) noexcept {
  const auto path = path_of(uri);
  const auto end = path.rfind('/');
  if (end == std::string_view::npos || end == 0) return {};
  const auto parent = path.substr(0, end);
  const auto folder = parent.substr(parent.rfind('/') + 1);  // npos + 1 is 0
  return folder == "." || folder == ".." ? std::string_view{} : folder;
}

std::string_view stem_of(std::string_view uri) noexcept {
  const auto path = path_of(uri);
  const auto file = path.substr(path.rfind('/') + 1);
  return file.substr(0, file.rfind('.'));
}

std::uint64_t rounded_rate(const Variant& variant) noexcept {
  const double rate = variant.frame_rate.value_or(0);
  return rate > 0 && rate < 1e6 ? static_cast<std::uint64_t>(std::llround(rate)) : 0;
}

std::uint32_t height_of(const Variant& variant) noexcept {
  return variant.resolution ? variant.resolution->height : 0;
}

std::uint32_t smaller_side(const Variant& variant) noexcept {
  return variant.resolution ? std::min(variant.resolution->width, variant.resolution->height) : 0;
}

bool names_video_codec(std::string_view codecs) {
  const auto list = core::split(codecs, ',');
  return std::any_of(list.begin(), list.end(),
                     [](std::string_view codec) { return is_video_codec(core::trimmed(codec)); });
}

}  // namespace momentcut::hls
