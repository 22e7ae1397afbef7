#include "momentcut/hls/select_media.hpp"

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

using Group = std::vector<const MediaRendition*>;

Group group_of(const MultivariantPlaylist& playlist, std::string_view type,
               const std::optional<std::string>& id) {
  Group group;
  for (const auto& media : playlist.media) {
    if (media.type == type && id && media.group_id == *id) group.push_back(&media);
  }
  return group;
}

MediaSelection chosen(const MediaRendition& media) {
  return {media.name, media.language.value_or(""), media.uri, media.line};
}

const MediaRendition* find_by_name_or_language(const Group& group, std::string_view wanted) {
  for (const auto* media : group) {
    if (media->name == wanted) return media;
  }
  for (const auto* media : group) {
    if (is_language(*media, wanted)) return media;
  }
  return nullptr;
}

}  // namespace

MediaSelection select_audio(const MultivariantPlaylist& playlist, const Variant& variant,
                            std::string_view wanted, std::string_view playlist_name) {
  const auto group = group_of(playlist, "AUDIO", variant.audio);
  if (wanted.empty()) {
    if (group.empty()) return {};
    const auto rank = [](const MediaRendition* media) {
      return std::tuple(media->is_default, media->autoselect);
    };
    return chosen(**std::max_element(group.begin(), group.end(),
                                     [&](auto* a, auto* b) { return rank(a) < rank(b); }));
  }
  if (const auto* media = find_by_name_or_language(group, wanted)) return chosen(*media);
  throw core::Error(
      core::ErrorKind::not_found,
      fmt::format("{} has no audio {}", core::printable(playlist_name), core::quoted(wanted)),
      group.empty() ? "its audio is in the video's segments; leave out --audio"
                    : "it has " + listing(group));
}

MediaSelection select_subtitles(const MultivariantPlaylist& playlist, const Variant& variant,
                                std::string_view wanted, std::string_view playlist_name) {
  const auto group = group_of(playlist, "SUBTITLES", variant.subtitles);
  const auto* media = find_by_name_or_language(group, wanted);
  if (media != nullptr && media->uri) return chosen(*media);
  throw core::Error(
      core::ErrorKind::not_found,
      fmt::format("{} has no subtitles {}", core::printable(playlist_name), core::quoted(wanted)),
      group.empty() ? "it has none at all; leave out --subtitles" : "it has " + listing(group));
}

}  // namespace momentcut::hls
