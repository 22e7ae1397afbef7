// Signatures against the examples that the S3 API guide publishes, and the rules of encoding.
#include "momentcut/s3/sigv4.hpp"

#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"

using namespace momentcut::s3;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;
using momentcut::core::WallTime;
using std::chrono::seconds;

namespace {

constexpr WallTime kMoment = std::chrono::sys_days(std::chrono::year(2013) / 5 / 24);
constexpr auto kEmptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const SigningScope kScope{"us-east-1"};

Credentials example_credentials() {
  return {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", {}};
}

SignableRequest example_request(std::string path, Fields query = {}, Fields headers = {}) {
  return {"GET", "examplebucket.s3.amazonaws.com", std::move(path), std::move(query),
          std::move(headers)};
}

std::string header(const Fields& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const auto& field) { return field.first == name; });
  REQUIRE(found != headers.end());
  return found->second;
}

std::string authorization(const SignableRequest& request,
                          std::string_view payload_sha256 = kEmptyPayload,
                          const Credentials& credentials = example_credentials()) {
  return header(signed_headers(request, credentials, kScope, kMoment, payload_sha256),
                "authorization");
}

std::string expected(std::string_view names, std::string_view signature) {
  return "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
         "SignedHeaders=" +
         std::string(names) + ", Signature=" + std::string(signature);
}

std::string presigned(const SignableRequest& request, WallTime now = kMoment,
                      seconds lifetime = seconds(86'400)) {
  return presigned_query(request, example_credentials(), kScope, now, lifetime);
}

}  // namespace

TEST_CASE("the guide's example of getting a part of an object is signed as published") {
  CHECK(authorization(example_request("/test.txt", {}, {{"Range", "bytes=0-9"}})) ==
        expected("host;range;x-amz-content-sha256;x-amz-date",
                 "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
}

TEST_CASE("the guide's example of putting an object is signed as published") {
  auto request = example_request(
      '/' + percent_encoded("test$file.text", true), {},
      {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}});
  request.method = "PUT";
  CHECK(request.path == "/test%24file.text");
  CHECK(
      authorization(request, "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072") ==
      expected("date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
               "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST_CASE("the guide's example of a field without a value is signed as published") {
  CHECK(authorization(example_request("/", {{"lifecycle", ""}})) ==
        expected("host;x-amz-content-sha256;x-amz-date",
                 "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
}

TEST_CASE("the guide's example of listing objects is signed as published") {
  CHECK(authorization(example_request("/", {{"prefix", "J"}, {"max-keys", "2"}})) ==
        expected("host;x-amz-content-sha256;x-amz-date",
                 "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST_CASE("the guide's example of a presigned URL is signed as published") {
  CHECK(presigned(example_request("/test.txt")) ==
        "X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST_CASE("what is not unreserved is percent-encoded, and a slash is kept where it divides") {
  CHECK(percent_encoded("AZaz09-_.~") == "AZaz09-_.~");
  CHECK(percent_encoded(" +=&%?#/'\"*()!") == "%20%2B%3D%26%25%3F%23%2F%27%22%2A%28%29%21");
  CHECK(percent_encoded("a//b/./../c", true) == "a//b/./../c");
  CHECK(percent_encoded("größe") == "gr%C3%B6%C3%9Fe");
  CHECK(percent_encoded("%20") == "%2520");
  CHECK(percent_encoded(std::string("\0\x7f\xff", 3)) == "%00%7F%FF");
  CHECK(percent_encoded("").empty());
}

TEST_CASE("a query is sorted by encoded name and then by encoded value") {
  CHECK(canonical_query({}).empty());
  CHECK(canonical_query({{"b", ""}, {"a", "1"}}) == "a=1&b=");
  CHECK(canonical_query({{"a", "2"}, {"a", ""}, {"a", "10"}}) == "a=&a=10&a=2");
  // '-' is less than the '=' after a name, and '%' less than any letter.
  CHECK(canonical_query({{"a-b", "1"}, {"a", "2"}}) == "a=2&a-b=1");
  CHECK(canonical_query({{"a", "1"}, {"é", "2"}, {"A", "3"}}) == "%C3%A9=2&A=3&a=1");
  CHECK(canonical_query({{"a/b", "c/d e"}}) == "a%2Fb=c%2Fd%20e");
}

TEST_CASE("seconds are rounded down, before 1970 as after it") {
  CHECK(presigned(example_request("/test.txt"), kMoment + std::chrono::microseconds(999'999)) ==
        presigned(example_request("/test.txt")));
  CHECK(presigned(example_request("/"), WallTime(std::chrono::microseconds(-1)))
            .find("&X-Amz-Date=19691231T235959Z&") != std::string::npos);
}

TEST_CASE("a session token is part of what a presigned URL signs") {
  auto credentials = example_credentials();
  credentials.session_token = "to/ken+=";
  const auto query = presigned_query(example_request("/k"), credentials, kScope, kMoment,
                                     std::chrono::minutes(15));
  const auto token = query.find("&X-Amz-Security-Token=to%2Fken%2B%3D&");
  REQUIRE(token != std::string::npos);
  CHECK(token < query.find("&X-Amz-Signature="));
  CHECK(query.find("X-Amz-Security-Token", token + 2) == std::string::npos);
}

TEST_CASE("a session token is a signed header, and none is sent where there is none") {
  auto credentials = example_credentials();
  const auto without =
      signed_headers(example_request("/k"), credentials, kScope, kMoment, kUnsignedPayload);
  CHECK(without.size() == 3);
  CHECK(header(without, "x-amz-date") == "20130524T000000Z");
  CHECK(header(without, "x-amz-content-sha256") == "UNSIGNED-PAYLOAD");
  credentials.session_token = "token";
  const auto with =
      signed_headers(example_request("/k"), credentials, kScope, kMoment, kUnsignedPayload);
  CHECK(with.size() == 4);
  CHECK(header(with, "x-amz-security-token") == "token");
  CHECK(header(with, "authorization")
            .find("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,") !=
        std::string::npos);
}

TEST_CASE("white space around and within a header's value does not change the signature") {
  const auto signature_with = [](const std::string& value) {
    return authorization(example_request("/k", {}, {{"X-Amz-Meta-A", value}}));
  };
  CHECK(signature_with("  a   b \t c ") == signature_with("a b c"));
  CHECK(signature_with("ab c") != signature_with("a b c"));
  CHECK(signature_with(" \t ") == signature_with(""));
}

TEST_CASE("headers of the same name are signed as one, in the order they are sent in") {
  const auto joined = authorization(example_request("/k", {}, {{"a", "1,2"}}));
  CHECK(authorization(example_request("/k", {}, {{"a", "1"}, {"A", " 2 "}})) == joined);
  CHECK(authorization(example_request("/k", {}, {{"a", "2"}, {"A", "1"}})) != joined);
}

TEST_CASE("a URL is presigned for a second to a week") {
  const auto request = example_request("/k");
  CHECK(presigned(request, kMoment, seconds(1)).find("&X-Amz-Expires=1&") != std::string::npos);
  CHECK(presigned(request, kMoment, seconds(604'800)).find("&X-Amz-Expires=604800&") !=
        std::string::npos);
  for (const auto lifetime : {seconds(0), seconds(-1), seconds(604'801), seconds::max()}) {
    CAPTURE(lifetime.count());
    CHECK(thrown_by([&] { (void)presigned(request, kMoment, lifetime); }).kind() ==
          ErrorKind::internal);
  }
  CHECK(thrown_by([&] { (void)presigned(request, kMoment, seconds(0)); }).line() ==
        "a URL cannot be presigned for 0 s: S3 takes 1 to 604800 s");
}

TEST_CASE("nothing that is signed shows the secret") {
  const auto secret = example_credentials().secret_key;
  CHECK(presigned(example_request("/k")).find(secret) == std::string::npos);
  CHECK(authorization(example_request("/k")).find(secret) == std::string::npos);
}
