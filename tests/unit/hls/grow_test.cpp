// A live playlist, loaded again and again.
#include "momentcut/hls/grow.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "momentcut/hls/parse.hpp"
#include "print.hpp"

using namespace momentcut::hls;
using namespace std::chrono_literals;

namespace {

// Segments `first` to `last`, named by their media sequence numbers, with `lines` before each.
MediaPlaylist window(int first, int last, const std::string& lines = "",
                     const std::string& tail = "") {
  auto text = fmt::format("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:{}\n", first);
  for (int i = first; i <= last; ++i) text += fmt::format("{}#EXTINF:4,\n{}.ts\n", lines, i);
  return std::get<MediaPlaylist>(parse(text + tail, {"p", {}, {}}));
}

std::vector<std::string> uris(const MediaPlaylist& playlist) {
  std::vector<std::string> names;
  for (const auto& segment : playlist.segments) names.push_back(segment.uri);
  return names;
}

}  // namespace

TEST_CASE("a window that slid on adds what is new, and keeps what is gone") {
  auto known = window(7, 9);
  const auto growth = grow(known, window(9, 11));
  CHECK(growth.added == 2);
  CHECK(growth.lost == 0);
  CHECK(uris(known) == std::vector<std::string>{"7.ts", "8.ts", "9.ts", "10.ts", "11.ts"});
  CHECK(known.media_sequence == 7);
  CHECK_FALSE(known.endlist);
}

TEST_CASE("a load that brings nothing adds nothing, and one that ends ends") {
  auto known = window(7, 9);
  CHECK(grow(known, window(7, 9)).added == 0);
  CHECK(grow(known, window(8, 9)).added == 0);
  CHECK(uris(known).size() == 3);
  CHECK(grow(known, window(8, 10, "", "#EXT-X-ENDLIST\n")).added == 1);
  CHECK(known.endlist);
}

TEST_CASE("segments that left before they were seen are told, and nothing is appended over them") {
  auto known = window(7, 9);
  const auto growth = grow(known, window(12, 14));
  CHECK(growth.lost == 2);
  CHECK(growth.added == 0);
  CHECK(uris(known).size() == 3);
  CHECK(grow(known, window(10, 11)).lost == 0);
}

TEST_CASE("maps and keys of what is new are those of the later load") {
  const std::string lines = "#EXT-X-KEY:METHOD=AES-128,URI=\"a\"\n#EXT-X-MAP:URI=\"i.mp4\"\n";
  auto known = window(1, 2, lines);
  grow(known, window(2, 3, lines));
  CHECK(known.maps.size() == 1);
  CHECK(known.key_sets.size() == 1);
  CHECK(known.segments[2].map == known.segments[0].map);
  grow(known, window(3, 4, "#EXT-X-KEY:METHOD=AES-128,URI=\"b\"\n#EXT-X-MAP:URI=\"j.mp4\"\n"));
  REQUIRE(known.segments.size() == 4);
  CHECK(known.map_of(known.segments[3])->uri == "j.mp4");
  CHECK(known.key_of(known.segments[3])->uri == "b");
  CHECK(known.key_of(*known.map_of(known.segments[3]))->uri == "b");
  CHECK(known.key_of(known.segments[2])->uri == "a");
  grow(known, window(4, 5));
  CHECK(known.map_of(known.segments[4]) == nullptr);
  CHECK(known.key_of(known.segments[4]) == nullptr);
}

TEST_CASE("a discontinuity before a new segment is kept") {
  auto known = window(1, 1);
  grow(known, window(2, 2, "#EXT-X-DISCONTINUITY\n"));
  CHECK(known.segments[1].discontinuity);
}

TEST_CASE("a playlist is due after its target duration, or half of it where nothing came") {
  auto playlist = window(1, 2);
  CHECK(reload_interval(playlist, true) == 4s);
  CHECK(reload_interval(playlist, false) == 2s);
  playlist.target_duration.reset();
  playlist.segments[1].duration = 6s;
  CHECK(reload_interval(playlist, true) == 6s);
}

TEST_CASE("neither servers nor users suffer from an odd target duration") {
  auto playlist = window(1, 1);
  playlist.target_duration = 1ms;
  CHECK(reload_interval(playlist, false) == 500ms);
  playlist.target_duration = 3600s;
  CHECK(reload_interval(playlist, true) == 60s);
}
