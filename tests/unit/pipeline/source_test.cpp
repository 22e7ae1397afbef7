// From what the user names to a playlist.
#include "momentcut/pipeline/source.hpp"

#include <filesystem>
#include <string>
#include <variant>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "io/folder.hpp"
#include "pipeline/world.hpp"
#include "print.hpp"

using namespace momentcut;
using core::ErrorKind;
using core::thrown_by;
using io::Folder;
using pipeline::Entry;
using pipeline::Request;
namespace fs = std::filesystem;

namespace {

const std::string kMedia = "#EXTM3U\n#EXTINF:6,\n0.ts\n#EXT-X-ENDLIST\n";
const std::string kMultivariant = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n720p60/playlist.m3u8\n";
const std::string kEvent =
    R"({"recording_status":"RECORDING_ENDED","media":{"hls":{"path":"hls","playlist":"all.m3u8",)"
    R"("renditions":[{"path":"hd","playlist":"hd.m3u8"}]}}})";

Request request_for(const fs::path& source, std::optional<std::string> rendition = {}) {
  Request request;
  request.source = source.native();
  request.rendition = std::move(rendition);
  return request;
}

Entry find_entry(const Request& request) {
  pipeline::World world(request);
  return pipeline::find_entry(request, world.remote);
}

// What a folder leads to, by its name within the folder.
std::string found_in(const Folder& folder, std::optional<std::string> rendition = {}) {
  const auto entry = find_entry(request_for(folder.path(), std::move(rendition)));
  CHECK(entry.location.scheme == s3::Scheme::file);
  return fs::path(entry.location.text).lexically_relative(folder.path()).native();
}

// Another working folder, for as long as it lives.
class Within {
 public:
  explicit Within(const fs::path& folder) : before_(fs::current_path()) {
    fs::current_path(folder);
  }
  ~Within() { fs::current_path(before_); }
  Within(const Within&) = delete;
  Within& operator=(const Within&) = delete;

 private:
  fs::path before_;
};

}  // namespace

TEST_CASE("a recording's playlist is looked for from the surest place to the plainest") {
  const Folder folder;
  // From the plainest on, each one beats those before it.
  folder.write("odd name.m3u8", kMedia);
  CHECK(found_in(folder) == "odd name.m3u8");
  folder.write("playlist.m3u8", kMedia);
  CHECK(found_in(folder) == "playlist.m3u8");
  folder.write("720p60/playlist.m3u8", kMedia);
  CHECK(found_in(folder) == "playlist.m3u8");
  CHECK(found_in(folder, "720p60") == "720p60/playlist.m3u8");
  folder.write("media/hls/720p60/playlist.m3u8", kMedia);
  CHECK(found_in(folder, "720p60") == "media/hls/720p60/playlist.m3u8");
  CHECK(found_in(folder) == "playlist.m3u8");
  folder.write("master.m3u8", kMultivariant);
  CHECK(found_in(folder) == "master.m3u8");
  CHECK(found_in(folder, "720p60") == "master.m3u8");
  folder.write("media/hls/master.m3u8", kMultivariant);
  CHECK(found_in(folder) == "media/hls/master.m3u8");
  folder.write("events/recording-ended.json", kEvent);
  CHECK(found_in(folder) == "media/hls/master.m3u8");
  folder.write("hls/hd/hd.m3u8", kMedia);
  CHECK(found_in(folder) == "media/hls/master.m3u8");
  CHECK(found_in(folder, "hd") == "hls/hd/hd.m3u8");
  folder.write("hls/all.m3u8", kMultivariant);
  CHECK(found_in(folder) == "hls/all.m3u8");
  CHECK(found_in(folder, "hd") == "hls/all.m3u8");
}

TEST_CASE("of a recording's events the one that knows most is read") {
  const Folder folder;
  folder.write("master.m3u8", kMultivariant);
  const auto state = [&] { return find_entry(request_for(folder.path())).event->state; };
  folder.write("events/recording-started.json", "{}");
  CHECK(state() == s3::RecordingState::started);
  folder.write("events/recording-failed.json", "{}");
  CHECK(state() == s3::RecordingState::failed);
  folder.write("events/recording-ended.json", "{}");
  CHECK(state() == s3::RecordingState::ended);
  folder.write("events/recording-ended.json", "not JSON");
  CHECK(thrown_by(state).kind() == ErrorKind::bad_data);
}

TEST_CASE("a folder is called by its own name") {
  const Folder folder;
  folder.write("rec/master.m3u8", kMultivariant);
  for (const auto& path :
       {folder / "rec", folder / "rec/", folder / "rec/.", folder / "x/../rec"}) {
    CAPTURE(path.native());
    fs::create_directories(folder / "x");
    const auto entry = find_entry(request_for(path));
    CHECK(entry.source == path.native());
    CHECK(entry.name == "rec");
    CHECK(entry.recording_id == "rec");
  }
  const Within within(folder / "rec");
  CHECK(find_entry(request_for(".")).name == "rec");
}

TEST_CASE("without a source the working folder is the recording") {
  const Folder folder;
  folder.write("rec/media/hls/master.m3u8", kMultivariant);
  const Within within(folder / "rec");
  const auto entry = find_entry(Request{});
  CHECK(entry.source == ".");
  CHECK(entry.name == "rec");
  CHECK(std::holds_alternative<hls::MultivariantPlaylist>(entry.playlist));
}

TEST_CASE("where nothing is found, the three ways to give a source are told") {
  const Folder folder;
  const Within within(folder.path());
  const auto error = thrown_by([] { find_entry(Request{}); });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(error.line() ==
        "no source given, and the working folder holds no recording; give a playlist or a "
        "recording's folder as SOURCE, set MOMENTCUT_SOURCE (or source in the config file), or run "
        "this inside a recording's folder");
}

TEST_CASE("a folder without a recording, or with too many playlists, is told") {
  const Folder folder;
  const auto wanted = "no recording in \"" + folder.path().native() +
                      "\"; it needs media/hls/master.m3u8, master.m3u8, playlist.m3u8 or one "
                      "single *.m3u8";
  const auto error = [&] { return thrown_by([&] { find_entry(request_for(folder.path())); }); };
  CHECK(error().kind() == ErrorKind::not_found);
  CHECK(error().line() == wanted);
  folder.write("a.m3u8", kMedia);
  folder.write("b.m3u8", kMedia);
  CHECK(error().line() == wanted);
  fs::remove(folder / "b.m3u8");
  fs::create_directory(folder / "c.m3u8");
  folder.write("d.M3U8x", kMedia);
  CHECK(found_in(folder) == "a.m3u8");
}

TEST_CASE("a playlist is called by its name, or by its folder's where it says nothing") {
  const Folder folder;
  const auto name_of = [&](const std::string& file) {
    return find_entry(request_for(folder.write(file, kMedia))).name;
  };
  CHECK(name_of("rec/goal.m3u8") == "goal");
  CHECK(name_of("rec/2020.08.m3u8") == "2020.08");
  for (const std::string vague : {"playlist", "master", "index", "multivariant", "media"}) {
    CHECK(name_of("rec/" + vague + ".m3u8") == "rec");
  }
  const Within within(folder / "rec");
  const auto entry = find_entry(request_for("playlist.m3u8"));
  CHECK(entry.name == "rec");
  CHECK(entry.source == "playlist.m3u8");
  CHECK(entry.recording_id.empty());
}

TEST_CASE("a source may be a file URL") {
  const Folder folder;
  folder.write("a b.m3u8", kMedia);
  const auto entry = find_entry(request_for("file://" + (folder / "a%20b.m3u8").native()));
  CHECK(entry.location.text == (folder / "a b.m3u8").native());
  CHECK(entry.name == "a b");
}

TEST_CASE("a source that is not there, or no playlist, is told") {
  const Folder folder;
  CHECK(thrown_by([&] { find_entry(request_for(folder / "none.m3u8")); }).kind() ==
        ErrorKind::not_found);
  const auto page = folder.write("page.html", "<html>\n");
  const auto error = thrown_by([&] { find_entry(request_for(page)); });
  CHECK(error.kind() == ErrorKind::bad_data);
  CHECK(std::string(error.what()).starts_with(page.native() + ":1: "));
}

TEST_CASE("a source that cannot be looked at is an input error, not momentcut's own") {
  const Folder folder;
  fs::create_symlink("loop", folder / "loop");
  for (const auto& path : {folder / std::string(300, 'x'), folder / "loop/a.m3u8"}) {
    CAPTURE(path.native());
    const auto error = thrown_by([&] { find_entry(request_for(path)); });
    CHECK((error.kind() == ErrorKind::not_found || error.kind() == ErrorKind::io));
  }
}
