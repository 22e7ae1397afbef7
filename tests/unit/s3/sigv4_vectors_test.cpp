// Signatures of random requests against those of botocore, AWS's own signer (sigv4_vectors.py).
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "momentcut/s3/sigv4.hpp"

using namespace momentcut::s3;
using momentcut::core::WallTime;
using Json = nlohmann::json;

namespace {

Json read_vectors() {
  const auto path = std::filesystem::path(__FILE__).parent_path() / "sigv4_vectors.json";
  std::ifstream file(path);
  REQUIRE_MESSAGE(file.is_open(), path.native());
  return Json::parse(file);
}

const Json& vectors() {
  static const Json read = read_vectors();
  return read;
}

bool is_presigned(const Json& vector) {
  return vector.contains("lifetime");
}

SignableRequest request_of(const Json& vector) {
  return {vector.at("method").get<std::string>(), vector.at("host").get<std::string>(),
          '/' + percent_encoded(vector.at("key").get<std::string>(), /*keep_slashes=*/true),
          vector.at("query").get<Fields>(), vector.at("headers").get<Fields>()};
}

Credentials credentials_of(const Json& vector) {
  return {vector.at("access").get<std::string>(),
          vector.at("secret").get<std::string>(),
          vector.at("token").get<std::string>(),
          {}};
}

SigningScope scope_of(const Json& vector) {
  return {vector.at("region").get<std::string>()};
}

WallTime time_of(const Json& vector) {
  return WallTime(std::chrono::microseconds(vector.at("now").get<std::int64_t>()));
}

}  // namespace

TEST_CASE("there are enough vectors of every kind") {
  std::size_t presigned = 0;
  std::size_t with_token = 0;
  std::set<std::string> methods, regions, hosts;
  for (const auto& vector : vectors()) {
    presigned += is_presigned(vector) ? 1U : 0U;
    with_token += vector.at("token").get<std::string>().empty() ? 0U : 1U;
    methods.insert(vector.at("method"));
    regions.insert(vector.at("region"));
    hosts.insert(vector.at("host"));
  }
  CHECK(vectors().size() >= 300);
  CHECK(presigned >= 100);
  CHECK(vectors().size() - presigned >= 100);
  CHECK(with_token >= 50);
  CHECK(methods.size() == 5);
  CHECK(regions.size() >= 10);
  CHECK(hosts.size() >= 10);
}

TEST_CASE("a key's path is encoded as botocore encodes it") {
  for (const auto& vector : vectors()) {
    CAPTURE(vector.dump());
    CHECK(request_of(vector).path == vector.at("path").get<std::string>());
  }
}

TEST_CASE("presigned queries are botocore's") {
  for (const auto& vector : vectors()) {
    if (!is_presigned(vector)) continue;
    CAPTURE(vector.dump());
    CHECK(presigned_query(request_of(vector), credentials_of(vector), scope_of(vector),
                          time_of(vector),
                          std::chrono::seconds(vector.at("lifetime").get<std::int64_t>())) ==
          vector.at("signed").get<std::string>());
  }
}

TEST_CASE("signed headers are botocore's") {
  for (const auto& vector : vectors()) {
    if (is_presigned(vector)) continue;
    CAPTURE(vector.dump());
    const auto payload = vector.at("payload").get<std::string>();
    Fields expected{{"x-amz-date", vector.at("date")}, {"x-amz-content-sha256", payload}};
    if (const auto token = vector.at("token").get<std::string>(); !token.empty()) {
      expected.emplace_back("x-amz-security-token", token);
    }
    expected.emplace_back("authorization", vector.at("signed"));
    CHECK(signed_headers(request_of(vector), credentials_of(vector), scope_of(vector),
                         time_of(vector), payload) == expected);
  }
}
