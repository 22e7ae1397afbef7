// Where objects are asked for, and which objects URLs name.
#include "momentcut/s3/endpoint.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"

using namespace momentcut::s3;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;
using namespace std::string_view_literals;

namespace {

const Endpoint kAws{};

Endpoint custom(std::string url, AddressingStyle style = AddressingStyle::automatic) {
  return {std::move(url), style};
}

std::string url_at(const Endpoint& endpoint, const Object& object,
                   std::string_view region = "eu-west-1") {
  return address_of(endpoint, region, object).url();
}

// "bucket|key|region", or "none".
std::string named(std::string_view url, const Endpoint& endpoint = kAws) {
  const auto found = object_in_url(url, endpoint);
  if (!found) return "none";
  return found->object.bucket + '|' + found->object.key + '|' + found->region;
}

}  // namespace

TEST_CASE("an object at AWS is asked for at its bucket's host") {
  const auto address = address_of(kAws, "eu-west-1", {"bucket", "a/b.ts"});
  CHECK(address.https);
  CHECK(address.host == "bucket.s3.eu-west-1.amazonaws.com");
  CHECK(address.path == "/a/b.ts");
  CHECK(address.url() == "https://bucket.s3.eu-west-1.amazonaws.com/a/b.ts");
  CHECK(address.url("x=1&y=") == "https://bucket.s3.eu-west-1.amazonaws.com/a/b.ts?x=1&y=");
  CHECK(url_at(kAws, {"bucket", ""}) == "https://bucket.s3.eu-west-1.amazonaws.com/");
}

TEST_CASE("China's regions have a domain of their own") {
  CHECK(url_at(kAws, {"b-1", "k"}, "cn-north-1") == "https://b-1.s3.cn-north-1.amazonaws.com.cn/k");
  CHECK(url_at(kAws, {"b-1", "k"}, "us-gov-west-1") ==
        "https://b-1.s3.us-gov-west-1.amazonaws.com/k");
}

TEST_CASE("a bucket that cannot be before the host stands in the path") {
  const std::string host = "https://s3.eu-west-1.amazonaws.com/";
  for (const std::string bucket :
       {"my.bucket", "Bucket", "under_score", "-b", "b-", "a..b", "192.168.5.4"}) {
    CAPTURE(bucket);
    CHECK(url_at(kAws, {bucket, "k"}) == host + bucket + "/k");
  }
  CHECK(url_at(kAws, {"my.bucket", ""}) == host + "my.bucket");
  CHECK(url_at(kAws, {std::string(64, 'b'), "k"}) == host + std::string(64, 'b') + "/k");
  CHECK(url_at(kAws, {"a?b/c", "k"}) == host + "a%3Fb%2Fc/k");
}

TEST_CASE("the addressing style asked for is used where it can be") {
  const Endpoint path{"", AddressingStyle::path};
  CHECK(url_at(path, {"bucket", "k"}) == "https://s3.eu-west-1.amazonaws.com/bucket/k");
  const Endpoint virtual_host{"", AddressingStyle::virtual_host};
  CHECK(url_at(virtual_host, {"my.bucket", "k"}) ==
        "https://my.bucket.s3.eu-west-1.amazonaws.com/k");
  CHECK(url_at(virtual_host, {"Bucket", "k"}) == "https://s3.eu-west-1.amazonaws.com/Bucket/k");
}

TEST_CASE("a custom endpoint has the bucket in the path unless asked otherwise") {
  CHECK(url_at(custom("http://minio:9000"), {"bucket", "k"}) == "http://minio:9000/bucket/k");
  CHECK(url_at(custom("https://s3.example.com"), {"bucket", ""}) ==
        "https://s3.example.com/bucket");
  CHECK(url_at(custom("https://s3.example.com", AddressingStyle::virtual_host), {"bucket", "k"}) ==
        "https://bucket.s3.example.com/k");
  CHECK(url_at(custom("http://my_host:9000", AddressingStyle::virtual_host), {"a.b", "k"}) ==
        "http://a.b.my_host:9000/k");
}

TEST_CASE("no bucket is put before an IP address") {
  for (const std::string host : {"127.0.0.1:9000", "127.0.0.1", "[::1]:9000", "[fe80::1]"}) {
    CAPTURE(host);
    CHECK(url_at(custom("http://" + host, AddressingStyle::virtual_host), {"bucket", "k"}) ==
          "http://" + host + "/bucket/k");
  }
}

TEST_CASE("a custom endpoint is not bound to a region") {
  CHECK(url_at(custom("http://minio:9000"), {"b", "k"}, "") == "http://minio:9000/b/k");
  CHECK(url_at(custom("http://minio:9000"), {"b", "k"}, "Not A Region") == "http://minio:9000/b/k");
}

TEST_CASE("a port is in the host unless it is the scheme's own") {
  const auto host_at = [](const std::string& url) {
    return address_of(custom(url), "us-east-1", {"b", "k"}).host;
  };
  CHECK(host_at("http://minio:80") == "minio");
  CHECK(host_at("https://minio:443/") == "minio");
  CHECK(host_at("http://minio:443") == "minio:443");
  CHECK(host_at("https://minio:80") == "minio:80");
  CHECK(host_at("http://minio:0080") == "minio");
  CHECK(host_at("http://minio:") == "minio");
  CHECK(host_at("http://[::1]:80") == "[::1]");
  CHECK(host_at("http://[::1]:8080") == "[::1]:8080");
}

TEST_CASE("scheme and host of an endpoint are of any case") {
  CHECK(url_at(custom("HTTP://MinIO.Example:9000"), {"b", "k"}) == "http://minio.example:9000/b/k");
  CHECK(is_https(custom("HTTPS://h")));
  CHECK(!is_https(custom("Http://h")));
  CHECK(is_https(kAws));
}

TEST_CASE("the path of an endpoint stays in front") {
  CHECK(url_at(custom("https://h/s3"), {"b", "k"}) == "https://h/s3/b/k");
  CHECK(url_at(custom("https://h/s3/"), {"b", "k"}) == "https://h/s3/b/k");
  CHECK(url_at(custom("https://h/a/b//"), {"b", ""}) == "https://h/a/b/b");
  CHECK(url_at(custom("https://h/a b/%7e", AddressingStyle::virtual_host), {"b", "k"}) ==
        "https://b.h/a%20b/~/k");
  CHECK(url_at(custom("https://h/"), {"b", "k"}) == "https://h/b/k");
}

TEST_CASE("a key is encoded once and kept as it is otherwise") {
  const auto path_of = [](const std::string& key) {
    return address_of(kAws, "us-east-1", {"b", key}).path;
  };
  CHECK(path_of("a//b/./../c") == "/a//b/./../c");
  CHECK(path_of("/") == "//");
  CHECK(path_of("/a/") == "//a/");
  CHECK(path_of("a%20b c+d?e#f") == "/a%2520b%20c%2Bd%3Fe%23f");
  CHECK(path_of("größe") == "/gr%C3%B6%C3%9Fe");
  CHECK(path_of("..") == "/..");
}

TEST_CASE("a region that would be another host is refused") {
  for (const std::string region : {"", "evil.com/", "a.b", "x#", "x@y", "-", "US-EAST-1", "a b"}) {
    CAPTURE(region);
    CHECK(thrown_by([&] { (void)url_at(kAws, {"b", "k"}, region); }).kind() == ErrorKind::usage);
  }
  CHECK(thrown_by([] {
          (void)url_at(kAws, {"b", "k"}, "a.b");
        }).line() == "not an AWS region: \"a.b\"; regions are called like us-east-1");
}

TEST_CASE("an endpoint is an http or https URL with a host") {
  for (const std::string url : {"http://h", "https://h:1", "HTTPS://H/", "http://[::1]:65535/x/y",
                                "http://a_b.c-d:9000", "http://127.0.0.1"}) {
    CAPTURE(url);
    CHECK_NOTHROW(check_endpoint_url(url, "--endpoint-url"));
  }
  for (const std::string url : {"",
                                "h",
                                "h:9000",
                                "//h",
                                "ftp://h",
                                "http:/h",
                                "http:h",
                                "http://",
                                "http:///x",
                                "http://:80",
                                "http://h:0",
                                "http://h:65536",
                                "http://h:x",
                                "http://h:-1",
                                "http://h:1:2",
                                "http://[::1",
                                "http://::1",
                                "http://[h]",
                                "http://[]",
                                "http://[::1]x",
                                "http://[::1]x:1",
                                "http://h\\x",
                                "http://h h",
                                "http://h%41",
                                "http://höst",
                                "s3://bucket",
                                "http://user@"}) {
    CAPTURE(url);
    CHECK(thrown_by([&] { check_endpoint_url(url, "--endpoint-url"); }).kind() == ErrorKind::usage);
  }
  CHECK(thrown_by([] { check_endpoint_url("http://[::1\0x]"sv, "x"); }).kind() == ErrorKind::usage);
  CHECK(thrown_by([] { check_endpoint_url("localhost:9000", "AWS_ENDPOINT_URL"); }).line() ==
        "AWS_ENDPOINT_URL is no http or https URL with a host: \"localhost:9000\"; write "
        "http://HOST:PORT or https://HOST:PORT");
}

TEST_CASE("an endpoint has no user, query or fragment, and none of them is shown") {
  for (const std::string url : {"http://u:secret@h", "http://h/?secret", "http://h?secret=1",
                                "http://h#secret", "http://h/x?#", "http://@h"}) {
    CAPTURE(url);
    const auto error = thrown_by([&] { check_endpoint_url(url, "--endpoint-url"); });
    CHECK(error.kind() == ErrorKind::usage);
    CHECK(error.line().find("has more in it than a host and a path") != std::string::npos);
    CHECK(error.line().find("secret") == std::string::npos);
  }
  CHECK(thrown_by([] {
          (void)url_at(custom("http://h?x"), {"b", "k"});
        }).kind() == ErrorKind::usage);
}

TEST_CASE("URLs at a bucket's host at AWS name objects") {
  CHECK(named("https://bucket.s3.eu-west-1.amazonaws.com/a/b.ts") == "bucket|a/b.ts|eu-west-1");
  CHECK(named("http://bucket.s3.eu-west-1.amazonaws.com:80/k") == "bucket|k|eu-west-1");
  CHECK(named("HTTPS://Bucket.S3.EU-West-1.AmazonAWS.com:443/K") == "bucket|K|eu-west-1");
  CHECK(named("https://bucket.s3.amazonaws.com/k") == "bucket|k|");
  CHECK(named("https://bucket.s3-us-west-2.amazonaws.com/k") == "bucket|k|us-west-2");
  CHECK(named("https://bucket.s3-us-gov-west-1.amazonaws.com/k") == "bucket|k|us-gov-west-1");
  CHECK(named("https://bucket.s3-external-1.amazonaws.com/k") == "bucket|k|us-east-1");
  CHECK(named("https://bucket.s3.dualstack.us-west-2.amazonaws.com/k") == "bucket|k|us-west-2");
  CHECK(named("https://bucket.s3.cn-north-1.amazonaws.com.cn/k") == "bucket|k|cn-north-1");
  CHECK(named("https://my.bucket.s3.us-east-2.amazonaws.com/k") == "my.bucket|k|us-east-2");
  CHECK(named("https://bucket.s3.amazonaws.com") == "bucket||");
  CHECK(named("https://bucket.s3.amazonaws.com/") == "bucket||");
}

TEST_CASE("URLs in path style at AWS name objects") {
  CHECK(named("https://s3.eu-west-1.amazonaws.com/bucket/a/b.ts") == "bucket|a/b.ts|eu-west-1");
  CHECK(named("https://s3.amazonaws.com/bucket/k") == "bucket|k|");
  CHECK(named("https://s3-eu-west-1.amazonaws.com/bucket/k") == "bucket|k|eu-west-1");
  CHECK(named("https://s3.dualstack.eu-west-1.amazonaws.com/bucket/k") == "bucket|k|eu-west-1");
  CHECK(named("https://s3.cn-northwest-1.amazonaws.com.cn/bucket/k") == "bucket|k|cn-northwest-1");
  CHECK(named("https://s3.eu-west-1.amazonaws.com/bucket") == "bucket||eu-west-1");
  CHECK(named("https://s3.eu-west-1.amazonaws.com/bucket/") == "bucket||eu-west-1");
  CHECK(named("https://s3.eu-west-1.amazonaws.com/") == "none");
  CHECK(named("https://s3.eu-west-1.amazonaws.com") == "none");
  CHECK(named("https://s3.eu-west-1.amazonaws.com//k") == "none");
  CHECK(named("https://s3.eu-west-1.amazonaws.com/a%2Fb/k") == "none");
}

TEST_CASE("a bucket may be called as the service is") {
  CHECK(named("https://s3.s3.amazonaws.com/k") == "s3|k|");
  CHECK(named("https://s3.us-east-1.s3.us-west-2.amazonaws.com/k") == "s3.us-east-1|k|us-west-2");
  CHECK(named("https://a.s3.s3-us-west-2.amazonaws.com/k") == "a.s3|k|us-west-2");
}

TEST_CASE("other hosts of AWS name no objects") {
  for (const std::string host : {"amazonaws.com",
                                 "ec2.us-east-1.amazonaws.com",
                                 "b.s3-website-us-east-1.amazonaws.com",
                                 "b.s3-website.eu-central-1.amazonaws.com",
                                 "b.s3-accelerate.amazonaws.com",
                                 "b.s3-fips.us-east-1.amazonaws.com",
                                 "1.s3-control.us-east-1.amazonaws.com",
                                 "a-1.s3-accesspoint.us-west-2.amazonaws.com",
                                 "us-east-1.amazonaws.com",
                                 "b.vpce-1.s3.us-east-1.vpce.amazonaws.com",
                                 "b.s3.amazonaws.com:8443",
                                 ".s3.amazonaws.com",
                                 "a..s3.amazonaws.com",
                                 "b.s3.amazonaws.com.",
                                 "b.s3.amazonaws.com.evil.org",
                                 "b.s3.evilamazonaws.com",
                                 "b.s3.amazonaws.com@evil.org",
                                 "evil@b.s3.amazonaws.com",
                                 "d1.cloudfront.net",
                                 "s3x.amazonaws.com",
                                 "s3-.amazonaws.com"}) {
    CAPTURE(host);
    CHECK(named("https://" + host + "/k/l") == "none");
  }
  for (const std::string url :
       {"s3://bucket/k", "ftp://b.s3.amazonaws.com/k", "", "/bucket/k", "b.s3.amazonaws.com/k"}) {
    CAPTURE(url);
    CHECK(named(url) == "none");
  }
}

TEST_CASE("a key is decoded once, and the query and the fragment are not part of it") {
  const std::string host = "https://b.s3.amazonaws.com/";
  CHECK(named(host + "a%20b%2Fc%252F+d") == "b|a b/c%2F+d|");
  CHECK(named(host + "gr%C3%B6%C3%9fe") == "b|größe|");
  CHECK(named(host + "a?versionId=1&X-Amz-Signature=x") == "b|a|");
  CHECK(named(host + "a%3Fb?c") == "b|a?b|");
  CHECK(named(host + "a#b?c") == "b|a|");
  CHECK(named(host + "a//b/./../c") == "b|a//b/./../c|");
  CHECK(named(host + "/a") == "b|/a|");
}

TEST_CASE("URLs below a custom endpoint name objects in both styles") {
  const auto minio = custom("http://minio.example:9000");
  CHECK(named("http://minio.example:9000/bucket/a/b", minio) == "bucket|a/b|");
  CHECK(named("HTTP://MINIO.example:9000/bucket/a", minio) == "bucket|a|");
  CHECK(named("http://bucket.minio.example:9000/a/b", minio) == "bucket|a/b|");
  CHECK(named("http://my.bucket.minio.example:9000/a", minio) == "my.bucket|a|");
  CHECK(named("http://minio.example:9000/Old_Bucket/a", minio) == "Old_Bucket|a|");
  CHECK(named("https://h/bucket/k", custom("https://h:443")) == "bucket|k|");
  CHECK(named("https://h:443/bucket/k", custom("https://h")) == "bucket|k|");
  CHECK(named("http://[::1]:9000/bucket/k", custom("http://[::1]:9000")) == "bucket|k|");
  CHECK(named("http://127.0.0.1:9000/bucket/k", custom("http://127.0.0.1:9000/")) == "bucket|k|");
}

TEST_CASE("another scheme, host or port than the endpoint's names no object") {
  const auto minio = custom("http://minio.example:9000");
  for (const std::string url : {"https://minio.example:9000/b/k", "http://minio.example/b/k",
                                "http://minio.example:9001/b/k", "http://example:9000/b/k",
                                "http://xminio.example:9000/b/k", "http://u@minio.example:9000/b/k",
                                "http://minio.example:9000/", "http://minio.example:9000",
                                "http://.minio.example:9000/k"}) {
    CAPTURE(url);
    CHECK(named(url, minio) == "none");
  }
  CHECK(named("http://1.127.0.0.1:9000/k", custom("http://127.0.0.1:9000")) == "none");
}

TEST_CASE("AWS's URLs name no objects of another endpoint") {
  CHECK(named("https://b.s3.amazonaws.com/k", custom("http://minio:9000")) == "none");
  const auto regional = custom("https://s3.eu-west-1.amazonaws.com");
  CHECK(named("https://b.s3.eu-west-1.amazonaws.com/k", regional) == "b|k|");
  CHECK(named("https://s3.eu-west-1.amazonaws.com/b/k", regional) == "b|k|");
}

TEST_CASE("the path of an endpoint is no part of the key") {
  const auto below = custom("https://h/s3 x/");
  CHECK(named("https://h/s3 x/bucket/k", below) == "bucket|k|");
  CHECK(named("https://h/s3%20x/bucket/k", below) == "bucket|k|");
  CHECK(named("https://bucket.h/s3%20x/k", below) == "bucket|k|");
  CHECK(named("https://bucket.h/s3%20x", below) == "bucket||");
  CHECK(named("https://h/s3%20xy/bucket/k", below) == "none");
  CHECK(named("https://h/bucket/k", below) == "none");
}

TEST_CASE("an address and the object it was made for are each other's") {
  const std::vector<Endpoint> endpoints{kAws,
                                        {"", AddressingStyle::path},
                                        custom("http://127.0.0.1:9000/a b/"),
                                        custom("https://h.example", AddressingStyle::virtual_host)};
  for (const auto& endpoint : endpoints) {
    for (const std::string key : {"", "a", "a//b/./../c", "%41 +&?#", "/", "日本/", "a=b;c"}) {
      CAPTURE(endpoint.url);
      CAPTURE(key);
      const Object object{"my-bucket", key};
      const auto found = object_in_url(url_at(endpoint, object), endpoint);
      REQUIRE(found);
      CHECK(found->object == object);
      CHECK(found->region == (endpoint.url.empty() ? "eu-west-1" : ""));
    }
  }
}
