// Small texts, from wherever they are.
#include "momentcut/pipeline/documents.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "pipeline/served.hpp"
#include "print.hpp"

using namespace momentcut;
using namespace momentcut::pipeline;
using core::ErrorKind;
using core::thrown_by;
using io::answer;
using Texts = std::vector<std::string>;

namespace {

constexpr std::size_t kAll = 1000;

s3::Location local(const std::filesystem::path& path) {
  return {s3::Scheme::file, path.native()};
}

// A page of a bucket's listing; "next" is the token of the one after it.
std::string listing(const Texts& keys, const std::string& next = "") {
  std::string text = "<ListBucketResult><EncodingType>url</EncodingType>";
  for (const auto& key : keys) {
    text += "<Contents><Key>" + key + "</Key><Size>1</Size></Contents>";
  }
  if (next.empty()) return answer(200, text + "</ListBucketResult>");
  return answer(200, text + "<IsTruncated>true</IsTruncated><NextContinuationToken>" + next +
                         "</NextContinuationToken></ListBucketResult>");
}

}  // namespace

TEST_CASE("a local text is there, or it is not, or it cannot be read") {
  World world;
  const io::Folder folder;
  const auto file = folder.write("p.m3u8", "text");
  const auto found = find_document(world.remote, local(file), kAll);
  REQUIRE(found.document);
  CHECK(found.document->text == "text");
  CHECK(found.document->location == local(file));
  const auto missing = find_document(world.remote, local(folder / "none"), kAll);
  CHECK_FALSE(missing.document);
  CHECK_FALSE(missing.denied);
  CHECK_FALSE(find_document(world.remote, local(folder.path()), kAll).document);
  CHECK(read_document(world.remote, local(file), kAll).text == "text");
  CHECK(thrown_by([&] { read_document(world.remote, local(folder / "none"), kAll); }).kind() ==
        ErrorKind::not_found);
  CHECK(thrown_by([&] { find_document(world.remote, local(file), 3); }).kind() ==
        ErrorKind::bad_data);
}

TEST_CASE("a text over http is known by where it was in the end") {
  Network network({answer(302, "", "Location: /b/p.m3u8\r\n"), answer(200, "text")});
  const auto document = read_document(network.remote(), network.at("/a"), kAll);
  CHECK(document.text == "text");
  CHECK(document.location == network.at("/b/p.m3u8"));
  CHECK(network.asked().at(0).field("accept-encoding").find("gzip") != std::string::npos);
}

TEST_CASE("a text that a server does not have is not found, and any other trouble is an error") {
  Network network({answer(404), answer(403), answer(404), answer(200, "12345")});
  const auto place = network.at("/p.m3u8?token=hunter2");
  const auto missing = find_document(network.remote(), place, kAll);
  CHECK_FALSE(missing.document);
  CHECK_FALSE(missing.denied);
  CHECK(thrown_by([&] { find_document(network.remote(), place, kAll); }).kind() ==
        ErrorKind::no_permission);
  const auto error = thrown_by([&] { read_document(network.remote(), place, kAll); });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(error.line() == "\"" + network.at("/p.m3u8?…").text + "\": HTTP status 404");
  CHECK(thrown_by([&] { find_document(network.remote(), place, 4); }).kind() ==
        ErrorKind::bad_data);
}

TEST_CASE("S3 says no more than that access is denied where a bucket may not be listed") {
  Network network({s3_error(403, "AccessDenied"), s3_error(404, "NoSuchKey"),
                   s3_error(404, "NoSuchBucket"), s3_error(403, "InvalidAccessKeyId")});
  network.speak_s3();
  const auto look = [&] { return find_document(network.remote(), Network::object("p"), kAll); };
  const auto denied = look();
  CHECK_FALSE(denied.document);
  CHECK(denied.denied);
  const auto missing = look();
  CHECK_FALSE(missing.document);
  CHECK_FALSE(missing.denied);
  CHECK(thrown_by(look).kind() == ErrorKind::not_found);
  CHECK(thrown_by(look).kind() == ErrorKind::no_permission);
}

TEST_CASE("a name for which there is no room in a key is not looked for") {
  Network network({answer(200, "text")});
  network.speak_s3();
  const auto folder = Network::object(std::string(1020, 'k'));
  const auto place = location_in(folder, "p.m3u8");
  CHECK_FALSE(find_document(network.remote(), place, kAll).document);
  CHECK(network.asked().empty());
}

TEST_CASE("a name lies in a folder, in a prefix or in a bucket") {
  CHECK(location_in({s3::Scheme::file, "/r"}, "a/b") == local("/r/a/b"));
  CHECK(location_in({s3::Scheme::file, "."}, "a") == local("./a"));
  CHECK(location_in(Network::object("r s"), "a/b%20") == Network::object("r s/a/b%20"));
  CHECK(location_in(Network::object(""), "a") == Network::object("a"));
  CHECK(location_in({s3::Scheme::s3, "s3://rec"}, "a") == Network::object("a"));
}

TEST_CASE("the playlists of a local folder are its own, not those below it") {
  World world;
  const io::Folder folder;
  folder.write("a.m3u8", "");
  folder.write("b c.m3u8", "");
  folder.write("d.txt", "");
  folder.write("sub/e.m3u8", "");
  std::filesystem::create_directory(folder / "f.m3u8");
  auto names = playlists_in(world.remote, local(folder.path()));
  std::sort(names.begin(), names.end());
  CHECK(names == Texts{"a.m3u8", "b c.m3u8"});
  CHECK(playlists_in(world.remote, local(folder / "none")).empty());
}

TEST_CASE("the playlists below a prefix are listed page by page") {
  Network network({listing({"r+s/media/0.ts", "r+s/media/a.m3u8"}, "more+/="),
                   listing({"r+s/b%252B.m3u8", "r+s/c.M3U8"})});
  network.speak_s3();
  CHECK(playlists_in(network.remote(), Network::object("r s")) ==
        Texts{"media/a.m3u8", "b%2B.m3u8"});
  const auto asked = network.asked();
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].line().starts_with("GET /rec?"));
  for (const auto& request : asked) {
    CHECK(request.line().find("list-type=2") != std::string::npos);
    CHECK(request.line().find("encoding-type=url") != std::string::npos);
    CHECK(request.line().find("prefix=r%20s%2F") != std::string::npos);
  }
  CHECK(asked[0].line().find("continuation-token") == std::string::npos);
  CHECK(asked[1].line().find("continuation-token=more%2B%2F%3D") != std::string::npos);
}

TEST_CASE("the playlists of a whole bucket have no prefix") {
  Network network({listing({"a.m3u8"}), s3_error(403, "AccessDenied")});
  network.speak_s3();
  CHECK(playlists_in(network.remote(), {s3::Scheme::s3, "s3://rec"}) == Texts{"a.m3u8"});
  CHECK(network.asked().at(0).line().find("&prefix=&") != std::string::npos);
  const auto refused = [&] { playlists_in(network.remote(), Network::object("r")); };
  CHECK(thrown_by(refused).kind() == ErrorKind::no_permission);
}

TEST_CASE("a location's path is its words without what stands around them") {
  CHECK(path_of(local("rec/p%20.m3u8")) == "rec/p%20.m3u8");
  CHECK(path_of(Network::object("a%20b/p?.m3u8")) == "/a%20b/p?.m3u8");
  CHECK(path_of({s3::Scheme::https, "https://u:p@h:1/a%20b/p.m3u8?x#y"}) == "/a b/p.m3u8");
  CHECK(path_of({s3::Scheme::http, "http://h"}).empty());
}
