// What to make of failed requests.
#include "momentcut/s3/retry.hpp"

#include <string>

#include <doctest/doctest.h>

#include "print.hpp"

using namespace momentcut::s3;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::parse_wall_time;

namespace {

std::string shown(std::string_view field) {
  const auto range = parse_content_range(field);
  if (!range) return "none";
  const auto part =
      range->part ? std::to_string(range->part->first) + "-" + std::to_string(range->part->second)
                  : "*";
  return part + "/" + (range->total ? std::to_string(*range->total) : "*");
}

}  // namespace

TEST_CASE("a server that is overloaded or out of order is worth another try") {
  for (const int status : {429, 500, 502, 503, 504}) {
    CAPTURE(status);
    CHECK(remedy_for(status, "") == Remedy::wait);
    CHECK(kind_of(status, "") == ErrorKind::temporary);
  }
  for (const std::string code :
       {"SlowDown", "RequestTimeout", "Throttling", "ThrottlingException", "ThrottledException",
        "RequestLimitExceeded", "BandwidthLimitExceeded", "InternalError", "ServiceUnavailable",
        "OperationAborted", "ConditionalRequestConflict"}) {
    CAPTURE(code);
    // 200: what CompleteMultipartUpload says before it knows.
    for (const int status : {200, 400, 409}) {
      CHECK(remedy_for(status, code) == Remedy::wait);
      CHECK(kind_of(status, code) == ErrorKind::temporary);
      CHECK(advice_for(status, code) == "try again later");
    }
  }
}

TEST_CASE("what will not change is not tried again") {
  for (const int status : {400, 401, 403, 404, 405, 410, 412, 416, 501, 505}) {
    CAPTURE(status);
    CHECK(remedy_for(status, "") == Remedy::none);
  }
  CHECK(remedy_for(403, "AccessDenied") == Remedy::none);
  CHECK(remedy_for(403, "SignatureDoesNotMatch") == Remedy::none);
  CHECK(remedy_for(400, "EntityTooLarge") == Remedy::none);
}

TEST_CASE("expired credentials, a wrong clock and another region have remedies of their own") {
  CHECK(remedy_for(400, "ExpiredToken") == Remedy::credentials);
  CHECK(remedy_for(400, "TokenRefreshRequired") == Remedy::credentials);
  CHECK(remedy_for(403, "RequestTimeTooSkewed") == Remedy::clock);
  for (const int status : {301, 307, 308}) CHECK(remedy_for(status, "") == Remedy::region);
  for (const std::string code :
       {"AuthorizationHeaderMalformed", "AuthorizationQueryParametersError",
        "IllegalLocationConstraintException", "PermanentRedirect"}) {
    CHECK(remedy_for(400, code) == Remedy::region);
    CHECK(advice_for(400, code) == "say the bucket's region with --region");
  }
}

TEST_CASE("an answer that nothing helped against has its kind of error") {
  CHECK(kind_of(403, "") == ErrorKind::no_permission);
  CHECK(kind_of(401, "") == ErrorKind::no_permission);
  CHECK(kind_of(400, "ExpiredToken") == ErrorKind::no_permission);
  CHECK(kind_of(400, "InvalidToken") == ErrorKind::no_permission);
  CHECK(kind_of(404, "NoSuchKey") == ErrorKind::not_found);
  CHECK(kind_of(404, "") == ErrorKind::not_found);
  CHECK(kind_of(410, "") == ErrorKind::not_found);
  CHECK(kind_of(501, "NotImplemented") == ErrorKind::unavailable);
  CHECK(kind_of(400, "") == ErrorKind::protocol);
  CHECK(kind_of(301, "PermanentRedirect") == ErrorKind::protocol);
  CHECK(kind_of(418, "") == ErrorKind::protocol);
}

TEST_CASE("advice says what its reader can check, or nothing") {
  CHECK(advice_for(403, "AccessDenied") == "check the rights of these credentials, and the name");
  CHECK(advice_for(403, "SignatureDoesNotMatch") == "check the secret access key");
  CHECK(advice_for(403, "InvalidAccessKeyId").find("key id") != std::string::npos);
  CHECK(advice_for(400, "ExpiredToken") == "get new temporary credentials");
  CHECK(advice_for(403, "RequestTimeTooSkewed") == "set this machine's clock");
  CHECK(advice_for(404, "NoSuchBucket").find("bucket") != std::string::npos);
  CHECK(advice_for(404, "NoSuchKey") == "check the key");
  CHECK(advice_for(401, "").find("--header") != std::string::npos);
  CHECK(advice_for(403, "").find("signed URL") != std::string::npos);
  CHECK(advice_for(404, "") == "");
  CHECK(advice_for(400, "Whatever") == "");
}

TEST_CASE("the wait doubles from one second to twenty, and is random below that") {
  const std::chrono::milliseconds bounds[] = {1s, 2s, 4s, 8s, 16s, 20s, 20s};
  for (unsigned next = 1; next <= 7; ++next) CHECK(backoff(next, 1) == bounds[next - 1]);
  CHECK(backoff(1'000'000, 1) == 20s);
  CHECK(backoff(4'294'967'295U, 1) == 20s);
  CHECK(backoff(1, 0) == 0s);
  CHECK(backoff(3, 0.25) == 1s);
  CHECK(backoff(1, 7) == 1s);
  CHECK(backoff(1, -7) == 0s);
}

TEST_CASE("an HTTP date is read in its one form") {
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") ==
        parse_wall_time("1994-11-06T08:49:37Z"));
  CHECK(parse_http_date(" Wed, 31 Dec 2025 23:59:59 GMT ") ==
        parse_wall_time("2025-12-31T23:59:59Z"));
  CHECK(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT") ==
        parse_wall_time("2024-02-29T00:00:00Z"));
  for (const std::string text :
       {"", "120", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 08:49:37 gmt",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nox 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Nov 1994 08-49-37 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_http_date(text));
  }
}

TEST_CASE("Retry-After is seconds or a date, and never before now") {
  const auto now = *parse_wall_time("1994-11-06T08:49:30.5Z");
  CHECK(parse_retry_after("120", now) == 120s);
  CHECK(parse_retry_after(" 0 ", now) == 0s);
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now) == 6'500ms);
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:07 GMT", now) == 0s);
  // What nobody waits for is still a number.
  CHECK(parse_retry_after("18446744073709551615", now) > 24h * 365);
  for (const std::string text : {"", "-1", "1.5", "soon", "1 s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_retry_after(text, now));
  }
}

TEST_CASE("a content range is bytes with their total, as far as they are told") {
  CHECK(shown("bytes 0-99/1000") == "0-99/1000");
  CHECK(shown("bytes 5-5/6") == "5-5/6");
  CHECK(shown("Bytes 0-99/*") == "0-99/*");
  CHECK(shown("bytes */1000") == "*/1000");
  CHECK(shown("  bytes 0-99/1000 ") == "0-99/1000");
  for (const std::string text :
       {"", "bytes", "bytes ", "items 0-9/10", "bytes 0-9", "bytes 9-0/10", "bytes 0-10/10",
        "bytes -9/10", "bytes 0-/10", "bytes 0-9/", "bytes 0-9/x", "bytes a-b/10",
        "bytes 0-18446744073709551616/*", "bytes=0-9/10"}) {
    CAPTURE(text);
    CHECK(shown(text) == "none");
  }
}
