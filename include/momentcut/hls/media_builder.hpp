// Builds a MediaPlaylist from its tags and URIs, one after another (RFC 8216 §4.3.2, §4.3.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "momentcut/hls/playlist.hpp"
#include "momentcut/hls/tags.hpp"
#include "momentcut/hls/values.hpp"
#include "momentcut/hls/variables.hpp"

namespace momentcut::hls {

// Limits beside those in hls/parse. Each new combination of keys in force is a copy of all of them.
inline constexpr std::size_t kMostKeysAtOnce = 16;
inline constexpr std::size_t kMostKeyBytes = 4 * kMostPlaylistBytes;

// Members throw core::Error(bad_data), whose message is the reason alone; parse() adds file and
// line.
class MediaBuilder {
 public:
  // `variables` is kept by reference: the playlist's definitions so far.
  explicit MediaBuilder(Variables& variables) : variables_(variables) {}

  // A tag of a media playlist with what follows its colon, on line `line`.
  void read_tag(Tag tag, std::string_view value, std::uint32_t line);

  // A URI line: the next segment.
  void read_uri(std::string_view uri, std::uint32_t line);

  // The line of an EXTINF whose URI is still to come; 0 when there is none.
  [[nodiscard]] std::uint32_t open_line() const noexcept { return extinf_line_; }

  // The playlist, without a segment that is still open. Version, start, independent_segments and
  // endlist, which not only media playlists have, are the caller's to fill in.
  MediaPlaylist finish();

 private:
  void read_playlist_tag(Tag tag, std::string_view value);
  void read_extinf(std::string_view value, std::uint32_t line);
  void read_byterange_tag(std::string_view value);
  void read_program_date_time(std::string_view value);
  void read_map(std::string_view value);
  void read_key(std::string_view value);
  void read_media_sequence(std::string_view value);
  void read_playlist_type(std::string_view value);
  void read_skip(std::string_view value);

  [[nodiscard]] ByteRange place(const ByteRangeText& range) const;
  void put_in_force(Key key);
  std::uint32_t map_index();
  std::uint32_t keys_index();

  Variables& variables_;
  MediaPlaylist playlist_;
  core::Time total_{};

  // What is known of the next segment.
  Segment next_;
  std::optional<ByteRangeText> range_;
  std::uint32_t extinf_line_ = 0;

  // What is in force, and where it stands in the playlist's lists, once a segment has needed it.
  std::uint32_t bitrate_kbps_ = 0;
  std::optional<Map> map_;
  std::uint32_t map_index_ = Segment::kNone;
  std::vector<Key> keys_;
  std::uint32_t keys_index_ = Segment::kNone;
  std::size_t key_bytes_ = 0;
  std::optional<std::uint64_t> media_sequence_;
};

}  // namespace momentcut::hls
