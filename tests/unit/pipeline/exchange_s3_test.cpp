// Requests to S3: signed when they are sent, and again with what was learnt.
#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "momentcut/pipeline/exchange.hpp"
#include "momentcut/s3/sigv4.hpp"
#include "momentcut/s3/url.hpp"
#include "pipeline/served.hpp"
#include "print.hpp"

using namespace momentcut;
using namespace momentcut::pipeline;
using namespace std::chrono_literals;
using core::ErrorKind;
using core::thrown_by;
using io::answer;

namespace {

// A parameter of the query that was asked with; "(none)" without it.
std::string parameter(const io::Asked& asked, const std::string& name) {
  const auto line = asked.line();
  const auto target = line.substr(0, line.rfind(' ')).substr(line.find(' ') + 1);
  for (const auto& [known, value] : s3::query_parameters("http://h" + target)) {
    if (known == name) return value;
  }
  return "(none)";
}

std::string path(const io::Asked& asked) {
  return asked.line().substr(0, asked.line().find('?'));
}

core::Error refusal(Network& network) {
  return thrown_by([&] { network.get_object(); });
}

}  // namespace

TEST_CASE("a GET of S3 is signed in its URL, and can be checked") {
  Network network({answer(200, "body")});
  network.speak_s3();
  network.request.network.environment["AWS_SESSION_TOKEN"] = "token/hunter2";
  network.request.network.headers = {{"X-Other", "not for S3"}};
  CHECK(network.get_object("a b/../0%20.ts").body == "body");
  const auto asked = network.asked().at(0);
  CHECK(path(asked) == "GET /rec/a%20b/../0%2520.ts");
  CHECK(asked.field("authorization") == "(none)");
  CHECK(asked.field("x-other") == "(none)");
  CHECK(parameter(asked, "X-Amz-Security-Token") == "token/hunter2");
  const auto date = parameter(asked, "X-Amz-Date");
  REQUIRE(date.size() == 16);
  const auto time =
      core::parse_wall_time(date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6, 5) +
                            ":" + date.substr(11, 2) + ":" + date.substr(13));
  REQUIRE(time);
  const s3::SignableRequest request{
      "GET", network.server().authority(), "/rec/a%20b/../0%2520.ts", {}, {}};
  const auto query = s3::presigned_query(request, {"AKIDEXAMPLE", "hunter2", "token/hunter2", {}},
                                         {"us-east-1"}, *time, 15min);
  CHECK(asked.line() == path(asked) + "?" + query + " HTTP/1.1");
}

TEST_CASE("each attempt has a signature of its own") {
  Network network({answer(503, "", "Retry-After: 1\r\n"), answer(200)});
  network.speak_s3();
  network.get_object();
  const auto asked = network.asked();
  REQUIRE(asked.size() == 2);
  CHECK(parameter(asked[0], "X-Amz-Date") != parameter(asked[1], "X-Amz-Date"));
  CHECK(parameter(asked[0], "X-Amz-Signature") != parameter(asked[1], "X-Amz-Signature"));
}

TEST_CASE("what is told of a request to S3 shows no signature") {
  Network network({answer(200)});
  network.speak_s3();
  network.get_object();
  REQUIRE(network.details.size() == 2);
  CHECK(network.details[1] == "GET " + network.at("/rec/0.ts?…").text);
}

TEST_CASE("a body is signed with its digests, in the header") {
  Network network({answer(200)});
  network.speak_s3();
  auto ask = Network::ask_for(Network::object("k"));
  ask.method = "PUT";
  ask.body = std::string("abc");
  ask.headers = {{"Content-Type", "text/plain"}};
  network.remote().ask(std::move(ask));
  const auto asked = network.asked().at(0);
  CHECK(asked.line() == "PUT /rec/k HTTP/1.1");
  CHECK(asked.body == "abc");
  CHECK(asked.field("content-md5") == "kAFQmDzST7DWlj99KOF/cg==");
  CHECK(asked.field("x-amz-content-sha256") ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const auto authorization = asked.field("authorization");
  CHECK(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
  for (const std::string name : {"content-md5", "content-type", "host", "x-amz-content-sha256"}) {
    CHECK(authorization.find(name) != std::string::npos);
  }
}

TEST_CASE("a region that an error names is taken, and kept") {
  Network network({s3_error(400, "AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>"),
                   answer(200, "body"), answer(200)});
  network.speak_s3();
  CHECK(network.get_object().body == "body");
  network.get_object();
  const auto asked = network.asked();
  REQUIRE(asked.size() == 3);
  CHECK(parameter(asked[0], "X-Amz-Credential").find("/us-east-1/") != std::string::npos);
  CHECK(parameter(asked[1], "X-Amz-Credential").find("/eu-west-1/") != std::string::npos);
  CHECK(parameter(asked[2], "X-Amz-Credential").find("/eu-west-1/") != std::string::npos);
}

TEST_CASE("a region in a header goes before the one in the body") {
  Network network({s3_error(301, "PermanentRedirect", "<Region>eu-west-1</Region>",
                            "x-amz-bucket-region: eu-north-1\r\nLocation: http://127.0.0.1:1/\r\n"),
                   answer(200, "body")});
  network.speak_s3();
  CHECK(network.get_object().body == "body");
  CHECK(parameter(network.asked().at(1), "X-Amz-Credential").find("/eu-north-1/") !=
        std::string::npos);
}

TEST_CASE("a HEAD that says nothing but 400 has its bucket asked for the region") {
  const auto head = [](const std::string& text) {
    return Answer("HTTP/1.1 " + text + "\r\nContent-Length: 0\r\n\r\n");
  };
  Network network(
      {head("400 Bad"), head("403 No\r\nx-amz-bucket-region: eu-west-1"), head("200 OK")});
  network.speak_s3();
  auto ask = Network::ask_for(Network::object("0.ts"));
  ask.method = "HEAD";
  CHECK(network.remote().ask(std::move(ask)).status == 200);
  const auto asked = network.asked();
  REQUIRE(asked.size() == 3);
  CHECK(asked[1].line() == "HEAD /rec HTTP/1.1");
  CHECK(parameter(asked[2], "X-Amz-Credential").find("/eu-west-1/") != std::string::npos);
}

TEST_CASE("a region that is no host's name is not taken") {
  Network network({s3_error(400, "AuthorizationHeaderMalformed", "<Region>evil.example/</Region>"),
                   answer(200)});
  network.speak_s3();
  const auto error = refusal(network);
  CHECK(error.kind() == ErrorKind::protocol);
  CHECK(error.hint() == "say the bucket's region with --region");
  CHECK(network.asked().size() == 1);
}

TEST_CASE("the same region again does not help") {
  const auto elsewhere =
      s3_error(400, "AuthorizationHeaderMalformed", "<Region>us-east-1</Region>");
  Network network({elsewhere, answer(200)});
  network.speak_s3();
  CHECK(refusal(network).kind() == ErrorKind::protocol);
  CHECK(network.asked().size() == 1);
}

TEST_CASE("a clock that is off is set by the server's, once") {
  const auto skewed =
      s3_error(403, "RequestTimeTooSkewed", "", "Date: Sun, 06 Nov 2044 08:49:37 GMT\r\n");
  Network network({skewed, answer(200, "body"), skewed});
  network.speak_s3();
  CHECK(network.get_object().body == "body");
  CHECK(parameter(network.asked().at(1), "X-Amz-Date").starts_with("20441106T0849"));
  const auto error = refusal(network);
  CHECK(error.kind() == ErrorKind::no_permission);
  CHECK(error.hint() == "set this machine's clock");
  CHECK(network.asked().size() == 3);
}

TEST_CASE("credentials that have expired are renewed once") {
  const auto expired = s3_error(400, "ExpiredToken");
  Network network({expired, answer(200, "body"), expired, expired, answer(200)});
  network.speak_s3_by_process();
  CHECK(network.get_object().body == "body");
  const auto asked = network.asked();
  CHECK(parameter(asked.at(0), "X-Amz-Credential").starts_with("AKID1/"));
  CHECK(parameter(asked.at(1), "X-Amz-Credential").starts_with("AKID2/"));
  CHECK(network.process_runs() == 2);
  const auto error = refusal(network);
  CHECK(error.kind() == ErrorKind::no_permission);
  CHECK(error.hint() == "get new temporary credentials");
  CHECK(network.process_runs() == 3);
  CHECK(network.asked().size() == 4);
}

TEST_CASE("credentials that last are asked for once, for however many requests") {
  Network network({answer(200), answer(200), answer(200)});
  network.speak_s3_by_process();
  for (int i = 0; i < 3; ++i) network.get_object();
  CHECK(network.process_runs() == 1);
}

TEST_CASE("fixed credentials that have expired are an error at once") {
  Network network({s3_error(400, "ExpiredToken"), answer(200)});
  network.speak_s3();
  CHECK(refusal(network).line() ==
        "it: ExpiredToken (HTTP status 400), request 4442587FB7D0A2F9; get new temporary "
        "credentials");
  CHECK(network.asked().size() == 1);
}

TEST_CASE("who pays says so, in the URL or in the header") {
  Network network({answer(200), answer(200)});
  network.speak_s3();
  network.request.network.request_payer = true;
  network.get_object();
  auto ask = Network::ask_for(Network::object("k"));
  ask.method = "PUT";
  ask.body = std::string();
  network.remote().ask(std::move(ask));
  CHECK(parameter(network.asked().at(0), "x-amz-request-payer") == "requester");
  CHECK(network.asked().at(1).field("x-amz-request-payer") == "requester");
  CHECK(network.asked().at(1).field("authorization").find("x-amz-request-payer") !=
        std::string::npos);
}

TEST_CASE("unsigned requests have nothing of a signature") {
  Network network({answer(200), answer(200)});
  network.speak_s3();
  network.request.network.aws.no_sign_request = true;
  network.get_object();
  auto ask = Network::ask_for({s3::Scheme::s3, "s3://rec/"});
  ask.query = {{"prefix", "a b"}, {"list-type", "2"}};
  network.remote().ask(std::move(ask));
  CHECK(network.asked().at(0).line() == "GET /rec/0.ts HTTP/1.1");
  CHECK(network.asked().at(1).line() == "GET /rec?list-type=2&prefix=a%20b HTTP/1.1");
}

TEST_CASE("a redirect of S3 is not followed to a host that is not the service's own") {
  for (const int status : {301, 302, 307, 308}) {
    CAPTURE(status);
    Network other(std::vector<Answer>{answer(200, "body")});
    const auto lines = "Location: " + other.at("/rec/0.ts").text + "\r\n";
    Network network({s3_error(status, "TemporaryRedirect", "", lines), answer(200, "", lines)});
    network.speak_s3();
    CHECK(refusal(network).kind() == ErrorKind::protocol);
    CHECK(other.asked().empty());
  }
}

TEST_CASE("an S3 without access says so without more attempts") {
  Network network({s3_error(403, "AccessDenied"), answer(200)});
  network.speak_s3();
  CHECK(refusal(network).line() ==
        "it: AccessDenied (HTTP status 403), request 4442587FB7D0A2F9; check the rights of these "
        "credentials, and the name");
  CHECK(network.asked().size() == 1);
}
