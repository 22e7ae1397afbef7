// What an HLS playlist says, as values: RFC 8216 and its successor draft (rfc8216bis), as far as a
// cut needs it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "momentcut/core/time.hpp"

namespace momentcut::hls {

// Part of a resource: `length` bytes from `offset` (EXT-X-BYTERANGE, RFC 8216 §4.3.2.2). Implied
// offsets are already filled in, and offset + length fits 63 bits.
struct ByteRange {
  std::uint64_t length = 0;
  std::uint64_t offset = 0;

  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

// EXT-X-MAP (§4.3.2.5): what initialises the demuxer for the segments that follow it.
struct Map {
  std::string uri;
  std::optional<ByteRange> byterange;
  // Index into MediaPlaylist::key_sets: the keys in force where the tag stands, which need not be
  // those of the segments after it (§4.3.2.4 applies keys to maps too). Segment::kNone: none.
  std::uint32_t keys = UINT32_MAX;

  friend bool operator==(const Map&, const Map&) = default;
};

// EXT-X-KEY (§4.3.2.4). METHOD=NONE is not a Key but the absence of one.
struct Key {
  std::string method;             // "AES-128", "SAMPLE-AES", … as written
  std::string uri;                // as written, variables substituted
  std::optional<std::string> iv;  // as written, "0x" and at most 32 hexadecimal digits
  std::string keyformat = "identity";
  std::optional<std::string> keyformatversions;

  friend bool operator==(const Key&, const Key&) = default;
};

// One Media Segment (§3). Maps and keys are shared: they are indices into the playlist's lists, so
// that a segment stays small however long the recording is.
struct Segment {
  static constexpr std::uint32_t kNone = UINT32_MAX;

  std::string uri;  // as written, variables substituted
  core::Time duration{};
  std::optional<std::string> title;  // absent when empty
  std::optional<ByteRange> byterange;
  std::optional<core::WallTime> program_date_time;  // only where the tag stands
  std::uint32_t map = kNone;                        // index into MediaPlaylist::maps
  std::uint32_t keys = kNone;                       // index into MediaPlaylist::key_sets
  std::uint32_t bitrate_kbps = 0;                   // EXT-X-BITRATE; 0: not said
  std::uint32_t line = 0;                           // of the URI, from 1, for error messages
  bool discontinuity = false;  // EXT-X-DISCONTINUITY stands before this segment
  bool gap = false;            // EXT-X-GAP: the segment is known to be missing
};

enum class PlaylistType { vod, event };

// EXT-X-START (§4.3.5.2): where players should begin; it does not move time 0 of a cut.
struct StartPoint {
  double time_offset = 0;  // seconds; negative counts from the end
  bool precise = false;
};

struct MediaPlaylist {
  std::optional<std::uint32_t> version;
  std::optional<core::Time> target_duration;
  std::uint64_t media_sequence = 0;
  std::uint64_t discontinuity_sequence = 0;
  std::optional<PlaylistType> playlist_type;
  std::optional<StartPoint> start;
  bool endlist = false;
  bool iframes_only = false;
  bool independent_segments = false;
  std::vector<Segment> segments;
  std::vector<Map> maps;
  std::vector<std::vector<Key>> key_sets;  // the keys in force together; never an empty set

  // The map of `segment`, or nullptr; its keys, or nullptr where it is not encrypted; the one that
  // stands for them: the "identity" one, else the first. Maps are encrypted like segments.
  [[nodiscard]] const Map* map_of(const Segment& segment) const;
  [[nodiscard]] const std::vector<Key>* keys_of(const Segment& segment) const;
  [[nodiscard]] const std::vector<Key>* keys_of(const Map& map) const;
  [[nodiscard]] const Key* key_of(const Segment& segment) const;
  [[nodiscard]] const Key* key_of(const Map& map) const;

  // The sum of the EXTINFs: what the playlist promises, which only measuring can confirm.
  [[nodiscard]] core::Time total_duration() const;

  // How many EXT-X-DISCONTINUITY stand between segments (one before the first is none).
  [[nodiscard]] std::size_t discontinuities() const;

  // The wall-clock time of each segment's start, extrapolated from the tags by EXTINF: forward from
  // the last tag before it, backward to segments before the first one (§6.2.1, §6.3.3). All nullopt
  // when there is no tag. A discontinuity ends the reach of a tag: past it, a new tag is needed,
  // backward extrapolation likewise stops at it.
  [[nodiscard]] std::vector<std::optional<core::WallTime>> wall_times() const;
};

struct Resolution {
  std::uint32_t width = 0;
  std::uint32_t height = 0;

  friend bool operator==(const Resolution&, const Resolution&) = default;
};

// EXT-X-STREAM-INF, and EXT-X-I-FRAME-STREAM-INF alike (§4.3.4.2, §4.3.4.3).
struct Variant {
  std::string uri;
  std::optional<std::uint64_t> bandwidth;
  std::optional<std::uint64_t> average_bandwidth;
  std::optional<Resolution> resolution;
  std::optional<double> frame_rate;
  std::optional<std::string> codecs;
  std::optional<std::string> name;  // NAME, an attribute many packagers write
  std::optional<std::string> audio;
  std::optional<std::string> video;
  std::optional<std::string> subtitles;
  std::uint32_t line = 0;
};

// EXT-X-MEDIA (§4.3.4.1).
struct MediaRendition {
  std::string type;  // AUDIO, VIDEO, SUBTITLES or CLOSED-CAPTIONS
  std::string group_id;
  std::string name;
  std::optional<std::string> language;
  std::optional<std::string> uri;
  bool is_default = false;
  bool autoselect = false;
  std::uint32_t line = 0;
};

struct MultivariantPlaylist {
  std::optional<std::uint32_t> version;
  bool independent_segments = false;
  std::optional<StartPoint> start;
  std::vector<Variant> variants;
  std::vector<Variant> iframe_variants;
  std::vector<MediaRendition> media;
  // EXT-X-DEFINE: what a media playlist may IMPORT from here.
  std::vector<std::pair<std::string, std::string>> variables;
};

using Playlist = std::variant<MultivariantPlaylist, MediaPlaylist>;

}  // namespace momentcut::hls
