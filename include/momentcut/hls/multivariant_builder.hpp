// Builds a MultivariantPlaylist from its tags and URIs, one after another (RFC 8216 §4.3.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "momentcut/hls/playlist.hpp"
#include "momentcut/hls/tags.hpp"
#include "momentcut/hls/variables.hpp"

namespace momentcut::hls {

// Attributes that only describe a variant (BANDWIDTH, RESOLUTION, FRAME-RATE) may be missing, as
// the players allow, and are as good as missing when they are no number at all; a number that is
// negative, not finite or too large is refused.
//
// Members throw core::Error(bad_data), whose message is the reason alone; parse() adds file and
// line.
class MultivariantBuilder {
 public:
  // `variables` is kept by reference: the playlist's definitions so far.
  explicit MultivariantBuilder(Variables& variables) : variables_(variables) {}

  // A tag of a multivariant playlist with what follows its colon, on line `line`.
  void read_tag(Tag tag, std::string_view value, std::uint32_t line);

  // A URI line. One that no EXT-X-STREAM-INF waits for is ignored, as the players do: it belongs to
  // no variant, so no variant becomes another by it.
  void read_uri(std::string_view uri);

  // The line of an EXT-X-STREAM-INF whose URI is still to come; 0 when there is none.
  [[nodiscard]] std::uint32_t open_line() const noexcept { return open_ ? open_->line : 0; }

  // The playlist. Version, start, independent_segments and variables, which not only multivariant
  // playlists have, are the caller's to fill in.
  MultivariantPlaylist finish();

 private:
  Variant read_variant(const AttributeList& attributes, std::uint32_t line);
  MediaRendition read_media(const AttributeList& attributes, std::uint32_t line);
  void count_one_more() const;

  Variables& variables_;
  MultivariantPlaylist playlist_;
  std::optional<Variant> open_;
};

}  // namespace momentcut::hls
