// Redirects: where they may lead, how often, and what goes along.
#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "momentcut/pipeline/exchange.hpp"
#include "pipeline/served.hpp"
#include "print.hpp"

using namespace momentcut;
using namespace momentcut::pipeline;
using core::ErrorKind;
using core::thrown_by;
using io::answer;

namespace {

std::string redirect(int status, const std::string& to) {
  return answer(status, "elsewhere", "Location: " + to + "\r\n");
}

core::Error refusal(Network& network) {
  return thrown_by([&] { network.get(); });
}

}  // namespace

TEST_CASE("a redirect is followed, and what came from where is known") {
  for (const int status : {301, 302, 303, 307, 308}) {
    Network target({answer(200, "body")});
    Network network({redirect(status, target.at("/x?y").text)});
    const auto reply = network.get();
    CHECK(reply.body == "body");
    CHECK(reply.status == 200);
    CHECK(reply.location == target.at("/x?y"));
  }
}

TEST_CASE("a redirect may be relative to what was asked for") {
  Network network({redirect(302, "../b/1.ts?x=1"), answer(200, "body")});
  CHECK(network.get("/a/0.ts?y").location == network.at("/b/1.ts?x=1"));
  CHECK(network.asked().at(1).line() == "GET /b/1.ts?x=1 HTTP/1.1");
}

TEST_CASE("a part is asked for where the redirect leads, and resumed there") {
  Network network({redirect(302, "/1.ts"), cut_short(200, "01", 4),
                   answer(206, "23", content_range(2, 3, "4"))});
  std::string taken;
  auto ask = Network::ask_for(network.at("/0.ts"));
  ask.take = [&](std::string_view bytes) {
    taken += bytes;
    return true;
  };
  network.remote().ask(ask);
  CHECK(taken == "0123");
  CHECK(network.asked().at(2).line() == "GET /1.ts HTTP/1.1");
}

TEST_CASE("redirects have their limit") {
  int left = 10;
  Network network(Network::Answering([&left](const io::Asked&) {
    return left-- > 0 ? Answer(redirect(302, "/next")) : Answer(answer(200, "body"));
  }));
  CHECK(network.get().body == "body");
  left = 100;
  const auto error = refusal(network);
  CHECK(error.kind() == ErrorKind::protocol);
  CHECK(error.line() == "it: redirected more than 10 times");
  CHECK(network.asked().size() == 11 + 11);
}

TEST_CASE("a redirect that does not say where to is refused") {
  for (const std::string lines : {"", "Location:\r\n"}) {
    Network network({answer(302, "", lines)});
    const auto error = refusal(network);
    CHECK(error.kind() == ErrorKind::protocol);
    CHECK(error.line() == "it: redirected without saying where to");
  }
}

TEST_CASE("a redirect leads to http or https, and nowhere else") {
  for (const std::string to :
       {"file:///etc/passwd", "s3://rec/0.ts", "ftp://127.0.0.1/x", "data:,x"}) {
    CAPTURE(to);
    Network network({redirect(302, to), answer(200)});
    const auto error = refusal(network);
    CHECK(error.kind() == ErrorKind::bad_data);
    CHECK(error.line().starts_with("it"));
    CHECK(error.line().find("redirect") != std::string::npos);
    CHECK(network.asked().size() == 1);
  }
}

TEST_CASE("an answer that is accepted is no redirect") {
  Network network({redirect(302, "/x"), answer(200)});
  auto ask = Network::ask_for(network.at("/0.ts"));
  ask.accepts = [](int status, std::string_view) { return status == 302; };
  CHECK(network.remote().ask(ask).status == 302);
  CHECK(network.asked().size() == 1);
}

TEST_CASE("secrets go to the origin that they were given for, and nowhere else") {
  Network other({answer(200, "body"), answer(200)});
  Network network({redirect(302, other.at("/x").text), answer(200)});
  network.request.network.headers = {{"authorization", "Bearer hunter2"},
                                     {"Cookie", "session=hunter2"},
                                     {"Proxy-Authorization", "hunter2"},
                                     {"X-Fine", "yes"}};
  CHECK(network.get().body == "body");
  // Nor where a playlist leads at once.
  network.remote().ask(Network::ask_for(other.at("/1.ts")));
  network.get();
  for (const auto& asked : network.asked()) {
    CHECK(asked.field("authorization") == "Bearer hunter2");
    CHECK(asked.field("cookie") == "session=hunter2");
    CHECK(asked.field("x-fine") == "yes");
  }
  REQUIRE(other.asked().size() == 2);
  for (const auto& asked : other.asked()) {
    CHECK(asked.head.find("hunter2") == std::string::npos);
    CHECK(asked.field("x-fine") == "yes");
  }
}

TEST_CASE("what is told of a request has no secrets in it") {
  Network network({redirect(302, "/next?token=hunter2"), answer(500), answer(200)});
  network.get("/0.ts?token=hunter2");
  REQUIRE(network.details.size() >= 4);
  for (const auto& detail : network.details) CHECK(detail.find("hunter2") == std::string::npos);
  CHECK(network.details[0] == "GET " + network.at("/0.ts?…").text);
}
