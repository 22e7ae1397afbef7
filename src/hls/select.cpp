#include "momentcut/hls/select.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/hls/traits.hpp"

namespace momentcut::hls {
namespace {

constexpr std::size_t kMostNamesListed = 20;

// The folders in which more than one variant's playlist lies; they tell none of them apart.
std::unordered_set<std::string_view> shared_folders(const std::vector<Variant>& variants) {
  std::unordered_set<std::string_view> seen;
  std::unordered_set<std::string_view> shared;
  for (const auto& variant : variants) {
    const auto folder = folder_of(variant.uri);
    if (!seen.insert(folder).second) shared.insert(folder);
  }
  return shared;
}

std::string default_name(const Variant& variant, std::size_t index,
                         const std::unordered_set<std::string_view>& shared) {
  if (variant.name && !variant.name->empty()) return *variant.name;
  if (variant.video && !variant.video->empty()) return *variant.video;
  const auto folder = folder_of(variant.uri);
  if (!folder.empty() && !shared.contains(folder)) return std::string(folder);
  if (variant.resolution) {
    const auto rate = rounded_rate(variant);
    return fmt::format("{}p{}", smaller_side(variant), rate > 0 ? std::to_string(rate) : "");
  }
  if (const auto stem = stem_of(variant.uri); !stem.empty()) return std::string(stem);
  return fmt::format("variant{}", index + 1);
}

// "720p" or "720p30".
struct Quality {
  std::uint64_t height = 0;
  std::optional<std::uint64_t> rate;
};

std::optional<Quality> read_quality(std::string_view text) {
  const auto p = text.find('p');
  if (p == std::string_view::npos) return {};
  const auto height = core::parse_unsigned(text.substr(0, p));
  if (!height) return {};
  if (p + 1 == text.size()) return Quality{*height, {}};
  const auto rate = core::parse_unsigned(text.substr(p + 1));
  if (!rate) return {};
  return Quality{*height, rate};
}

class Chooser {
 public:
  explicit Chooser(const MultivariantPlaylist& playlist);

  [[nodiscard]] Selection best() const { return select(*best_of(candidates())); }
  [[nodiscard]] Selection worst() const;
  [[nodiscard]] Selection audio() const;
  [[nodiscard]] std::optional<Selection> named(std::string_view wanted) const;
  [[nodiscard]] std::optional<Selection> of_quality(const Quality& quality) const;
  [[nodiscard]] std::string listing() const;

 private:
  using Indices = std::vector<std::size_t>;

  [[nodiscard]] bool has_video(const Variant& variant) const;
  [[nodiscard]] bool is_better(std::size_t a, std::size_t b) const;
  [[nodiscard]] std::optional<std::size_t> best_of(const Indices& indices) const;
  [[nodiscard]] const Indices& candidates() const { return video_.empty() ? audio_ : video_; }
  [[nodiscard]] const MediaRendition* audio_rendition() const;
  [[nodiscard]] Selection select(std::size_t index) const;

  template <typename Predicate>
  [[nodiscard]] std::optional<Selection> best_where(const Indices& among,
                                                    Predicate predicate) const;

  const MultivariantPlaylist& playlist_;
  std::vector<std::string> names_;
  bool any_resolution_ = false;
  Indices video_;  // variants with video, and those without
  Indices audio_;
};

Chooser::Chooser(const MultivariantPlaylist& playlist)
    : playlist_(playlist), names_(variant_names(playlist)) {
  const auto& variants = playlist.variants;
  any_resolution_ = std::any_of(variants.begin(), variants.end(),
                                [](const Variant& v) { return v.resolution.has_value(); });
  for (std::size_t i = 0; i < variants.size(); ++i)
    (has_video(variants[i]) ? video_ : audio_).push_back(i);
}

// A RESOLUTION outweighs CODECS without video: packagers forget to list a codec, but none invents a
// picture size. hls.js decides alike.
bool Chooser::has_video(const Variant& variant) const {
  if (variant.resolution) return true;
  if (variant.codecs && !core::trimmed(*variant.codecs).empty())
    return names_video_codec(*variant.codecs);
  return !any_resolution_;
}

bool Chooser::is_better(std::size_t a, std::size_t b) const {
  const auto rank = [this](std::size_t index) {
    const auto& variant = playlist_.variants[index];
    const auto size = variant.resolution.value_or(Resolution{});
    return std::tuple(std::uint64_t{size.width} * size.height, variant.frame_rate.value_or(0),
                      variant.bandwidth.value_or(0));
  };
  return rank(a) > rank(b);
}

// The first of equals.
std::optional<std::size_t> Chooser::best_of(const Indices& indices) const {
  if (indices.empty()) return {};
  return *std::min_element(indices.begin(), indices.end(),
                           [this](std::size_t a, std::size_t b) { return is_better(a, b); });
}

template <typename Predicate>
std::optional<Selection> Chooser::best_where(const Indices& among, Predicate predicate) const {
  Indices fitting;
  for (const auto index : among)
    if (predicate(playlist_.variants[index])) fitting.push_back(index);
  const auto best = best_of(fitting);
  if (!best) return {};
  return select(*best);
}

Selection Chooser::select(std::size_t index) const {
  const auto& variant = playlist_.variants[index];
  return Selection{names_[index], variant.uri, !has_video(variant), index, variant.line};
}

Selection Chooser::worst() const {
  const auto& indices = candidates();
  return select(*std::min_element(indices.begin(), indices.end(),
                                  [this](auto a, auto b) { return is_better(b, a); }));
}

// Of the AUDIO renditions with a playlist of their own: the DEFAULT one, and among such the one
// that goes with the best variant.
const MediaRendition* Chooser::audio_rendition() const {
  const auto& group = playlist_.variants[*best_of(candidates())].audio;
  const MediaRendition* chosen = nullptr;
  auto chosen_rank = std::tuple(false, false, false);
  for (const auto& media : playlist_.media) {
    if (media.type != "AUDIO" || !media.uri) continue;
    const auto rank = std::tuple(media.is_default, media.group_id == group, media.autoselect);
    if (chosen != nullptr && rank <= chosen_rank) continue;
    chosen = &media;
    chosen_rank = rank;
  }
  return chosen;
}

Selection Chooser::audio() const {
  if (const auto index = best_of(audio_)) return select(*index);
  if (const auto* media = audio_rendition())
    return Selection{
        media->name.empty() ? "audio" : media->name, *media->uri, true, {}, media->line};
  auto selection = best();
  selection.audio_only = true;
  return selection;
}

std::optional<Selection> Chooser::named(std::string_view wanted) const {
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (names_[i] == wanted) return select(i);
  Indices all(names_.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  if (wanted.empty()) return {};
  return best_where(all, [wanted](const Variant& variant) {
    return variant.video == wanted || variant.name == wanted || folder_of(variant.uri) == wanted;
  });
}

std::optional<Selection> Chooser::of_quality(const Quality& quality) const {
  const auto has_rate = [&quality](const Variant& variant) {
    return !quality.rate || (variant.frame_rate && rounded_rate(variant) == *quality.rate);
  };
  auto found = best_where(video_, [&](const Variant& variant) {
    return variant.resolution && height_of(variant) == quality.height && has_rate(variant);
  });
  if (found) return found;
  return best_where(video_, [&](const Variant& variant) {
    return variant.resolution && smaller_side(variant) == quality.height && has_rate(variant);
  });
}

std::string Chooser::listing() const {
  std::string list;
  for (std::size_t i = 0; i < std::min(names_.size(), kMostNamesListed); ++i) {
    const auto& resolution = playlist_.variants[i].resolution;
    list += core::printable(names_[i]);
    if (resolution) list += fmt::format(" ({}x{})", resolution->width, resolution->height);
    list += ", ";
  }
  if (names_.size() > kMostNamesListed)
    list += fmt::format("{} more, ", names_.size() - kMostNamesListed);
  return list + "best, worst or audio";
}

}  // namespace

std::vector<std::string> variant_names(const MultivariantPlaylist& playlist) {
  std::vector<std::string> names;
  std::unordered_set<std::string> taken;
  std::vector<std::size_t> repeated;
  const auto shared = shared_folders(playlist.variants);
  for (std::size_t i = 0; i < playlist.variants.size(); ++i) {
    names.push_back(default_name(playlist.variants[i], i, shared));
    if (!taken.insert(names.back()).second) repeated.push_back(i);
  }
  // A name that a variant bears by itself stays its own: "a", "a", "a-2" become "a", "a-3", "a-2".
  std::unordered_map<std::string, std::size_t> counts;
  for (const auto i : repeated) {
    auto& count = counts.try_emplace(names[i], 1).first->second;
    std::string numbered;
    do {
      numbered = fmt::format("{}-{}", names[i], ++count);
    } while (!taken.insert(numbered).second);
    names[i] = std::move(numbered);
  }
  return names;
}

Selection select_rendition(const MultivariantPlaylist& playlist, std::string_view wanted,
                           std::string_view playlist_name) {
  if (playlist.variants.empty())
    throw core::Error(core::ErrorKind::bad_data,
                      fmt::format("{}: the multivariant playlist has no variants", playlist_name));
  const Chooser chooser(playlist);
  if (wanted == "best") return chooser.best();
  if (wanted == "worst") return chooser.worst();
  if (wanted == "audio") return chooser.audio();
  if (auto selection = chooser.named(wanted)) return *selection;
  if (const auto quality = read_quality(wanted))
    if (auto selection = chooser.of_quality(*quality)) return *selection;
  throw core::Error(core::ErrorKind::not_found,
                    fmt::format("{}: no rendition {}; there is {}", playlist_name,
                                core::quoted(wanted), chooser.listing()));
}

}  // namespace momentcut::hls
