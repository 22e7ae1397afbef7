// Clips that are uploaded in parts, and what is left where that fails: nothing.
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "momentcut/io/digest.hpp"
#include "momentcut/pipeline/upload.hpp"
#include "pipeline/served.hpp"
#include "print.hpp"

using namespace momentcut;
using namespace momentcut::pipeline;
using core::ErrorKind;
using core::thrown_by;
using io::answer;

namespace {

constexpr std::uint64_t kMiB = 1U << 20U;
constexpr std::uint64_t kSize = 64 * kMiB + 1;

const std::string kBegun = answer(
    200,
    "<InitiateMultipartUploadResult><Bucket>rec</Bucket><Key>k</Key><UploadId>id/1</UploadId>"
    "</InitiateMultipartUploadResult>");
const std::string kGone = answer(204);

std::string completed(const std::string& etag) {
  // S3 keeps the connection alive with white space while it works.
  return answer(200, "  \n<?xml version=\"1.0\"?>\n<CompleteMultipartUploadResult><ETag>\"" + etag +
                         "\"</ETag></CompleteMultipartUploadResult>");
}

std::string part(int number) {
  return answer(200, "", "ETag: \"part" + std::to_string(number) + "\"\r\n");
}

Answer head(int status, const std::string& etag) {
  return {"HTTP/1.1 " + std::to_string(status) + " Said So\r\nETag: \"" + etag +
          "\"\r\nContent-Length: " + std::to_string(kSize) + "\r\n\r\n"};
}

// The ETag that S3 gives to the clip: the MD5 of its parts' MD5s.
std::string etag_of_clip() {
  const auto md5 = [](std::uint64_t zeros) {
    return io::digest_of(io::Algorithm::md5, std::string(zeros, '\0')).bytes;
  };
  const auto full = md5(16 * kMiB);
  return io::digest_of(io::Algorithm::md5, full + full + full + full + md5(1)).hex() + "-5";
}

// A clip of 64 MiB and a byte, all zeros, that goes up part by part.
struct Bench {
  explicit Bench(std::vector<Answer> answers) : network(std::move(answers)) {
    network.speak_s3();
    network.request.network.connections = 1;
    network.request.network.retries = 0;
    clip = network.folder().write("clip.mp4", "");
    std::filesystem::resize_file(clip, kSize);
  }
  Uploaded put() {
    return Upload(options, {"rec", "k"}, network.remote(), network.world().context).put(clip, true);
  }
  core::Error refusal() {
    return thrown_by([this] { put(); });
  }
  // What was asked, without what signs it.
  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> all;
    for (const auto& asked : network.asked()) {
      auto line = asked.line();
      line.erase(line.find(" HTTP"));
      if (const auto signing = line.find("?X-Amz"); signing != std::string::npos)
        line.erase(signing);
      all.push_back(line);
    }
    return all;
  }
  Network network;
  UploadOptions options;
  std::filesystem::path clip;
};

using Lines = std::vector<std::string>;

// The requests that begin an upload and bring its parts.
Lines brought(std::size_t parts) {
  Lines lines{"POST /rec/k?uploads="};
  for (std::size_t i = 1; i <= parts; ++i) {
    lines.push_back("PUT /rec/k?partNumber=" + std::to_string(i) + "&uploadId=id%2F1");
  }
  return lines;
}

Lines with(Lines lines, const Lines& more) {
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

const Lines kComplete{"POST /rec/k?uploadId=id%2F1"};
const Lines kAbort{"DELETE /rec/k?uploadId=id%2F1"};
const Lines kLook{"HEAD /rec/k"};
// What --no-clobber asks for.
const Lines kLookBefore{"GET /rec/k"};

std::vector<Answer> all_parts(const std::vector<Answer>& then) {
  std::vector<Answer> answers{kBegun, part(1), part(2), part(3), part(4), part(5)};
  answers.insert(answers.end(), then.begin(), then.end());
  return answers;
}

}  // namespace

TEST_CASE("parts are as many as S3 permits, and none too small or too large") {
  CHECK(part_length(64 * kMiB + 1) == 16 * kMiB);
  CHECK(part_length(10'000 * 16 * kMiB) == 16 * kMiB);
  for (const std::uint64_t size : {10'000 * 16 * kMiB + 1, kMiB * kMiB, 5 * kMiB * kMiB}) {
    const auto length = part_length(size);
    CHECK(length % kMiB == 0);
    CHECK(length > 16 * kMiB);
    CHECK(length <= 5'120 * kMiB);
    CHECK((size + length - 1) / length <= 10'000);
    // No more than it takes.
    CHECK((size + length - kMiB - 1) / (length - kMiB) > 10'000);
  }
}

TEST_CASE("a large clip goes up in parts, and is completed as often as that takes") {
  const auto etag = etag_of_clip();
  Bench bench(all_parts({s3_error(200, "InternalError"), completed(etag), head(200, etag)}));
  bench.options.acl = "private";
  const auto uploaded = bench.put();
  CHECK(uploaded.etag == etag);
  CHECK(uploaded.size == kSize);
  CHECK(bench.lines() == with(with(brought(5), kComplete), with(kComplete, kLook)));
  const auto asked = bench.network.asked();
  // What the object is to have is said when it is begun.
  CHECK(asked[0].field("content-type") == "video/mp4");
  CHECK(asked[0].field("x-amz-acl") == "private");
  CHECK(asked[1].field("x-amz-acl") == "(none)");
  CHECK(asked[1].field("content-length") == std::to_string(16 * kMiB));
  CHECK(asked[5].field("content-length") == "1");
  CHECK(asked[5].field("content-md5") == "k7iFrf4NoInN9jSQT9WfcQ==");
  CHECK(asked[7].body.find("<PartNumber>5</PartNumber>") != std::string::npos);
  CHECK(asked[7].body.find("part5") != std::string::npos);
}

TEST_CASE("a part that fails is the end of the upload, and of what was there of it") {
  Bench bench({kBegun, part(1), s3_error(403, "AccessDenied"), kGone});
  const auto error = bench.refusal();
  CHECK(error.kind() == ErrorKind::no_permission);
  CHECK(error.line().find("unfinished") == std::string::npos);
  CHECK(bench.lines() == with(brought(2), kAbort));
}

TEST_CASE("a part that the server does not name cannot be put together") {
  Bench bench({kBegun, part(1), part(2), part(3), part(4), answer(200), kGone});
  CHECK(bench.refusal().kind() == ErrorKind::protocol);
  CHECK(bench.lines() == with(brought(5), kAbort));
}

TEST_CASE("an unfinished upload that cannot be removed is told by its name") {
  Bench bench({kBegun, s3_error(403, "AccessDenied"), s3_error(403, "AccessDenied")});
  const auto error = bench.refusal();
  CHECK(error.kind() == ErrorKind::no_permission);
  CHECK(error.hint() ==
        "check the rights of these credentials, and the name; the unfinished upload \"id/1\" could "
        "not be removed");
  // One that is gone already is not left.
  Bench gone({kBegun, s3_error(403, "AccessDenied"), s3_error(404, "NoSuchUpload")});
  CHECK(gone.refusal().hint() == "check the rights of these credentials, and the name");
}

TEST_CASE("a signal ends an upload, and what was there of it goes first") {
  Bench bench({kBegun, part(1), kGone});
  bench.network.world().observer.progress = [](const Progress& progress) {
    if (progress.fraction > 0) std::raise(SIGTERM);
  };
  CHECK(bench.refusal().kind() == ErrorKind::interrupted);
  const auto lines = bench.lines();
  REQUIRE(lines.size() >= 3);
  CHECK(lines.back() == kAbort.front());
  CHECK(bench.network.notes.empty());
}

TEST_CASE("an error that completing ends with, within its 200, is an error") {
  Bench bench(all_parts({s3_error(200, "InvalidPart"), kGone}));
  const auto error = bench.refusal();
  CHECK(error.kind() == ErrorKind::protocol);
  CHECK(error.line() == "the upload could not be completed: InvalidPart");
  CHECK(bench.lines() == with(brought(5), with(kComplete, kAbort)));
}

TEST_CASE("an upload that is gone when it is completed may have been completed before") {
  const auto etag = etag_of_clip();
  const auto lost = s3_error(404, "NoSuchUpload");
  Bench done(all_parts({lost, head(200, etag)}));
  CHECK(done.put().etag == etag);
  Bench other(all_parts({lost, head(200, "other-5")}));
  CHECK(other.refusal().kind() == ErrorKind::temporary);
}

TEST_CASE("an upload that is gone and cannot be looked at is not taken for done") {
  Bench bench(all_parts({s3_error(404, "NoSuchUpload"), head(403, "")}));
  const auto error = bench.refusal();
  CHECK(error.kind() == ErrorKind::temporary);
  CHECK(error.hint() == "look at the object, or upload again");
}

TEST_CASE("a large clip does not replace an object that is to be kept") {
  Bench bench(all_parts({s3_error(404, "NoSuchKey"), s3_error(412, "PreconditionFailed"), kGone}));
  bench.options.keep_existing = true;
  CHECK(bench.refusal().kind() == ErrorKind::cannot_create);
  CHECK(bench.lines() == with(brought(5), with(kLookBefore, with(kComplete, kAbort))));
  CHECK(bench.network.asked()[7].field("if-none-match") == "*");
}

TEST_CASE("an object that appeared meanwhile is kept where the server would not care") {
  Bench bench(all_parts({answer(200, "x"), kGone}));
  bench.options.keep_existing = true;
  const auto error = bench.refusal();
  CHECK(error.kind() == ErrorKind::cannot_create);
  CHECK(error.line() ==
        "\"s3://rec/k\" exists already; choose another key, or leave out --no-clobber");
  CHECK(bench.lines() == with(brought(5), with(kLookBefore, kAbort)));
}
