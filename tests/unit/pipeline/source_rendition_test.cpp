// From an entry to the media playlist that is cut.
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "io/folder.hpp"
#include "momentcut/pipeline/source.hpp"
#include "pipeline/world.hpp"
#include "print.hpp"

using namespace momentcut;
using core::ErrorKind;
using core::thrown_by;
using io::Folder;
using pipeline::Request;
using pipeline::Source;
namespace fs = std::filesystem;

namespace {

const std::string kMedia = "#EXTM3U\n#EXTINF:6,\n0.ts\n#EXT-X-ENDLIST\n";
const std::string kMultivariant =
    "#EXTM3U\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=3,RESOLUTION=1280x720\n720p60/playlist.m3u8\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=284x160\n160p30/playlist.m3u8\n";

Source source_of(const fs::path& source, std::optional<std::string> rendition = {}) {
  Request request;
  request.source = source.native();
  request.rendition = std::move(rendition);
  pipeline::World world(request);
  return choose_rendition(find_entry(request, world.remote), request, world.remote);
}

core::Error refusal(const fs::path& source, std::optional<std::string> rendition = {}) {
  return thrown_by([&] { source_of(source, rendition); });
}

}  // namespace

TEST_CASE("the best rendition is taken, unless another one is asked for") {
  const Folder folder;
  const auto master = folder.write("master.m3u8", kMultivariant);
  const auto high = folder.write("720p60/playlist.m3u8", kMedia);
  const auto low = folder.write("160p30/playlist.m3u8", kMedia);
  const auto best = source_of(master);
  CHECK(best.rendition == "720p60");
  CHECK(best.location.text == high.native());
  CHECK(best.media.segments.size() == 1);
  CHECK_FALSE(best.audio_only);
  CHECK(best.entry.location.text == master.native());
  CHECK(source_of(master, "worst").location.text == low.native());
  CHECK(source_of(folder.path(), "160p30").location.text == low.native());
  CHECK(source_of(master, "audio").audio_only);
}

TEST_CASE("a rendition that is not there is told with those that are") {
  const Folder folder;
  const auto master = folder.write("master.m3u8", kMultivariant);
  const auto error = refusal(master, "4k");
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(error.line().find("720p60") != std::string::npos);
}

TEST_CASE("a rendition whose playlist is missing is told with file and the line of its tag") {
  const Folder folder;
  const auto master = folder.write("master.m3u8", kMultivariant);
  const auto error = refusal(master, "160p30");
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(error.line() == master.native() +
                            ":4: \"160p30/playlist.m3u8\" is missing; fetch the whole recording, "
                            "or choose another rendition with -r");
}

TEST_CASE("an audio rendition whose playlist is missing is told with its line") {
  const Folder folder;
  const auto master = folder.write(
      "master.m3u8",
      "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\",DEFAULT=YES,URI=\"a.m3u8\"\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=3,RESOLUTION=1280x720,AUDIO=\"a\"\n720p60/playlist.m3u8\n");
  folder.write("720p60/playlist.m3u8", kMedia);
  const auto error = refusal(master, "audio");
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(std::string(error.what()) == master.native() + ":2: \"a.m3u8\" is missing");
}

TEST_CASE("audio of its own comes beside the video, whose beginning is where time begins") {
  const Folder folder;
  const auto master = folder.write(
      "master.m3u8",
      "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\",DEFAULT=YES,URI=\"a.m3u8\"\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=3,RESOLUTION=1280x720,AUDIO=\"a\"\n720p60/playlist.m3u8\n");
  const auto video = folder.write("720p60/playlist.m3u8", kMedia);
  const auto audio = folder.write("a.m3u8", kMedia);
  for (const auto* rendition : {"best", "audio"}) {
    const auto source = source_of(master, rendition);
    CHECK(source.location.text == video.native());
    REQUIRE(source.audio);
    CHECK(source.audio->location.text == audio.native());
    CHECK(source.audio_only == (std::string(rendition) == "audio"));
  }
  CHECK(source_of(master, "audio").rendition == "n");
}

TEST_CASE("a multivariant playlist that names another one is refused") {
  const Folder folder;
  const auto master = folder.write("master.m3u8", kMultivariant);
  const auto other = folder.write("720p60/playlist.m3u8", kMultivariant);
  const auto error = refusal(master);
  CHECK(error.kind() == ErrorKind::bad_data);
  CHECK(error.line() ==
        "\"" + other.native() + "\" is a multivariant playlist where a media playlist was to be");
  const auto itself =
      folder.write("self.m3u8", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=3\nself.m3u8\n");
  CHECK(refusal(itself).kind() == ErrorKind::bad_data);
}

TEST_CASE("a rendition's playlist may be named by an encoded path with a query") {
  const Folder folder;
  const auto master =
      folder.write("master.m3u8",
                   "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=3\n720p%2060/playlist.m3u8?token=a%2Fb\n");
  const auto file = folder.write("720p 60/playlist.m3u8", kMedia);
  CHECK(source_of(master).location.text == file.native());
}

TEST_CASE("variables of a multivariant playlist reach its renditions") {
  const Folder folder;
  const auto master = folder.write("master.m3u8",
                                   "#EXTM3U\n#EXT-X-DEFINE:NAME=\"where\",VALUE=\"720p60\"\n"
                                   "#EXT-X-STREAM-INF:BANDWIDTH=3\n{$where}/playlist.m3u8\n");
  folder.write("720p60/playlist.m3u8",
               "#EXTM3U\n#EXT-X-DEFINE:IMPORT=\"where\"\n#EXTINF:6,\n{$where}-0.ts\n"
               "#EXT-X-ENDLIST\n");
  CHECK(source_of(master).media.segments.at(0).uri == "720p60-0.ts");
}

TEST_CASE("a media playlist is the one rendition there is") {
  const Folder folder;
  const auto playlist = folder.write("720p60/playlist.m3u8", kMedia);
  for (const auto* wanted : {"best", "worst", "720p60"}) {
    CAPTURE(wanted);
    const auto source = source_of(playlist, wanted);
    CHECK(source.rendition == "720p60");
    CHECK(source.location.text == playlist.native());
    CHECK_FALSE(source.audio_only);
  }
  CHECK(source_of(playlist).rendition == "720p60");
  CHECK(source_of(playlist, "audio").audio_only);
  const auto error = refusal(playlist, "160p30");
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(error.line() ==
        "\"" + playlist.native() +
            "\" is a single rendition, there is no \"160p30\" to choose; leave out -r, or give the "
            "recording's folder or its multivariant playlist");
}
