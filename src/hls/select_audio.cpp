#include "momentcut/hls/select_audio.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::hls {
namespace {

constexpr std::size_t kMostListed = 20;

// RFC 5646 §2.1: a tag is a language and what narrows it down, parted by hyphens, in any case.
bool is_language(const MediaRendition& media, std::string_view wanted) {
  if (!media.language || wanted.empty()) return false;
  const auto language = core::lowered(*media.language);
  const auto prefix = core::lowered(wanted);
  return language == prefix || language.starts_with(prefix + "-");
}

std::string listing(const std::vector<const MediaRendition*>& group) {
  std::string list;
  for (std::size_t i = 0; i < std::min(group.size(), kMostListed); ++i) {
    list += i > 0 ? ", " : "";
    list += core::quoted(group[i]->name);
    if (group[i]->language) list += fmt::format(" ({})", core::printable(*group[i]->language));
  }
  return group.size() > kMostListed ? list + ", …" : list;
}

}  // namespace

AudioSelection select_audio(const MultivariantPlaylist& playlist, const Variant& variant,
                            std::string_view wanted, std::string_view playlist_name) {
  std::vector<const MediaRendition*> group;
  for (const auto& media : playlist.media) {
    if (media.type == "AUDIO" && variant.audio && media.group_id == *variant.audio) {
      group.push_back(&media);
    }
  }
  const auto chosen = [](const MediaRendition& media) {
    return AudioSelection{media.name, media.uri, media.line};
  };
  if (wanted.empty()) {
    if (group.empty()) return {};
    const auto rank = [](const MediaRendition* media) {
      return std::tuple(media->is_default, media->autoselect);
    };
    return chosen(**std::max_element(group.begin(), group.end(),
                                     [&](auto* a, auto* b) { return rank(a) < rank(b); }));
  }
  for (const auto* media : group) {
    if (media->name == wanted) return chosen(*media);
  }
  for (const auto* media : group) {
    if (is_language(*media, wanted)) return chosen(*media);
  }
  throw core::Error(
      core::ErrorKind::not_found,
      fmt::format("{} has no audio {}", core::printable(playlist_name), core::quoted(wanted)),
      group.empty() ? "its audio is in the video's segments; leave out --audio"
                    : "it has " + listing(group));
}

}  // namespace momentcut::hls
