// Credentials in JSON, from programs and endpoints.
#include "momentcut/s3/credentials_json.hpp"

#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "core/thrown.hpp"

using namespace momentcut::s3;
using momentcut::core::ErrorKind;
using momentcut::core::parse_wall_time;
using momentcut::core::thrown_by;

namespace {

std::string process_refusal(const std::string& json) {
  const auto error = thrown_by([&] { parse_process_credentials(json); });
  CHECK(error.kind() == ErrorKind::configuration);
  CHECK(error.line().find("hunter2") == std::string::npos);
  return error.line();
}

std::string served_refusal(const std::string& json) {
  const auto error = thrown_by([&] { parse_served_credentials(json); });
  CHECK(error.kind() == ErrorKind::protocol);
  CHECK(error.line().find("hunter2") == std::string::npos);
  return error.line();
}

}  // namespace

TEST_CASE("a credential process prints keys, a token and when they end") {
  const auto found = parse_process_credentials(
      R"({"Version":1,"AccessKeyId":"AKID","SecretAccessKey":"secret","SessionToken":"token",)"
      R"("Expiration":"2024-05-06T07:08:09Z"})"
      "\n");
  CHECK(found.access_key == "AKID");
  CHECK(found.secret_key == "secret");
  CHECK(found.session_token == "token");
  CHECK(found.expires == parse_wall_time("2024-05-06T07:08:09Z"));
}

TEST_CASE("a credential process need not give a token or an end") {
  for (const std::string json :
       {R"({"Version":1,"AccessKeyId":"AKID","SecretAccessKey":"secret"})",
        R"({"Version":1,"AccessKeyId":"AKID","SecretAccessKey":"secret","SessionToken":null,)"
        R"("Expiration":null,"Other":[1]})",
        R"({"Version":1,"AccessKeyId":"AKID","SecretAccessKey":"secret","SessionToken":"",)"
        R"("Expiration":""})"}) {
    CAPTURE(json);
    const auto found = parse_process_credentials(json);
    CHECK(found.access_key == "AKID");
    CHECK(found.session_token == "");
    CHECK_FALSE(found.expires);
  }
}

TEST_CASE("an end has a zone, or is in UTC") {
  const auto found =
      parse_process_credentials(R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":"b",)"
                                R"("Expiration":"2024-05-06T09:08:09.5+02:00"})");
  CHECK(found.expires == parse_wall_time("2024-05-06T07:08:09.5Z"));
}

TEST_CASE("what a credential process prints amiss is refused and not shown") {
  const std::string kind = "credential_process answers with ";
  const std::pair<std::string, std::string> wrong[] = {
      {"", "no JSON object"},
      {"hunter2", "no JSON object"},
      {"[\"hunter2\"]", "no JSON object"},
      {R"({"AccessKeyId":"hunter2")", "no JSON object"},
      {R"({"AccessKeyId":"hunter2"} x)", "no JSON object"},
      {"{\"AccessKeyId\":\"hunter2\xff\"}", "no JSON object"},
      {R"({"AccessKeyId":"hunter2","SecretAccessKey":"hunter2"})", "no credentials of Version 1"},
      {R"({"Version":2,"AccessKeyId":"hunter2","SecretAccessKey":"hunter2"})",
       "no credentials of Version 1"},
      {R"({"Version":"1","AccessKeyId":"hunter2","SecretAccessKey":"hunter2"})",
       "no credentials of Version 1"},
      {R"({"Version":true,"AccessKeyId":"hunter2","SecretAccessKey":"hunter2"})",
       "no credentials of Version 1"},
      {R"({"Version":1,"SecretAccessKey":"hunter2"})", "no AccessKeyId"},
      {R"({"Version":1,"AccessKeyId":"","SecretAccessKey":"hunter2"})", "no AccessKeyId"},
      {R"({"Version":1,"AccessKeyId":"hunter2"})", "no SecretAccessKey"},
      {R"({"Version":1,"AccessKeyId":"hunter2","SecretAccessKey":["hunter2"]})",
       "SecretAccessKey that is no string"},
      {R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":"hunter2","SessionToken":5})",
       "SessionToken that is no string"},
      {R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":"hunter2","SessionToken":"hunter2\r\n"})",
       "a control character in SessionToken"},
      {R"({"Version":1,"AccessKeyId":"hunter2\u0000","SecretAccessKey":"b"})",
       "a control character in AccessKeyId"},
      {R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"hunter2"})",
       "an Expiration that is no ISO 8601 time"},
      {R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":"b","Expiration":1700000000})",
       "Expiration that is no string"},
  };
  for (const auto& [json, what] : wrong) {
    CAPTURE(json);
    CHECK(process_refusal(json) == kind + what);
  }
  CHECK(process_refusal(std::string(100'000, '[')) == kind + "no JSON object");
}

TEST_CASE("an endpoint calls the token Token, and needs no Version") {
  const auto found = parse_served_credentials(
      R"({"Code":"Success","LastUpdated":"2024-05-06T01:08:09Z","Type":"AWS-HMAC",)"
      R"("AccessKeyId":"ASIA","SecretAccessKey":"secret","Token":"token","SessionToken":"no",)"
      R"("Expiration":"2024-05-06T07:08:09Z"})");
  CHECK(found.access_key == "ASIA");
  CHECK(found.secret_key == "secret");
  CHECK(found.session_token == "token");
  CHECK(found.expires == parse_wall_time("2024-05-06T07:08:09Z"));
  CHECK_FALSE(parse_served_credentials(R"({"AccessKeyId":"a","SecretAccessKey":"b"})").expires);
}

TEST_CASE("what an endpoint answers amiss is refused and not shown") {
  const std::string kind = "the credentials endpoint answers with ";
  CHECK(served_refusal("<html>hunter2</html>") == kind + "no JSON object");
  CHECK(served_refusal(R"({"Code":"hunter2","Message":"hunter2"})") ==
        kind + "a Code that is not Success");
  CHECK(served_refusal(R"({"SecretAccessKey":"hunter2"})") == kind + "no AccessKeyId");
  CHECK(served_refusal(R"({"AccessKeyId":"hunter2"})") == kind + "no SecretAccessKey");
  CHECK(served_refusal(R"({"AccessKeyId":"a","SecretAccessKey":"b","Token":"hunter2\n"})") ==
        kind + "a control character in Token");
}
