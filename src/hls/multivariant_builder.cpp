#include "momentcut/hls/multivariant_builder.hpp"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/hls/attributes.hpp"
#include "momentcut/hls/parse.hpp"
#include "momentcut/hls/values.hpp"

namespace momentcut::hls {
namespace {

[[noreturn]] void refuse(const std::string& reason) {
  throw core::Error(core::ErrorKind::bad_data, reason);
}

}  // namespace

void MultivariantBuilder::read_tag(Tag tag, std::string_view value, std::uint32_t line) {
  if (tag == Tag::ignored) return;
  count_one_more();
  const AttributeList attributes(value);
  if (tag == Tag::stream_inf) {
    if (open_) refuse(fmt::format("#EXT-X-STREAM-INF of line {} has no URI", open_->line));
    open_ = read_variant(attributes, line);
  } else if (tag == Tag::iframe_stream_inf) {
    auto variant = read_variant(attributes, line);
    variant.uri = variables_.required_attribute(attributes, "URI");
    playlist_.iframe_variants.push_back(std::move(variant));
  } else {
    playlist_.media.push_back(read_media(attributes, line));
  }
}

void MultivariantBuilder::read_uri(std::string_view uri) {
  if (!open_) return;
  open_->uri = variables_.expand(uri, "URI");
  if (open_->uri.empty()) refuse("the URI is empty");
  playlist_.variants.push_back(std::move(*open_));
  open_.reset();
}

void MultivariantBuilder::count_one_more() const {
  const auto count =
      playlist_.variants.size() + playlist_.iframe_variants.size() + playlist_.media.size();
  if (count == kMostVariants)
    refuse(fmt::format("more than {} variants and renditions", kMostVariants));
}

Variant MultivariantBuilder::read_variant(const AttributeList& attributes, std::uint32_t line) {
  Variant variant;
  variant.bandwidth = attributes.integer("BANDWIDTH");
  variant.average_bandwidth = attributes.integer("AVERAGE-BANDWIDTH");
  variant.resolution = attributes.resolution("RESOLUTION");
  variant.frame_rate = attributes.decimal("FRAME-RATE");
  variant.codecs = variables_.attribute(attributes, "CODECS");
  variant.name = variables_.attribute(attributes, "NAME");
  variant.audio = variables_.attribute(attributes, "AUDIO");
  variant.video = variables_.attribute(attributes, "VIDEO");
  variant.subtitles = variables_.attribute(attributes, "SUBTITLES");
  variant.line = line;
  return variant;
}

MediaRendition MultivariantBuilder::read_media(const AttributeList& attributes,
                                               std::uint32_t line) {
  MediaRendition media;
  media.type = attributes.required("TYPE");
  check_text(media.type, "TYPE");
  media.group_id = variables_.required_attribute(attributes, "GROUP-ID");
  // The RFC requires a NAME; it is only shown, and hls.js and Shaka do without.
  media.name = variables_.attribute(attributes, "NAME").value_or("");
  media.language = variables_.attribute(attributes, "LANGUAGE");
  media.uri = variables_.attribute(attributes, "URI");
  if (media.uri && media.uri->empty()) media.uri.reset();
  media.is_default = attributes.is_yes("DEFAULT");
  // §4.3.4.1: what is played by default is selected without being asked for.
  media.autoselect = media.is_default || attributes.is_yes("AUTOSELECT");
  media.line = line;
  return media;
}

MultivariantPlaylist MultivariantBuilder::finish() {
  return std::move(playlist_);
}

}  // namespace momentcut::hls
