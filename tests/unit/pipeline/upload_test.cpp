// Clips that are uploaded in one request.
#include "momentcut/pipeline/upload.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "pipeline/served.hpp"
#include "print.hpp"

using namespace momentcut;
using namespace momentcut::pipeline;
using namespace std::chrono_literals;
using core::ErrorKind;
using core::thrown_by;
using io::answer;

namespace {

// Of "content".
const std::string kMd5 = "9a0364b9e99bb480dd25e1f0284c8555";
const std::string kTag = "ETag: \"" + kMd5 + "\"\r\n";
const std::string kOtherTag = "ETag: \"00000000000000000000000000000000\"\r\n";

Answer head(int status, std::size_t size, const std::string& lines = "") {
  return {"HTTP/1.1 " + std::to_string(status) + " Said So\r\n" + lines +
          "Content-Length: " + std::to_string(size) + "\r\n\r\n"};
}

// A clip of seven bytes on its way to "s3://rec/clips/a b.mp4".
struct Bench {
  explicit Bench(std::vector<Answer> answers) : network(std::move(answers)) {
    network.speak_s3();
    network.request.network.retries = 0;
  }
  Uploaded put(bool has_video = true) {
    const auto file = network.folder().write("clip.mp4", "content");
    return Upload(options, {"rec", "clips/a b.mp4"}, network.remote(), network.world().context)
        .put(file, has_video);
  }
  bool exists() {
    return Upload(options, {"rec", "clips/a b.mp4"}, network.remote(), network.world().context)
        .exists();
  }
  core::Error refusal() {
    return thrown_by([this] { put(); });
  }
  Network network;
  UploadOptions options;
};

}  // namespace

TEST_CASE("a clip is put with its digests and headers, and looked at") {
  Bench bench({answer(200, "", kTag + "x-amz-version-id: v7\r\n"), head(200, 7, kTag)});
  bench.options.metadata = {{"Who", "me"}, {"when", "now"}};
  bench.options.acl = "bucket-owner-full-control";
  bench.options.storage_class = "STANDARD_IA";
  bench.options.encryption = "AES256";
  bench.options.cache_control = "max-age=60";
  const auto uploaded = bench.put();
  const auto asked = bench.network.asked();
  REQUIRE(asked.size() == 2);
  const auto& put = asked[0];
  CHECK(put.line() == "PUT /rec/clips/a%20b.mp4 HTTP/1.1");
  CHECK(put.body == "content");
  CHECK(put.field("content-type") == "video/mp4");
  CHECK(put.field("content-md5") == "mgNkuembtIDdJeHwKEyFVQ==");
  CHECK(put.field("x-amz-content-sha256") ==
        "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73");
  CHECK(put.field("cache-control") == "max-age=60");
  CHECK(put.field("x-amz-acl") == "bucket-owner-full-control");
  CHECK(put.field("x-amz-storage-class") == "STANDARD_IA");
  CHECK(put.field("x-amz-server-side-encryption") == "AES256");
  CHECK(put.field("x-amz-meta-who") == "me");
  CHECK(put.field("x-amz-meta-when") == "now");
  CHECK(put.field("if-none-match") == "(none)");
  CHECK(put.field("transfer-encoding") == "(none)");
  CHECK(asked[1].line().starts_with("HEAD /rec/clips/a%20b.mp4?"));
  CHECK(uploaded.bucket == "rec");
  CHECK(uploaded.key == "clips/a b.mp4");
  CHECK(uploaded.etag == kMd5);
  CHECK(uploaded.version_id == "v7");
  CHECK(uploaded.size == 7);
  CHECK(uploaded.sha256 == put.field("x-amz-content-sha256"));
  CHECK(uploaded.url.empty());
}

TEST_CASE("what is not asked for is not sent, and sound alone is sound") {
  Bench bench({answer(200, "", kTag), head(200, 7, kTag)});
  bench.put(false);
  const auto put = bench.network.asked().at(0);
  CHECK(put.field("content-type") == "audio/mp4");
  for (const std::string name : {"cache-control", "x-amz-acl", "x-amz-storage-class",
                                 "x-amz-server-side-encryption", "x-amz-request-payer"}) {
    CHECK(put.field(name) == "(none)");
  }
  CHECK(put.head.find("x-amz-meta") == std::string::npos);
}

TEST_CASE("a URL of what was uploaded is made where it is asked for") {
  Bench bench({answer(200, "", kTag), head(200, 7, kTag)});
  bench.options.presign = 600s;
  const auto url = bench.put().url;
  CHECK(url.starts_with(bench.network.at("/rec/clips/a%20b.mp4?").text));
  CHECK(url.find("X-Amz-Expires=600") != std::string::npos);
}

TEST_CASE("a server that stored something else is not believed") {
  Bench by_put({answer(200, "", kOtherTag), head(200, 7, kOtherTag)});
  CHECK(by_put.refusal().kind() == ErrorKind::temporary);
  for (const auto& seen : {head(200, 7, kOtherTag), head(200, 8, kTag), head(200, 7)}) {
    Bench bench({answer(200, "", kTag), seen});
    const auto error = bench.refusal();
    CHECK(error.kind() == ErrorKind::temporary);
    CHECK(error.line() ==
          "\"s3://rec/clips/a b.mp4\" holds something else than the clip that was uploaded; does "
          "somebody else write there?");
  }
}

TEST_CASE("who may write and not read is believed what the answer says") {
  Bench bench({answer(200, "", kTag), head(403, 0)});
  CHECK(bench.put().etag == kMd5);
  Bench other({answer(200, "", kOtherTag), head(403, 0)});
  CHECK(other.refusal().kind() == ErrorKind::temporary);
}

TEST_CASE("an ETag that encryption made is no digest, and still the object's name") {
  const std::string kms = "x-amz-server-side-encryption: aws:kms\r\n" + kOtherTag;
  Bench bench({answer(200, "", kms), head(200, 7, kms)});
  CHECK(bench.put().etag == std::string(32, '0'));
  Bench replaced({answer(200, "", kms), head(200, 7, kTag)});
  CHECK(replaced.refusal().kind() == ErrorKind::temporary);
}

TEST_CASE("an existing object is kept where that is asked for") {
  Bench bench({answer(200, "", kTag), head(200, 7, kTag)});
  bench.options.keep_existing = true;
  bench.put();
  CHECK(bench.network.asked().at(0).field("if-none-match") == "*");
  Bench taken({s3_error(412, "PreconditionFailed")});
  taken.options.keep_existing = true;
  const auto error = taken.refusal();
  CHECK(error.kind() == ErrorKind::cannot_create);
  CHECK(error.line() ==
        "\"s3://rec/clips/a b.mp4\" exists already; choose another key, or leave out --no-clobber");
  CHECK(taken.network.asked().size() == 1);
}

TEST_CASE("a server that cannot keep an existing object says so") {
  Bench bench({s3_error(501, "NotImplemented")});
  bench.options.keep_existing = true;
  const auto error = bench.refusal();
  CHECK(error.kind() == ErrorKind::unavailable);
  CHECK(std::string(error.what()).find("If-None-Match is not implemented") != std::string::npos);
}

TEST_CASE("an upload that is refused is told by its name") {
  Bench bench({s3_error(403, "AccessDenied")});
  const auto error = bench.refusal();
  CHECK(error.kind() == ErrorKind::no_permission);
  CHECK(error.line().starts_with("uploading \"s3://rec/clips/a b.mp4\": AccessDenied"));
}

TEST_CASE("a body is sent again, whole, where that can help") {
  Bench bench({answer(503), answer(200, "", kTag), head(200, 7, kTag)});
  bench.network.request.network.retries = 1;
  bench.put();
  CHECK(bench.network.asked().at(0).body == "content");
  CHECK(bench.network.asked().at(1).body == "content");
}

TEST_CASE("whether an object exists is asked with one byte of it") {
  Bench bench({answer(206, "c", content_range(0, 0, "7"))});
  CHECK(bench.exists());
  CHECK(bench.network.asked().at(0).line().starts_with("GET /rec/clips/a%20b.mp4?"));
  CHECK(bench.network.asked().at(0).field("range") == "bytes=0-0");
}

TEST_CASE("an object exists, does not, or nobody may know") {
  CHECK(Bench({s3_error(416, "InvalidRange")}).exists());
  CHECK(Bench({answer(200, "content")}).exists());
  CHECK_FALSE(Bench({s3_error(404, "NoSuchKey")}).exists());
  CHECK_FALSE(Bench({answer(404)}).exists());
  CHECK_FALSE(Bench({s3_error(403, "AccessDenied")}).exists());
}

TEST_CASE("a bucket or credentials that are no good are known before the work") {
  Bench no_bucket({s3_error(404, "NoSuchBucket")});
  const auto error = thrown_by([&] { no_bucket.exists(); });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(error.hint() == "check the bucket's name, and the endpoint");
  Bench wrong_key({s3_error(403, "SignatureDoesNotMatch")});
  CHECK(thrown_by([&] { wrong_key.exists(); }).kind() == ErrorKind::no_permission);
}
