#include "momentcut/hls/media_builder.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/hls/attributes.hpp"

namespace momentcut::hls {
namespace {

using core::quoted;
using core::trimmed;

// 31,000 years: far beyond any stream, and far enough from 63 bits of microseconds that sums with
// wall-clock times cannot overflow.
constexpr core::Time kLongestPlaylist = std::chrono::seconds(1'000'000'000'000);

[[noreturn]] void refuse(const std::string& reason, const std::string& hint = {}) {
  throw core::Error(core::ErrorKind::bad_data, reason, hint);
}

std::size_t bytes_of(const Key& key) {
  return sizeof(Key) + key.method.size() + key.uri.size() + key.keyformat.size() +
         (key.iv ? key.iv->size() : 0) +
         (key.keyformatversions ? key.keyformatversions->size() : 0);
}

}  // namespace

void MediaBuilder::read_tag(Tag tag, std::string_view value, std::uint32_t line) {
  switch (tag) {
    case Tag::extinf:
      return read_extinf(value, line);
    case Tag::byterange:
      return read_byterange_tag(value);
    case Tag::program_date_time:
      return read_program_date_time(value);
    case Tag::discontinuity:
      next_.discontinuity = true;
      return;
    case Tag::gap:
      next_.gap = true;
      return;
    case Tag::bitrate:
      bitrate_kbps_ = read_small_integer(value, "#EXT-X-BITRATE");
      return;
    case Tag::map:
      return read_map(value);
    case Tag::key:
      return read_key(value);
    default:
      return read_playlist_tag(tag, value);
  }
}

void MediaBuilder::read_playlist_tag(Tag tag, std::string_view value) {
  switch (tag) {
    case Tag::target_duration:
      playlist_.target_duration = read_seconds(value, "#EXT-X-TARGETDURATION");
      return;
    case Tag::media_sequence:
      return read_media_sequence(value);
    case Tag::discontinuity_sequence:
      playlist_.discontinuity_sequence = read_integer(value, "#EXT-X-DISCONTINUITY-SEQUENCE");
      return;
    case Tag::playlist_type:
      return read_playlist_type(value);
    case Tag::iframes_only:
      playlist_.iframes_only = true;
      return;
    case Tag::skip:
      return read_skip(value);
    default:
      return;
  }
}

void MediaBuilder::read_extinf(std::string_view value, std::uint32_t line) {
  if (extinf_line_ != 0) refuse(fmt::format("#EXTINF of line {} has no URI", extinf_line_));
  const auto comma = value.find(',');
  const auto duration = trimmed(value.substr(0, comma));
  if (duration == "-1" || duration.starts_with("-1 "))
    refuse("#EXTINF \"-1\" is negative", "this looks like a list of streams; give one of its URLs");
  next_.duration = read_seconds(duration, "#EXTINF");
  total_ += next_.duration;
  if (total_ > kLongestPlaylist) refuse("the durations add up to too much");
  if (comma != std::string_view::npos) {
    const auto title = trimmed(value.substr(comma + 1));
    if (!title.empty()) next_.title = title;
  }
  extinf_line_ = line;
}

void MediaBuilder::read_byterange_tag(std::string_view value) {
  // Which of two the packager meant nobody can tell, and the wrong one cuts the wrong bytes.
  if (range_) refuse("a second #EXT-X-BYTERANGE for one segment");
  range_ = read_byterange(value, "#EXT-X-BYTERANGE");
}

void MediaBuilder::read_program_date_time(std::string_view value) {
  next_.program_date_time = core::parse_wall_time(trimmed(value));
  if (!next_.program_date_time)
    refuse(fmt::format("#EXT-X-PROGRAM-DATE-TIME {} is not an ISO 8601 date and time",
                       quoted(trimmed(value))));
}

void MediaBuilder::read_map(std::string_view value) {
  const AttributeList attributes(value);
  Map map;
  map.uri = variables_.required_attribute(attributes, "URI");
  if (const auto range = variables_.attribute(attributes, "BYTERANGE"))
    map.byterange = resolve_byterange(read_byterange(*range, "BYTERANGE"), 0);
  map.keys = keys_index();
  // Some packagers repeat the map before every segment.
  const bool is_repeated = !playlist_.maps.empty() && playlist_.maps.back() == map;
  map_index_ = is_repeated ? static_cast<std::uint32_t>(playlist_.maps.size() - 1) : Segment::kNone;
  map_ = std::move(map);
}

void MediaBuilder::read_key(std::string_view value) {
  const AttributeList attributes(value);
  Key key;
  key.method = attributes.required("METHOD");
  check_text(key.method, "METHOD");
  keys_index_ = Segment::kNone;
  if (key.method == "NONE") {
    keys_.clear();
    return;
  }
  key.uri = variables_.required_attribute(attributes, "URI");
  key.iv = variables_.attribute(attributes, "IV");
  if (key.iv) key.iv = read_hexadecimal(*key.iv, "IV", 32);
  auto format = variables_.attribute(attributes, "KEYFORMAT");
  if (format && !format->empty()) key.keyformat = std::move(*format);
  key.keyformatversions = variables_.attribute(attributes, "KEYFORMATVERSIONS");
  put_in_force(std::move(key));
}

void MediaBuilder::put_in_force(Key key) {
  // §4.3.2.4: a key is in force until the next one of the same KEYFORMAT.
  const auto same = std::find_if(keys_.begin(), keys_.end(), [&key](const Key& other) {
    return other.keyformat == key.keyformat;
  });
  if (same != keys_.end()) {
    *same = std::move(key);
    return;
  }
  if (keys_.size() == kMostKeysAtOnce)
    refuse(fmt::format("more than {} keys in force at once", kMostKeysAtOnce));
  keys_.push_back(std::move(key));
}

void MediaBuilder::read_media_sequence(std::string_view value) {
  const auto sequence = read_integer(value, "#EXT-X-MEDIA-SEQUENCE");
  // It counts the segments, from which an AES-128 IV may follow: no second opinion is possible.
  if (!playlist_.segments.empty()) refuse("#EXT-X-MEDIA-SEQUENCE stands after the first segment");
  if (media_sequence_ && *media_sequence_ != sequence)
    refuse("a second #EXT-X-MEDIA-SEQUENCE contradicts the first");
  if (sequence > std::numeric_limits<std::uint64_t>::max() - kMostSegments)
    refuse(fmt::format("#EXT-X-MEDIA-SEQUENCE {} is too large", quoted(trimmed(value))));
  media_sequence_ = sequence;
}

void MediaBuilder::read_playlist_type(std::string_view value) {
  const auto type = core::lowered(trimmed(value));
  if (type == "vod") playlist_.playlist_type = PlaylistType::vod;
  if (type == "event") playlist_.playlist_type = PlaylistType::event;
}

void MediaBuilder::read_skip(std::string_view value) {
  // A delta update (rfc8216bis §4.4.5.2): without the playlist it updates, neither time 0 nor the
  // map and keys of its segments are known.
  const AttributeList attributes(value);
  if (read_integer(attributes.required("SKIPPED-SEGMENTS"), "SKIPPED-SEGMENTS") > 0)
    refuse("#EXT-X-SKIP leaves segments out", "fetch the playlist without _HLS_skip");
}

void MediaBuilder::read_uri(std::string_view uri, std::uint32_t line) {
  if (extinf_line_ == 0) refuse(fmt::format("URI {} has no #EXTINF before it", quoted(uri)));
  if (playlist_.segments.size() == kMostSegments)
    refuse(fmt::format("more than {} segments", kMostSegments));
  next_.uri = variables_.expand(uri, "URI");
  if (next_.uri.empty()) refuse("the URI is empty");
  // rfc8216bis §4.4.4.8: a bit rate does not apply to segments that are byte ranges.
  if (range_) {
    next_.byterange = place(*range_);
  } else {
    next_.bitrate_kbps = bitrate_kbps_;
  }
  next_.map = map_index();
  next_.keys = keys_index();
  next_.line = line;
  playlist_.segments.push_back(std::move(next_));
  next_ = Segment{};
  range_.reset();
  extinf_line_ = 0;
}

// §4.3.2.2: without an offset the range begins where the one of the previous segment ends, which
// has to be one of the same resource.
ByteRange MediaBuilder::place(const ByteRangeText& range) const {
  if (range.offset) return resolve_byterange(range, 0);
  const auto* previous = playlist_.segments.empty() ? nullptr : &playlist_.segments.back();
  if (previous == nullptr || !previous->byterange || previous->uri != next_.uri)
    refuse("#EXT-X-BYTERANGE has no offset, and the segment before is no range of the same URI");
  return resolve_byterange(range, previous->byterange->offset + previous->byterange->length);
}

std::uint32_t MediaBuilder::map_index() {
  if (map_ && map_index_ == Segment::kNone) {
    map_index_ = static_cast<std::uint32_t>(playlist_.maps.size());
    playlist_.maps.push_back(*map_);
  }
  return map_index_;
}

std::uint32_t MediaBuilder::keys_index() {
  if (keys_.empty() || keys_index_ != Segment::kNone) return keys_index_;
  auto& sets = playlist_.key_sets;
  if (sets.empty() || sets.back() != keys_) {
    for (const auto& key : keys_) key_bytes_ += bytes_of(key);
    if (key_bytes_ > kMostKeyBytes) refuse("its keys take too much memory");
    sets.push_back(keys_);
  }
  keys_index_ = static_cast<std::uint32_t>(sets.size() - 1);
  return keys_index_;
}

MediaPlaylist MediaBuilder::finish() {
  playlist_.media_sequence = media_sequence_.value_or(0);
  return std::move(playlist_);
}

}  // namespace momentcut::hls
