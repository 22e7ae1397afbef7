// What references in remote playlists mean, and what S3 locations name.
#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "momentcut/s3/location.hpp"
#include "print.hpp"

using namespace momentcut::s3;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;

namespace {

Location http(const std::string& url) {
  return {url.starts_with("https") ? Scheme::https : Scheme::http, url};
}

Location in_s3(const std::string& url) {
  return {Scheme::s3, url};
}

// The key that `reference` leads to in the playlist "a/b/p.m3u8" of a bucket.
std::string key_of(const std::string& reference) {
  return object_of(resolve(in_s3("s3://rec/a/b/p.m3u8"), reference)).key;
}

std::string refused(const Location& base, const std::string& reference) {
  const auto error = thrown_by([&] { resolve(base, reference); });
  CHECK(error.kind() == ErrorKind::bad_data);
  return error.line();
}

}  // namespace

TEST_CASE("a reference in a remote playlist is a URI reference") {
  const auto base = http("https://h/r/p.m3u8?token=1");
  CHECK(resolve(base, "0.ts") == http("https://h/r/0.ts"));
  CHECK(resolve(base, "../x/0 1.ts?y=1#z") == http("https://h/x/0%201.ts?y=1"));
  CHECK(resolve(base, "//other/0.ts") == http("https://other/0.ts"));
  CHECK(resolve(base, "/0.ts") == http("https://h/0.ts"));
  // By name alone: what may be followed is not decided here.
  CHECK(resolve(base, "http://h/0.ts") == http("http://h/0.ts"));
  CHECK(resolve(base, "HTTPS://h/0.ts") == Location{Scheme::https, "HTTPS://h/0.ts"});
  CHECK(resolve(base, "s3://rec/0.ts") == in_s3("s3://rec/0.ts"));
  CHECK(resolve(in_s3("s3://rec/p.m3u8"), "https://h/0.ts") == http("https://h/0.ts"));
}

TEST_CASE("a remote playlist may not name a local file") {
  for (const auto& base : {http("http://h/p"), http("https://h/p"), in_s3("s3://rec/p")}) {
    for (const std::string reference :
         {"file:///etc/passwd", "FILE:///etc/passwd", "file:/etc/passwd", "file:passwd"}) {
      CAPTURE(reference);
      CHECK(refused(base, reference).starts_with("a remote playlist may not name a local file: "));
    }
  }
}

TEST_CASE("a remote playlist may name nothing of another scheme") {
  for (const auto& base : {http("https://h/p"), in_s3("s3://rec/p")}) {
    for (const std::string reference : {"ftp://h/0.ts", "data:,x", "concat:a|b", "http:0.ts",
                                        "http:/0.ts", "s3:0.ts", "gopher://h", "x-y+z.1:a"}) {
      CAPTURE(reference);
      CHECK(refused(base, reference).starts_with("not an http, https or s3 URL: "));
    }
  }
}

TEST_CASE("a key is what it is, however it looks like a URL") {
  CHECK(object_of(in_s3("s3://rec/a%20b?c#d/../e//")) == Object{"rec", "a%20b?c#d/../e//"});
  CHECK(object_of(in_s3("S3://rec/K")) == Object{"rec", "K"});
  CHECK(object_of(in_s3("s3://rec//k")) == Object{"rec", "/k"});
  CHECK(object_of(in_s3("s3://rec/")) == Object{"rec", ""});
  CHECK(object_of(in_s3("s3://rec")) == Object{"rec", ""});
  CHECK(location_of({"rec", "a b"}) == in_s3("s3://rec/a b"));
  CHECK(object_of(location_of({"rec", "a?b#%41"})) == Object{"rec", "a?b#%41"});
}

TEST_CASE("a bucket has a name that S3 would give it, old ones too") {
  for (const std::string name : {"abc", "a.b-c", "Old_Bucket", "127.0.0.1"}) {
    CHECK(object_of(in_s3("s3://" + name + "/k")).bucket == name);
  }
  CHECK_NOTHROW(object_of(in_s3("s3://" + std::string(255, 'a') + "/k")));
  for (const std::string& name :
       {std::string("ab"), std::string(""), std::string("..."), std::string("a:80"),
        std::string("u@h"), std::string("a b"), std::string("a?b"), std::string("größe"),
        std::string(256, 'a')}) {
    CAPTURE(name);
    CHECK(thrown_by([&] { object_of(in_s3("s3://" + name + "/k")); }).kind() == ErrorKind::usage);
  }
  CHECK(thrown_by([] { object_of(in_s3("s3://a:80/k")); }).line() ==
        "\"a:80\" is not a bucket's name; write s3://BUCKET/KEY");
}

TEST_CASE("a key holds 1024 bytes") {
  CHECK(object_of(in_s3("s3://rec/" + std::string(1024, 'k'))).key.size() == 1024);
  const auto error = thrown_by([] { object_of(in_s3("s3://rec/" + std::string(1025, 'k'))); });
  CHECK(error.kind() == ErrorKind::usage);
  CHECK(std::string(error.what()).ends_with("is longer than S3's 1024 bytes"));
}

TEST_CASE("a reference in an S3 playlist is percent-decoded, the playlist's folder is not") {
  CHECK(key_of("0.ts") == "a/b/0.ts");
  CHECK(key_of("0%201%2525.ts") == "a/b/0 1%25.ts");
  CHECK(key_of("0 1.ts?x=1#y") == "a/b/0 1.ts");
  CHECK(key_of("gr%C3%B6%C3%9Fe.ts") == "a/b/größe.ts");
  CHECK(resolve(in_s3("s3://rec/a%20b?c/p.m3u8"), "0.ts") == in_s3("s3://rec/a%20b?c/0.ts"));
  CHECK(resolve(in_s3("s3://rec/p.m3u8"), "0.ts") == in_s3("s3://rec/0.ts"));
}

TEST_CASE(
    "a reference in an S3 playlist goes up by a folder of the key, and not out of the bucket") {
  CHECK(key_of("../0.ts") == "a/0.ts");
  CHECK(key_of("./../x/../0.ts") == "a/0.ts");
  CHECK(key_of("../../../../0.ts") == "0.ts");
  CHECK(key_of("/0.ts") == "0.ts");
  CHECK(key_of("/../x/0.ts") == "x/0.ts");
  CHECK(key_of("x/..") == "a/b/");
  CHECK(key_of(".") == "a/b/");
  CHECK(key_of("c//0.ts") == "a/b/c//0.ts");
  CHECK(resolve(in_s3("s3://rec/a//p.m3u8"), "../0.ts") == in_s3("s3://rec/a/0.ts"));
  CHECK(resolve(in_s3("s3://rec//p.m3u8"), "../0.ts") == in_s3("s3://rec/0.ts"));
}

TEST_CASE("dots that are encoded are a name") {
  CHECK(key_of("%2e%2e/0.ts") == "a/b/../0.ts");
}

TEST_CASE("a reference to another bucket is checked as one") {
  const auto base = in_s3("s3://rec/a/p.m3u8");
  CHECK(resolve(base, "s3://other/x%20/0.ts") == in_s3("s3://other/x /0.ts"));
  CHECK(resolve(base, "//other/0.ts") == in_s3("s3://other/0.ts"));
  CHECK(refused(base, "s3://a:b/0.ts").starts_with("\"a:b\" is not a bucket's name"));
  CHECK(refused(base, std::string(1100, 'k')).find("longer than S3's") != std::string::npos);
  CHECK(refused(http("https://h/p"), "s3://x/0.ts").find("bucket's name") != std::string::npos);
}
