// libFuzzer over hls::parse: no text crashes it, takes it long, or gets past it with values that a
// cut could not rely on. core::Error is the only way out besides a playlist.
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "momentcut/core/error.hpp"
#include "momentcut/hls/parse.hpp"
#include "momentcut/hls/select.hpp"
#include "require.hpp"

namespace {

using namespace momentcut;
using namespace momentcut::hls;

void check_uri(const std::string& uri) {
  require(!uri.empty(), "a URI is not empty");
  require(uri.size() <= kMostLineBytes, "a URI is no longer than a line");
  for (const char c : uri)
    require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "a URI has no control characters");
}

void check_range(const ByteRange& range) {
  require(range.length > 0, "a byte range has bytes");
  require(range.offset <= INT64_MAX && range.length <= INT64_MAX - range.offset,
          "a byte range ends within 63 bits");
}

void check_index(std::uint32_t index, std::size_t size) {
  require(index == Segment::kNone || index < size, "an index is in its list");
}

void check_key(const Key& key) {
  check_uri(key.uri);
  require(!key.method.empty() && key.method != "NONE", "a key has a method");
  require(!key.keyformat.empty(), "a key has a format");
  if (!key.iv) return;
  require(key.iv->size() >= 3 && key.iv->size() <= 34, "an IV has 1 to 32 digits");
  require(key.iv->find_first_not_of("0123456789abcdefABCDEF", 2) == std::string::npos,
          "an IV is hexadecimal");
}

void check_segments(const MediaPlaylist& playlist, std::size_t lines) {
  std::uint32_t line = 0;
  core::Time total{};
  for (const auto& segment : playlist.segments) {
    check_uri(segment.uri);
    check_index(segment.map, playlist.maps.size());
    check_index(segment.keys, playlist.key_sets.size());
    require(segment.duration >= core::Time{}, "a duration is not negative");
    require(segment.line > line && segment.line <= lines, "lines rise within the text");
    require(!segment.title || !segment.title->empty(), "a title is not empty");
    if (segment.byterange) check_range(*segment.byterange);
    line = segment.line;
    total += segment.duration;
  }
  require(playlist.total_duration() == total, "the total is the sum");
  require(playlist.media_sequence <= UINT64_MAX - playlist.segments.size(),
          "segments can be counted");
}

void check_wall_times(const MediaPlaylist& playlist) {
  const auto times = playlist.wall_times();
  require(times.size() == playlist.segments.size(), "each segment has its wall time");
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto& segment = playlist.segments[i];
    if (segment.program_date_time)
      require(times[i] == segment.program_date_time, "a tag is its segment's wall time");
    if (i > 0 && !segment.discontinuity)
      require(times[i].has_value() == times[i - 1].has_value(), "wall times reach through a run");
  }
}

void check(const MediaPlaylist& playlist, std::size_t lines) {
  check_segments(playlist, lines);
  check_wall_times(playlist);
  require(playlist.discontinuities() <= playlist.segments.size(), "discontinuities are between");
  for (const auto& map : playlist.maps) {
    check_uri(map.uri);
    check_index(map.keys, playlist.key_sets.size());
    if (map.byterange) check_range(*map.byterange);
  }
  for (const auto& keys : playlist.key_sets) {
    require(!keys.empty(), "a set of keys is not empty");
    std::set<std::string> formats;
    for (const auto& key : keys) {
      check_key(key);
      require(formats.insert(key.keyformat).second, "a key format is in force once");
    }
  }
}

void check_selection(const MultivariantPlaylist& playlist, std::string_view wanted) {
  try {
    const auto selection = select_rendition(playlist, wanted, "fuzz");
    check_uri(selection.uri);
    require(!selection.name.empty(), "a rendition has a name");
    require(!selection.variant || *selection.variant < playlist.variants.size(),
            "a selected variant is in the list");
  } catch (const core::Error& error) {
    require(error.kind() == core::ErrorKind::not_found || playlist.variants.empty(),
            "with variants a choice is found or not");
  }
}

void check(const MultivariantPlaylist& playlist, std::size_t /*lines*/) {
  const auto names = variant_names(playlist);
  require(names.size() == playlist.variants.size(), "each variant has a name");
  require(std::set<std::string>(names.begin(), names.end()).size() == names.size(),
          "names are unique");
  for (const auto& variant : playlist.variants) check_uri(variant.uri);
  for (const auto& variant : playlist.iframe_variants) check_uri(variant.uri);
  for (std::size_t i = 0; i < names.size() && i < 8; ++i) {
    if (names[i] == "best" || names[i] == "worst" || names[i] == "audio") continue;
    require(select_rendition(playlist, names[i], "fuzz").variant == i, "a name means its variant");
  }
  for (const auto* wanted : {"best", "worst", "audio", "720p", "720p30", "a", ""})
    check_selection(playlist, wanted);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ParseContext context{
      "fuzz", {{"token", "t0k3n"}, {"a", "{$a}"}}, {{"session", "5e55"}, {"evil", "\r\n"}}};
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::size_t lines = 1;
  for (const char c : text) lines += c == '\n' ? 1 : 0;
  try {
    const auto playlist = parse(text, context);
    std::visit([lines](const auto& parsed) { check(parsed, lines); }, playlist);
  } catch (const core::Error& error) {
    require(error.kind() == core::ErrorKind::bad_data, "what is refused is bad data");
    const std::string_view message = error.what();
    require(message.starts_with("fuzz:"), "a refusal names its place");
    for (const char c : message)
      require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "a refusal is one clean line");
  }
  return 0;
}
