// What a MediaPlaylist tells about its segments.
#include "momentcut/hls/playlist.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace momentcut;
using namespace momentcut::hls;
using std::chrono::seconds;

namespace {

core::WallTime at(std::int64_t second) {
  return core::WallTime(seconds(second));
}

// Five segments of ten seconds.
MediaPlaylist five_segments() {
  MediaPlaylist playlist;
  playlist.segments.resize(5);
  for (auto& segment : playlist.segments) segment.duration = seconds(10);
  return playlist;
}

Key key(const std::string& keyformat) {
  return {"AES-128", "k", {}, keyformat, {}};
}

}  // namespace

TEST_CASE("a segment knows its map and keys by index") {
  MediaPlaylist playlist;
  playlist.maps = {{"a.mp4", {}}, {"b.mp4", {}}};
  playlist.key_sets = {{key("identity")}};
  Segment segment;
  CHECK(playlist.map_of(segment) == nullptr);
  CHECK(playlist.keys_of(segment) == nullptr);
  CHECK(playlist.key_of(segment) == nullptr);
  segment.map = 1;
  segment.keys = 0;
  CHECK(playlist.map_of(segment)->uri == "b.mp4");
  CHECK(playlist.keys_of(segment) == playlist.key_sets.data());
  CHECK(playlist.key_of(segment) == playlist.key_sets[0].data());
}

TEST_CASE("an index past the lists is no map and no key") {
  MediaPlaylist playlist;
  Segment segment;
  segment.map = 0;
  segment.keys = 0;
  CHECK(playlist.map_of(segment) == nullptr);
  CHECK(playlist.key_of(segment) == nullptr);
}

TEST_CASE("the identity key stands for a segment's keys, else the first") {
  MediaPlaylist playlist;
  playlist.key_sets = {{key("com.apple.streamingkeydelivery"), key("identity")},
                       {key("urn:a"), key("urn:b")}};
  Segment segment;
  segment.keys = 0;
  CHECK(playlist.key_of(segment)->keyformat == "identity");
  segment.keys = 1;
  CHECK(playlist.key_of(segment)->keyformat == "urn:a");
}

TEST_CASE("a map has keys of its own") {
  MediaPlaylist playlist;
  playlist.key_sets = {{key("identity")}};
  Map map{"a.mp4", {}};
  CHECK(playlist.keys_of(map) == nullptr);
  CHECK(playlist.key_of(map) == nullptr);
  map.keys = 0;
  CHECK(playlist.keys_of(map) == playlist.key_sets.data());
  CHECK(playlist.key_of(map) == playlist.key_sets[0].data());
}

TEST_CASE("the total duration is the sum of all segments") {
  CHECK(five_segments().total_duration() == seconds(50));
  CHECK(MediaPlaylist{}.total_duration() == seconds(0));
}

TEST_CASE("a discontinuity before the first segment is not counted") {
  auto playlist = five_segments();
  playlist.segments[0].discontinuity = true;
  CHECK(playlist.discontinuities() == 0);
  playlist.segments[1].discontinuity = true;
  playlist.segments[4].discontinuity = true;
  CHECK(playlist.discontinuities() == 2);
  CHECK(MediaPlaylist{}.discontinuities() == 0);
}

TEST_CASE("without a tag no wall-clock time is known") {
  const auto times = five_segments().wall_times();
  REQUIRE(times.size() == 5);
  for (const auto& time : times) CHECK(time == std::nullopt);
  CHECK(MediaPlaylist{}.wall_times().empty());
}

TEST_CASE("wall-clock times are extrapolated forward and backward from a tag") {
  auto playlist = five_segments();
  playlist.segments[2].program_date_time = at(1000);
  const auto times = playlist.wall_times();
  CHECK(times[0] == at(980));
  CHECK(times[1] == at(990));
  CHECK(times[2] == at(1000));
  CHECK(times[3] == at(1010));
  CHECK(times[4] == at(1020));
}

TEST_CASE("a later tag overrides the wall-clock time extrapolated from an earlier one") {
  auto playlist = five_segments();
  playlist.segments[0].program_date_time = at(1000);
  playlist.segments[3].program_date_time = at(2000);
  const auto times = playlist.wall_times();
  CHECK(times[2] == at(1020));
  CHECK(times[3] == at(2000));
  CHECK(times[4] == at(2010));
}

TEST_CASE("a discontinuity ends the reach of a wall-clock tag in both directions") {
  auto playlist = five_segments();
  playlist.segments[2].discontinuity = true;
  playlist.segments[4].discontinuity = true;
  playlist.segments[3].program_date_time = at(1000);
  const auto times = playlist.wall_times();
  CHECK(times[0] == std::nullopt);
  CHECK(times[1] == std::nullopt);
  CHECK(times[2] == at(990));
  CHECK(times[3] == at(1000));
  CHECK(times[4] == std::nullopt);
}

TEST_CASE("each run between discontinuities has its own wall clock") {
  auto playlist = five_segments();
  playlist.segments[0].discontinuity = true;
  playlist.segments[3].discontinuity = true;
  playlist.segments[1].program_date_time = at(1000);
  playlist.segments[3].program_date_time = at(500);
  const auto times = playlist.wall_times();
  CHECK(times[0] == at(990));
  CHECK(times[2] == at(1010));
  CHECK(times[3] == at(500));
  CHECK(times[4] == at(510));
}
