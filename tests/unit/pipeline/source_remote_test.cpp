// From what is named on a server or in S3 to the media playlist that is cut.
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "momentcut/pipeline/source.hpp"
#include "pipeline/served.hpp"
#include "print.hpp"

using namespace momentcut;
using namespace momentcut::pipeline;
using core::ErrorKind;
using core::thrown_by;
using io::answer;

namespace {

const std::string kMedia = "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n0.ts\n#EXT-X-ENDLIST\n";
const std::string kMultivariant =
    "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=3,RESOLUTION=1280x720,FRAME-RATE=60\n"
    "720p60/playlist.m3u8\n";
const std::string kEvent = R"({"recording_status": "RECORDING_ENDED", "media": {"hls": {
  "path": "media/hls", "playlist": "odd.m3u8", "renditions": []}}})";

// What lies at each path; the answer of one that does not is `missing`.
Network::Answering from(std::map<std::string, std::string> shelf,
                        std::string missing = s3_error(404, "NoSuchKey")) {
  return [shelf = std::move(shelf), missing = std::move(missing)](const io::Asked& asked) {
    const auto line = asked.line();
    const auto path = line.substr(4, line.find_first_of(" ?", 4) - 4);
    const auto found = shelf.find(path);
    return found == shelf.end() ? Answer(missing) : Answer(answer(200, found->second));
  };
}

std::string listing(const std::vector<std::string>& keys) {
  std::string text = "<ListBucketResult>";
  for (const auto& key : keys) {
    text += "<Contents><Key>" + key + "</Key><Size>1</Size></Contents>";
  }
  return text + "</ListBucketResult>";
}

// A recording's prefix "s3://rec/r/EyEK" with what lies below it.
struct InS3 : Network {
  explicit InS3(const std::map<std::string, std::string>& below,
                std::string missing = s3_error(404, "NoSuchKey"))
      : Network(from(in_bucket(below), std::move(missing))) {
    speak_s3();
    request.source = "s3://rec/r/EyEK/";
  }
  static std::map<std::string, std::string> in_bucket(
      const std::map<std::string, std::string>& below) {
    std::map<std::string, std::string> shelf;
    for (const auto& [name, text] : below) {
      shelf[name == "?" ? "/rec" : "/rec/r/EyEK/" + name] = text;
    }
    return shelf;
  }
  Entry entry() { return find_entry(request, remote()); }
  Source source() { return choose_rendition(entry(), request, remote()); }
};

}  // namespace

TEST_CASE("a playlist over http is named by its path, and shown without its secrets") {
  Network network(from({{"/r/EyEK/playlist.m3u8", kMedia}}));
  network.request.source = network.at("/r/EyEK/playlist.m3u8?token=hunter2").text;
  const auto source = choose_rendition(find_entry(network.request, network.remote()),
                                       network.request, network.remote());
  CHECK(source.entry.source == network.at("/r/EyEK/playlist.m3u8?…").text);
  CHECK(source.entry.name == "EyEK");
  CHECK(source.rendition == "EyEK");
  CHECK(source.location.text == network.request.source);
  CHECK(source.media.segments.size() == 1);
}

TEST_CASE("a playlist that was redirected names what lies where it was found") {
  Network network({answer(302, "", "Location: /deep/er/master.m3u8\r\n"),
                   answer(200, kMultivariant), answer(200, kMedia)});
  const auto source = choose_rendition(find_entry(network.request, network.remote()),
                                       network.request, network.remote());
  CHECK(network.asked().at(2).line() == "GET /deep/er/720p60/playlist.m3u8 HTTP/1.1");
  CHECK(source.location == network.at("/deep/er/720p60/playlist.m3u8"));
  CHECK(source.rendition == "720p60");
  CHECK(source.entry.name == "p");
}

TEST_CASE("a playlist is given the variables of its own URL's query") {
  Network network(from({{"/p.m3u8",
                         "#EXTM3U\n#EXT-X-DEFINE:QUERYPARAM=\"t\"\n#EXTINF:6,\n"
                         "0.ts?t={$t}\n#EXT-X-ENDLIST\n"}}));
  network.request.source = network.at("/p.m3u8?t=a%20b").text;
  const auto entry = find_entry(network.request, network.remote());
  CHECK(std::get<hls::MediaPlaylist>(entry.playlist).segments.at(0).uri == "0.ts?t=a b");
}

TEST_CASE("a source that a server does not have is told") {
  Network network(from({}, answer(404)));
  const auto error = thrown_by([&] { find_entry(network.request, network.remote()); });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(error.line() == "\"" + network.at("/p.m3u8").text + "\": HTTP status 404");
}

TEST_CASE("a rendition that a server does not have is told with playlist and line") {
  Network network({answer(200, kMultivariant), answer(404)});
  const auto error = thrown_by([&] {
    choose_rendition(find_entry(network.request, network.remote()), network.request,
                     network.remote());
  });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(error.line() == network.at("/p.m3u8").text +
                            ":2: \"720p60/playlist.m3u8\" is missing; choose another rendition "
                            "with -r");
}

TEST_CASE("a remote playlist may not lead to a local one") {
  Network network({answer(200, "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=3\nfile:///etc/passwd\n")});
  const auto error = thrown_by([&] {
    choose_rendition(find_entry(network.request, network.remote()), network.request,
                     network.remote());
  });
  CHECK(error.kind() == ErrorKind::bad_data);
  CHECK(error.line() == network.at("/p.m3u8").text +
                            ":2: a remote playlist may not name a local file: "
                            "\"file:///etc/passwd\"");
}

TEST_CASE("a local playlist may lead to a server") {
  Network network(from({{"/720p60/playlist.m3u8", kMedia}}));
  const auto uri = network.at("/720p60/playlist.m3u8").text;
  const auto master = network.folder().write(
      "master.m3u8", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=3\n" + uri + "\n");
  network.request.source = master.native();
  const auto source = choose_rendition(find_entry(network.request, network.remote()),
                                       network.request, network.remote());
  CHECK(source.location.text == uri);
  CHECK(source.media.segments.size() == 1);
}

TEST_CASE("a recording's prefix leads to what its event says") {
  InS3 network({{"events/recording-ended.json", kEvent},
                {"media/hls/odd.m3u8", kMultivariant},
                {"media/hls/master.m3u8", "wrong"},
                {"media/hls/720p60/playlist.m3u8", kMedia}});
  const auto source = network.source();
  CHECK(source.location == Network::object("r/EyEK/media/hls/720p60/playlist.m3u8"));
  CHECK(source.entry.location == Network::object("r/EyEK/media/hls/odd.m3u8"));
  CHECK(source.entry.event);
  CHECK(source.entry.recording_id == "EyEK");
  CHECK(source.entry.name == "EyEK");
  CHECK(source.entry.source == "s3://rec/r/EyEK/");
}

TEST_CASE("a prefix without an event leads to the usual names, and else to the only playlist") {
  InS3 usual({{"media/hls/master.m3u8", kMultivariant}});
  CHECK(usual.entry().location == Network::object("r/EyEK/media/hls/master.m3u8"));
  InS3 only({{"?", listing({"r/EyEK/x/only.m3u8", "r/EyEK/x/0.ts"})}, {"x/only.m3u8", kMedia}});
  CHECK(only.entry().location == Network::object("r/EyEK/x/only.m3u8"));
  InS3 two({{"?", listing({"r/EyEK/480p30/a.m3u8", "r/EyEK/720p60/a.m3u8"})},
            {"720p60/a.m3u8", kMedia}});
  two.request.rendition = "720p60";
  CHECK(two.entry().location == Network::object("r/EyEK/720p60/a.m3u8"));
  InS3 ambiguous({{"?", listing({"r/EyEK/480p30/a.m3u8", "r/EyEK/720p60/a.m3u8"})}});
  CHECK(thrown_by([&] { ambiguous.entry(); }).kind() == ErrorKind::not_found);
}

TEST_CASE("an object that is a playlist by its name is read as one") {
  InS3 network({{"720p60/playlist.m3u8", kMedia}});
  network.request.source = "s3://rec/r/EyEK/720p60/playlist.m3u8";
  CHECK(network.source().rendition == "720p60");
  CHECK(network.asked().size() == 1);
}

TEST_CASE("a bucket may be a recording, and gives it its name") {
  Network network(from({{"/rec/master.m3u8", kMultivariant}}));
  network.speak_s3();
  for (const std::string source : {"s3://rec", "s3://rec/"}) {
    network.request.source = source;
    const auto entry = find_entry(network.request, network.remote());
    CHECK(entry.location == Network::object("master.m3u8"));
    CHECK(entry.recording_id == "rec");
  }
}

TEST_CASE("a prefix that holds no recording, or none that may be seen, is told as such") {
  InS3 empty({{"?", listing({})}});
  const auto missing = thrown_by([&] { empty.entry(); });
  CHECK(missing.kind() == ErrorKind::not_found);
  CHECK(std::string(missing.what()) == "no recording in \"s3://rec/r/EyEK/\"");
  InS3 hidden({{"?", listing({})}}, s3_error(403, "AccessDenied"));
  const auto denied = thrown_by([&] { hidden.entry(); });
  CHECK(denied.kind() == ErrorKind::no_permission);
  CHECK(std::string(denied.what()) ==
        "no recording in \"s3://rec/r/EyEK/\", as far as may be seen (AccessDenied)");
}

TEST_CASE("a rendition that may not be read is not taken for a missing one") {
  InS3 network({{"master.m3u8", kMultivariant}}, s3_error(403, "AccessDenied"));
  network.request.source = "s3://rec/r/EyEK/master.m3u8";
  const auto error = thrown_by([&] { network.source(); });
  CHECK(error.kind() == ErrorKind::no_permission);
  CHECK(error.line() ==
        "s3://rec/r/EyEK/master.m3u8:2: \"720p60/playlist.m3u8\" is missing or denied "
        "(AccessDenied); check the rights of these credentials");
}
