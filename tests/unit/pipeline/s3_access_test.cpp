// What S3 is asked with: the settings, and what was learnt from answers.
#include "momentcut/pipeline/s3_access.hpp"

#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "pipeline/served.hpp"
#include "print.hpp"

using namespace momentcut;
using namespace momentcut::pipeline;
using namespace std::chrono_literals;
using core::ErrorKind;
using core::thrown_by;

namespace {

const s3::Object kObject{"rec", "a b.ts"};

// Access with keys that do not change, to AWS unless an endpoint is given. Nobody is asked.
struct Bench {
  explicit Bench(const std::string& endpoint = "") {
    options.aws.endpoint_url = endpoint;
    options.environment = {{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
                           {"AWS_SECRET_ACCESS_KEY", "hunter2"}};
    world.observer.detail = [this](const std::string& text) { detail = text; };
  }
  S3Access access() { return {load_aws_settings(options), options, {}, world.context}; }

  // Whether an answer of `status` helps.
  static bool learns(S3Access& access, int status, io::HttpFields fields,
                     const std::string& code = "") {
    s3::ServiceError error;
    error.code = code;
    return access.learn(kObject, {status, std::move(fields)}, error);
  }

  NetworkOptions options;
  World world;
  std::string detail;
};

// The URL without its query.
std::string place(const std::string& url) {
  return url.substr(0, url.find('?'));
}

}  // namespace

TEST_CASE("settings come from the shared files that the environment names") {
  const io::Folder folder;
  NetworkOptions options;
  options.environment = {
      {"AWS_CONFIG_FILE",
       folder.write("config", "[profile x]\nregion = eu-west-3\ns3 =\n  addressing_style = path\n")
           .native()},
      {"AWS_SHARED_CREDENTIALS_FILE",
       folder
           .write("credentials", "[x]\naws_access_key_id = AKID\naws_secret_access_key = hunter2\n")
           .native()},
      {"AWS_PROFILE", "x"}};
  const auto settings = load_aws_settings(options);
  CHECK(settings.region == "eu-west-3");
  CHECK(settings.endpoint.style == s3::AddressingStyle::path);
  CHECK(std::get<s3::Credentials>(settings.source).access_key == "AKID");
  options.environment["AWS_CONFIG_FILE"] = (folder / "none").native();
  CHECK(load_aws_settings(options).region == "us-east-1");
}

TEST_CASE("a shared file that is no such file is the configuration's fault") {
  const io::Folder folder;
  NetworkOptions options;
  options.environment = {
      {"AWS_CONFIG_FILE", folder.write("config", "[profile x\nhunter2\n").native()}};
  const auto error = thrown_by([&] { load_aws_settings(options); });
  CHECK(error.kind() == ErrorKind::configuration);
  CHECK(error.line().find("hunter2") == std::string::npos);
  CHECK(error.line().find((folder / "config").native()) != std::string::npos);
}

TEST_CASE("where credentials come from is told, and nothing of them") {
  Bench bench("http://127.0.0.1:9000/base");
  (void)bench.access();
  CHECK(bench.detail ==
        "S3: credentials from environment, region us-east-1, endpoint "
        "\"http://127.0.0.1:9000/base\"");
}

TEST_CASE("an endpoint for STS that is no URL is refused") {
  Bench bench;
  bench.options.environment["AWS_ENDPOINT_URL_STS"] = "sts.example";
  CHECK_THROWS_AS(bench.access(), core::Error);
}

TEST_CASE("a region that a URL or an answer says is the one of its bucket alone") {
  Bench bench;
  auto access = bench.access();
  access.set_region("rec", "eu-west-1");
  CHECK(place(access.presigned("GET", kObject, {})) ==
        "https://rec.s3.eu-west-1.amazonaws.com/a%20b.ts");
  CHECK(Bench::learns(access, 301, {{"x-amz-bucket-region", "eu-north-1"}}));
  CHECK(place(access.presigned("GET", kObject, {})) ==
        "https://rec.s3.eu-north-1.amazonaws.com/a%20b.ts");
  CHECK(place(access.presigned("GET", {"other", "k"}, {})) ==
        "https://other.s3.us-east-1.amazonaws.com/k");
  CHECK_FALSE(Bench::learns(access, 301, {{"x-amz-bucket-region", "eu-north-1"}}));
}

TEST_CASE("a region that is no DNS label is not learnt") {
  Bench bench;
  auto access = bench.access();
  for (const std::string& region : {std::string("evil.example/"), std::string("EU"),
                                    std::string("a b"), std::string(64, 'a')}) {
    CAPTURE(region);
    CHECK_FALSE(Bench::learns(access, 301, {{"x-amz-bucket-region", region}}));
  }
}

TEST_CASE("a bucket that is served elsewhere for a while is asked there, at the service's own") {
  Bench bench;
  auto access = bench.access();
  const auto moved_to = [&](const std::string& location) {
    return Bench::learns(access, 307,
                         {{"location", location}, {"x-amz-bucket-region", "us-east-1"}});
  };
  for (const std::string location :
       {"https://evil.example/a", "https://evilamazonaws.com/", "http://rec.s3.amazonaws.com/",
        "https://x.amazonaws.com@evil.example/", "https://rec.s3.amazonaws.com:444/", "/a", ""}) {
    CAPTURE(location);
    CHECK_FALSE(moved_to(location));
  }
  CHECK(moved_to("https://rec.S3-eu-west-3.amazonaws.com/a%20b.ts"));
  CHECK(place(access.presigned("GET", kObject, {})) ==
        "https://rec.s3-eu-west-3.amazonaws.com/a%20b.ts");
  // The same once more does not help.
  CHECK_FALSE(moved_to("https://rec.s3-eu-west-3.amazonaws.com/a%20b.ts"));
  // What is said of a region counts from then on.
  CHECK(Bench::learns(access, 301, {{"x-amz-bucket-region", "eu-west-3"}}));
  CHECK(place(access.presigned("GET", kObject, {})) ==
        "https://rec.s3.eu-west-3.amazonaws.com/a%20b.ts");
}

TEST_CASE("another endpoint is never left, not even for the service's own") {
  Bench bench("http://127.0.0.1:9");
  auto access = bench.access();
  CHECK_FALSE(Bench::learns(
      access, 307,
      {{"location", "https://rec.s3.amazonaws.com/"}, {"x-amz-bucket-region", "us-east-1"}}));
  CHECK(place(access.presigned("GET", kObject, {})) == "http://127.0.0.1:9/rec/a%20b.ts");
}

TEST_CASE("a clock is set by an answer's date, and not by what is none") {
  Bench bench;
  auto access = bench.access();
  const auto skewed = [&](io::HttpFields fields) {
    return Bench::learns(access, 403, std::move(fields), "RequestTimeTooSkewed");
  };
  CHECK_FALSE(skewed({}));
  CHECK_FALSE(skewed({{"date", "yesterday"}}));
  CHECK(skewed({{"date", "Sun, 06 Nov 2044 08:49:37 GMT"}}));
  CHECK(access.presigned("GET", kObject, {}).find("X-Amz-Date=20441106T0849") != std::string::npos);
  CHECK_FALSE(skewed({{"date", "Sun, 06 Nov 2044 08:49:37 GMT"}}));
}

TEST_CASE("what waiting or nothing helps against teaches nothing") {
  Bench bench;
  auto access = bench.access();
  CHECK_FALSE(Bench::learns(access, 503, {{"x-amz-bucket-region", "eu-west-1"}}, "SlowDown"));
  CHECK_FALSE(Bench::learns(access, 403, {{"x-amz-bucket-region", "eu-west-1"}}, "AccessDenied"));
  CHECK_FALSE(Bench::learns(access, 400, {}, "ExpiredToken"));
  CHECK(place(access.presigned("GET", kObject, {})).find("us-east-1") != std::string::npos);
}

TEST_CASE("unsigned URLs are for others as they are") {
  Bench bench;
  bench.options.aws.no_sign_request = true;
  bench.options.request_payer = true;
  auto access = bench.access();
  CHECK(access.shared_url(kObject, 60s) == "https://rec.s3.us-east-1.amazonaws.com/a%20b.ts");
  CHECK(
      access.presigned("GET", kObject, {{"versionId", "1"}}) ==
      "https://rec.s3.us-east-1.amazonaws.com/a%20b.ts?versionId=1&x-amz-request-payer=requester");
  io::HttpRequest request;
  request.method = "PUT";
  access.sign(request, kObject, {}, s3::kUnsignedPayload);
  CHECK(request.headers == io::HttpFields{{"x-amz-request-payer", "requester"}});
}
