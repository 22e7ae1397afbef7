// What asking a server for something comes to, in one attempt.
#include "momentcut/pipeline/exchange.hpp"

#include <string>
#include <utility>
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

namespace {

core::Error refusal(Network& network) {
  return thrown_by([&] { network.get(); });
}

}  // namespace

TEST_CASE("an answer is its status, fields, body and place") {
  Network network({answer(203, "text", "X-One: 1\r\nX-One: 2\r\n")});
  const auto reply = network.get("/a%20b?c");
  CHECK(reply.status == 203);
  CHECK(reply.body == "text");
  CHECK(reply.received == 4);
  CHECK(reply.total == 4);
  CHECK(reply.location == network.at("/a%20b?c"));
  REQUIRE(reply.field("x-one") != nullptr);
  CHECK(*reply.field("x-one") == "1");
  CHECK(reply.field("x-two") == nullptr);
}

TEST_CASE("a request says what is asked for, and with what") {
  Network network({answer(200)});
  network.request.network.headers = {{"X-Always", "yes"}};
  network.request.network.user_agent = "tester/2";
  auto ask = Network::ask_for(network.at("/a b/../0.ts?x=1#fragment"));
  ask.headers = {{"X-Own", "too"}};
  network.remote().ask(std::move(ask));
  const auto asked = network.asked().at(0);
  CHECK(asked.line() == "GET /a%20b/../0.ts?x=1 HTTP/1.1");
  CHECK(asked.field("x-always") == "yes");
  CHECK(asked.field("x-own") == "too");
  CHECK(asked.field("user-agent") == "tester/2");
  CHECK(asked.field("range") == "(none)");
  CHECK(asked.field("accept-encoding") == "(none)");
}

TEST_CASE("unless told otherwise, it is momentcut that asks") {
  Network network({answer(200)});
  network.get();
  CHECK(network.asked().at(0).field("user-agent").starts_with("momentcut/"));
}

TEST_CASE("only a text that is to be decoded may come compressed") {
  Network network({answer(200)});
  auto ask = Network::ask_for(network.at("/p.m3u8"));
  ask.decode = true;
  const auto reply = network.remote().ask(std::move(ask));
  CHECK(network.asked().at(0).field("accept-encoding").find("gzip") != std::string::npos);
  // How large it is decoded, the server does not say.
  CHECK_FALSE(reply.total);
}

TEST_CASE("a HEAD has fields and no body") {
  Network network({Answer("HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n")});
  auto ask = Network::ask_for(network.at("/0.ts"));
  ask.method = "HEAD";
  const auto reply = network.remote().ask(std::move(ask));
  CHECK(*reply.field("content-length") == "12345");
  CHECK(reply.body.empty());
  CHECK(network.asked().at(0).line() == "HEAD /0.ts HTTP/1.1");
}

TEST_CASE("a text has its limit") {
  Network network({answer(200, "1234"), answer(200, "12345")});
  auto ask = Network::ask_for(network.at("/p.m3u8"));
  ask.at_most = 4;
  CHECK(network.remote().ask(ask).body == "1234");
  const auto error = thrown_by([&] { network.remote().ask(ask); });
  CHECK(error.kind() == ErrorKind::bad_data);
  CHECK(error.line() == "it is larger than 4 bytes; is it what it should be?");
}

TEST_CASE("an answer is told as soon as it is there, and a failure is none") {
  Network network({answer(200, "body"), answer(404, "gone")});
  std::vector<std::string> told;
  auto ask = Network::ask_for(network.at("/0.ts"));
  ask.sized = [&](std::uint64_t size) { told.push_back("sized " + std::to_string(size)); };
  ask.take = [&](std::string_view bytes) {
    told.push_back("take " + std::string(bytes));
    return true;
  };
  ask.done = [&](const Reply&) { told.emplace_back("done"); };
  CHECK(network.remote().ask(ask).body.empty());
  CHECK(told == std::vector<std::string>{"sized 4", "take body", "done"});
  CHECK(thrown_by([&] { network.remote().ask(ask); }).kind() == ErrorKind::not_found);
  CHECK(told.size() == 3);
}

TEST_CASE("what is accepted is an answer, with its body") {
  Network network({answer(404, "no such thing"), s3_error(409, "Odd"), answer(200, "fine")});
  std::vector<std::string> seen;
  bool done = false;
  auto ask = Network::ask_for(network.at("/0.ts"));
  ask.done = [&](const Reply&) { done = true; };
  ask.accepts = [&](int status, std::string_view code) {
    seen.push_back(std::to_string(status) + std::string(code));
    return true;
  };
  const auto reply = network.remote().ask(ask);
  CHECK(reply.status == 404);
  CHECK(reply.body == "no such thing");
  CHECK(done);
  CHECK(network.remote().ask(ask).status == 409);
  CHECK(network.remote().ask(ask).body == "fine");
  CHECK(seen == std::vector<std::string>{"404", "409Odd"});
}

TEST_CASE("an error has the kind of its status, and is not asked for twice") {
  const std::pair<int, ErrorKind> kinds[] = {
      {400, ErrorKind::protocol},  {401, ErrorKind::no_permission}, {403, ErrorKind::no_permission},
      {404, ErrorKind::not_found}, {410, ErrorKind::not_found},     {501, ErrorKind::unavailable},
      {304, ErrorKind::protocol}};
  for (const auto& [status, kind] : kinds) {
    CAPTURE(status);
    Network network({answer(status)});
    const auto error = refusal(network);
    CHECK(error.kind() == kind);
    CHECK(std::string(error.what()) == "it: HTTP status " + std::to_string(status));
    CHECK(network.asked().size() == 1);
  }
}

TEST_CASE("an error that names itself is named, with the request that its server knows it by") {
  Network network({s3_error(404, "NoSuchKey")});
  CHECK(refusal(network).line() ==
        "it: NoSuchKey (HTTP status 404), request 4442587FB7D0A2F9; check the key");
}

TEST_CASE("what a server calls its error does not drive a terminal") {
  Network network({s3_error(404, "a&#x9b;31mb&#10;c")});
  const std::string text = refusal(network).what();
  CHECK(text.starts_with("it: a?31mb?c (HTTP status 404)"));
}

TEST_CASE("an error that never ends is cut off") {
  Network network({io::answer(404, "<Error><Code>Late</Code>" + std::string(1U << 20U, ' '))});
  CHECK(std::string(refusal(network).what()) == "it: HTTP status 404");
  // It is not even read to its end.
  Network endless({Answer("HTTP/1.1 404 Not Found\r\nContent-Length: 9999999999\r\n\r\n" +
                          std::string(100U << 10U, 'x'))});
  CHECK(refusal(endless).kind() == ErrorKind::not_found);
}

TEST_CASE("a step from https to http needs permission") {
  const s3::Location plain{s3::Scheme::http, "http://user:hunter2@h/p?hunter2"};
  CHECK_NOTHROW(require_no_downgrade(false, plain, false, false, "x"));
  CHECK_NOTHROW(require_no_downgrade(true, plain, true, false, "x"));
  CHECK_NOTHROW(require_no_downgrade(true, plain, false, true, "x"));
  const auto error = thrown_by([&] { require_no_downgrade(true, plain, false, false, "x"); });
  CHECK(error.kind() == ErrorKind::bad_data);
  CHECK(error.line() == "x leads from https to \"http://…@h/p?…\"; permit it with --allow-http");
}
