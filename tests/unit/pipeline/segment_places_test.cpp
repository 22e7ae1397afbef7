// Where segments are, and what errors call them.
#include "momentcut/pipeline/segment_places.hpp"

#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "io/folder.hpp"
#include "momentcut/hls/parse.hpp"
#include "pipeline/world.hpp"

using namespace momentcut;
using core::ErrorKind;
using core::thrown_by;

namespace {

struct Bench {
  explicit Bench(const std::string& lines) : places(rendition, world.remote) {
    rendition.location = {s3::Scheme::file, folder.write("p.m3u8", "").native()};
    rendition.media =
        std::get<hls::MediaPlaylist>(hls::parse("#EXTM3U\n" + lines, {"p.m3u8", {}, {}}));
  }

  io::Folder folder;
  pipeline::World world;
  pipeline::Rendition rendition;
  pipeline::SegmentPlaces places;
};

const std::string kThree =
    "#EXTINF:6,\n0.ts\n#EXTINF:4.5,\n1.ts?token=hunter2\n#EXT-X-GAP\n#EXTINF:6,\n2.ts\n";

}  // namespace

TEST_CASE("a segment is called by its line and URI, and by the stretch that it fills") {
  Bench bench(kThree);
  CHECK(bench.places.name(0) == bench.rendition.location.text + ":3: segment \"0.ts\"");
  CHECK(bench.places.span(0) == "0 to 6 s");
  CHECK(bench.places.span(1) == "6 to 10.5 s");
}

TEST_CASE("a segment is where the playlist says, if it is there") {
  Bench bench(kThree);
  bench.folder.write("0.ts", "x");
  CHECK(bench.places.of(0).text == (bench.folder / "0.ts").native());
  CHECK_FALSE(bench.places.is_missing(0));
  CHECK(bench.places.is_missing(1));
  CHECK(thrown_by([&] { bench.places.of(1); })
            .line()
            .ends_with(" is missing, 6 to 10.5 s of the recording; fetch the whole recording "
                       "again, or cut around "
                       "it with --allow-gaps"));
}

TEST_CASE("a segment that is marked as missing is, whatever is there") {
  Bench bench(kThree);
  bench.folder.write("2.ts", "x");
  CHECK(bench.places.is_missing(2));
  const auto error = thrown_by([&] { bench.places.of(2); });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(
      error.line().ends_with(" is marked as missing (EXT-X-GAP), 10.5 to 16.5 s of the recording; "
                             "choose a range without it, or cut around it with --allow-gaps"));
}

TEST_CASE("a segment that turns out to be missing is so from then on") {
  Bench bench(kThree);
  bench.folder.write("0.ts", "x");
  bench.places.of(0);
  bench.rendition.media.segments[0].gap = true;
  CHECK(bench.places.is_missing(0));
}
