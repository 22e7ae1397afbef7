// What the text of a source or of a segment's URI means.
#include "momentcut/s3/location.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "print.hpp"

using namespace momentcut::s3;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;

namespace {

Location file(const std::string& path) {
  return {Scheme::file, path};
}

std::vector<std::string> candidates(const std::string& path) {
  std::vector<std::string> texts;
  for (const auto& candidate : local_candidates(file(""), path))
    texts.push_back(candidate.native());
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("what has no scheme is a path, however odd") {
  for (const std::string path : {"rec",       "./rec/",      "/data/rec/master.m3u8",
                                 "",          ".",           "..",
                                 "-",         "a b",         "c:/rec",
                                 "100%.m3u8", "%41",         "what?.m3u8",
                                 "a#b",       "x:y",         "10:30.m3u8",
                                 "://x",      "a/b://c",     "s3:/x",
                                 "s3:x",      "file:/x",     "http",
                                 "größe",     "a?b=http://x"}) {
    CAPTURE(path);
    CHECK(parse_location(path) == file(path));
  }
}

TEST_CASE("schemes are known in any case, and the URL stays as it is given") {
  CHECK(parse_location("http://h/x") == Location{Scheme::http, "http://h/x"});
  CHECK(parse_location("HTTPS://H/X?y#z") == Location{Scheme::https, "HTTPS://H/X?y#z"});
  CHECK(parse_location("Http://h") == Location{Scheme::http, "Http://h"});
  CHECK(parse_location("s3://b/k%20/") == Location{Scheme::s3, "s3://b/k%20/"});
  CHECK(parse_location("S3://Bucket/Key") == Location{Scheme::s3, "S3://Bucket/Key"});
}

TEST_CASE("a file URL is a percent-encoded path") {
  CHECK(parse_location("file:///a/b.m3u8") == file("/a/b.m3u8"));
  CHECK(parse_location("FILE:///a%20b") == file("/a b"));
  CHECK(parse_location("file:///100%25") == file("/100%"));
  CHECK(parse_location("file:///100%") == file("/100%"));
  CHECK(parse_location("file://localhost/a") == file("/a"));
  CHECK(parse_location("file:///") == file("/"));
}

TEST_CASE("a file URL with a host is refused") {
  for (const std::string url :
       {"file://host/a", "file://", "file://a", "file://localhost", "file://localhostess/a"}) {
    CAPTURE(url);
    CHECK(thrown_by([&] { parse_location(url); }).kind() == ErrorKind::usage);
  }
  CHECK(thrown_by([] { parse_location("file://host/a"); }).line() ==
        "not a local file: \"file://host/a\"; write file:///path, or just the path");
}

TEST_CASE("a scheme that is not known is refused") {
  for (const std::string url : {"ftp://h/x", "rtmp://h/x", "data://x", "concat://a", "s3a://b/k"}) {
    CAPTURE(url);
    CHECK(thrown_by([&] { parse_location(url); }).kind() == ErrorKind::usage);
  }
  CHECK(thrown_by([] { parse_location("ftp://h/x"); }).line() ==
        "not a source momentcut knows: \"ftp://h/x\"; give a path, or an http, https or s3 URL");
}

TEST_CASE("a relative reference lies beside its playlist") {
  CHECK(resolve(file("/r/master.m3u8"), "720p/playlist.m3u8") == file("/r/720p/playlist.m3u8"));
  CHECK(resolve(file("rec/a.m3u8"), "0.ts") == file("rec/0.ts"));
  CHECK(resolve(file("a.m3u8"), "0.ts") == file("0.ts"));
  CHECK(resolve(file("/r/a.m3u8"), "../0.ts") == file("/r/../0.ts"));
  CHECK(resolve(file("/r/a.m3u8"), "seg%20 1.ts?x=1") == file("/r/seg%20 1.ts?x=1"));
  CHECK(resolve(file("/r/a.m3u8"), "10:30.ts") == file("/r/10:30.ts"));
}

TEST_CASE("an absolute reference stands for itself") {
  CHECK(resolve(file("/r/a.m3u8"), "/data/0.ts") == file("/data/0.ts"));
  CHECK(resolve(file("/r/a.m3u8"), "file:///data/0%201.ts") == file("/data/0 1.ts"));
  CHECK(resolve(file("/r/a.m3u8"), "https://h/0.ts") == Location{Scheme::https, "https://h/0.ts"});
  CHECK(resolve(file("/r/a.m3u8"), "s3://rec/0%20.ts") == Location{Scheme::s3, "s3://rec/0%20.ts"});
}

TEST_CASE("an unknown scheme within a playlist is the playlist's fault") {
  CHECK(thrown_by([] { resolve(file("/r/a.m3u8"), "rtmp://h/0.ts"); }).kind() ==
        ErrorKind::bad_data);
}

TEST_CASE("a file is looked for as it is written, then decoded, then without its query") {
  CHECK(candidates("/r/0.ts") == Texts{"/r/0.ts"});
  CHECK(candidates("/r/a%20b.ts") == Texts{"/r/a%20b.ts", "/r/a b.ts"});
  CHECK(candidates("/r/0.ts?x=1") == Texts{"/r/0.ts?x=1", "/r/0.ts"});
  CHECK(candidates("/r/a%20b.ts?x=%41") ==
        Texts{"/r/a%20b.ts?x=%41", "/r/a b.ts?x=A", "/r/a%20b.ts", "/r/a b.ts"});
  CHECK(candidates("/r/100%.ts") == Texts{"/r/100%.ts"});
}

TEST_CASE("a query ends a name at its first question mark, and an encoded one does not") {
  CHECK(candidates("/r/a?b?c") == Texts{"/r/a?b?c", "/r/a"});
  CHECK(candidates("/r/a%3Fb?c") == Texts{"/r/a%3Fb?c", "/r/a?b?c", "/r/a%3Fb", "/r/a?b"});
}
