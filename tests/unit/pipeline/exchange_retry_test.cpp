// Requests that fail: tried again where that can help, as often as was said, and given up.
#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "momentcut/pipeline/exchange.hpp"
#include "pipeline/served.hpp"
#include "print.hpp"

using namespace momentcut;
using namespace momentcut::pipeline;
using namespace std::chrono_literals;
using core::ErrorKind;
using core::thrown_by;
using io::answer;
using Clock = std::chrono::steady_clock;

namespace {

core::Error refusal(Network& network) {
  return thrown_by([&] { network.get(); });
}

std::chrono::milliseconds since(Clock::time_point before) {
  return std::chrono::floor<std::chrono::milliseconds>(Clock::now() - before);
}

// A connection that says the head that `head_for` has for a request, and then a byte every now and
// then.
io::ScriptedServer::Script trickle(std::function<std::string(const io::Asked&)> head_for,
                                   std::atomic<int>& requests) {
  return [head_for = std::move(head_for), &requests](io::Connection& connection) {
    io::Asked asked;
    if (!connection.hear_head(asked)) return;
    ++requests;
    connection.say(head_for(asked));
    for (int i = 0; i < 40; ++i) {
      connection.say("x");
      connection.pause(50ms);
    }
  };
}

core::Error refusal_by(const io::ScriptedServer& server, unsigned retries) {
  Request request;
  request.network.retries = retries;
  request.stall_timeout = 300ms;
  World world(request);
  auto ask = Network::ask_for({s3::Scheme::http, server.url("/0.ts")});
  ask.take = [](std::string_view) { return true; };
  return thrown_by([&] { world.remote.ask(ask); });
}

}  // namespace

TEST_CASE("a server out of order is asked again") {
  Network network({answer(503), answer(429), answer(200, "body")});
  CHECK(network.get().body == "body");
  REQUIRE(network.details.size() == 5);
  CHECK(network.details[1].starts_with("it: HTTP status 503; again in "));
  CHECK(network.details[3].starts_with("it: HTTP status 429; again in "));
}

TEST_CASE("a server that stays out of order is given up after the retries asked for") {
  for (const unsigned retries : {0U, 1U}) {
    Network network({answer(503), answer(503), answer(503)});
    network.request.network.retries = retries;
    network.request.network.environment = {{"AWS_MAX_ATTEMPTS", "3"}};
    const auto error = refusal(network);
    CHECK(error.kind() == ErrorKind::temporary);
    CHECK(error.line() == "it: HTTP status 503; try again later");
    CHECK(network.asked().size() == retries + 1);
  }
}

TEST_CASE("AWS_MAX_ATTEMPTS counts the first attempt, too") {
  Network network({answer(500), answer(500), answer(500)});
  network.request.network.environment = {{"AWS_MAX_ATTEMPTS", "2"}};
  CHECK(refusal(network).kind() == ErrorKind::temporary);
  CHECK(network.asked().size() == 2);
  Network in_s3({answer(500), answer(500)});
  in_s3.speak_s3();
  in_s3.request.network.environment["AWS_MAX_ATTEMPTS"] = "1";
  CHECK(thrown_by([&] { in_s3.get_object(); }).kind() == ErrorKind::temporary);
  CHECK(in_s3.asked().size() == 1);
}

TEST_CASE("an error that S3 calls passing is tried again, whatever its status") {
  Network network({s3_error(400, "RequestTimeout"), answer(200, "body")});
  CHECK(network.get().body == "body");
}

TEST_CASE("a server that says when to come back is not asked before") {
  Network network({answer(503, "", "Retry-After: 2\r\n"), answer(200, "body")});
  const auto before = Clock::now();
  CHECK(network.get().body == "body");
  CHECK(since(before) >= 2s);
}

TEST_CASE("a server that wants more patience than there is gets none") {
  Network network({answer(503, "", "Retry-After: 301\r\n"), answer(200, "body")});
  const auto error = refusal(network);
  CHECK(error.kind() == ErrorKind::temporary);
  CHECK(error.line() == "it: HTTP status 503; the server asks to come back in 301 s");
  CHECK(network.asked().size() == 1);
}

// Four quarters of `piece` bytes each, the connection breaking after each but the last; what came.
std::string broken_into_quarters(std::size_t piece) {
  std::string whole;
  for (const char letter : {'a', 'b', 'c', 'd'}) whole += std::string(piece, letter);
  const auto total = std::to_string(whole.size());
  const auto from = [&](std::size_t quarter) {
    return content_range(quarter * piece, whole.size() - 1, total);
  };
  const auto part = [&](std::size_t quarter) { return whole.substr(quarter * piece, piece); };
  Network network({cut_short(200, part(0), 4 * piece), cut_short(206, part(1), 3 * piece, from(1)),
                   cut_short(206, part(2), 2 * piece, from(2)), answer(206, part(3), from(3))});
  network.request.network.retries = 1;
  std::string taken;
  auto ask = Network::ask_for(network.at("/0.ts"));
  ask.take = [&](std::string_view bytes) {
    taken += bytes;
    return true;
  };
  network.remote().ask(ask);
  CHECK(taken == whole);
  return taken;
}

TEST_CASE("what breaks every so often gets there in the end") {
  CHECK(broken_into_quarters(16U << 10U).size() == 64U << 10U);
}

TEST_CASE("what breaks after next to nothing is given up") {
  CHECK(thrown_by([] { broken_into_quarters(100); }).kind() == ErrorKind::temporary);
}

TEST_CASE("what may not be done twice is not asked for again when its answer is lost") {
  Network network({cut_short(200, "", 8), answer(200, "done")});
  auto ask = Network::ask_for(network.at("/0.ts"));
  ask.repeatable = false;
  CHECK(thrown_by([&] { network.remote().ask(ask); }).kind() == ErrorKind::temporary);
  CHECK(network.asked().size() == 1);
  // A server that says that it did nothing may be asked again.
  Network busy({answer(503), answer(200, "done")});
  auto once = Network::ask_for(busy.at("/0.ts"));
  once.repeatable = false;
  const auto reply = busy.remote().ask(once);
  CHECK(reply.body == "done");
  CHECK(reply.attempts == 2);
}

TEST_CASE("a resumed answer of another size is of another content") {
  Network network({cut_short(206, "01", 8, content_range(0, 7, "8")),
                   answer(206, "234567", content_range(2, 7, "9")),
                   answer(206, "abcdefghi", content_range(0, 8, "9"))});
  auto ask = Network::ask_for(network.at("/0.ts"));
  ask.span.length = 100;
  std::string taken;
  ask.take = [&](std::string_view bytes) {
    taken += bytes;
    return true;
  };
  ask.forget = [&] {
    taken.clear();
    return true;
  };
  network.remote().ask(ask);
  CHECK(taken == "abcdefghi");
}

TEST_CASE("what breaks without a byte between is given up") {
  const auto nothing = cut_short(206, "", 6, content_range(2, 7, "8"));
  Network network({cut_short(200, "01", 8), nothing, nothing});
  network.request.network.retries = 1;
  auto ask = Network::ask_for(network.at("/0.ts"));
  ask.take = [](std::string_view) { return true; };
  const auto error = thrown_by([&] { network.remote().ask(ask); });
  CHECK(error.kind() == ErrorKind::temporary);
  CHECK(error.hint() == "try again later");
  CHECK(network.asked().size() == 2);
}

TEST_CASE("a text that breaks off each time it begins anew is given up") {
  const auto half = cut_short(200, "half", 8);
  Network network({half, half, half, half});
  network.request.network.retries = 1;
  CHECK(refusal(network).kind() == ErrorKind::temporary);
  CHECK(network.asked().size() == 2);
}

TEST_CASE("a server that is not there is a passing trouble") {
  const auto gone = [] { return io::ScriptedServer(std::vector<std::string>()).url("/0.ts"); }();
  Network network(std::vector<Answer>{});
  network.request.network.retries = 0;
  const auto error = thrown_by([&] {
    network.remote().ask(Network::ask_for({s3::Scheme::http, gone}));
  });
  CHECK(error.kind() == ErrorKind::temporary);
  CHECK(error.line().starts_with("it: "));
  CHECK(error.hint() == "try again later");
}

TEST_CASE("what is no HTTP is not asked for twice") {
  Network network({Answer("220 mail.example ESMTP\r\n\r\n", true)});
  CHECK(refusal(network).kind() == ErrorKind::protocol);
  CHECK(network.asked().size() == 1);
}

TEST_CASE("silence is a stall") {
  const io::ScriptedServer server([](io::Connection& connection) {
    connection.hear();
    connection.wait_for_end();
  });
  const auto error = refusal_by(server, 0);
  CHECK(error.kind() == ErrorKind::temporary);
  CHECK(error.line() ==
        "it: no byte moved for 0.3 s; try again later, or allow more with --stall-timeout");
}

TEST_CASE("a trickle is a stall, and no progress that another attempt could count on") {
  std::atomic<int> requests = 0;
  // Each attempt goes on where the one before was given up.
  const auto head = [](const io::Asked& asked) -> std::string {
    const auto range = asked.field("range");
    if (range == "(none)") return "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
    const auto first = core::parse_unsigned(range.substr(6, range.size() - 7)).value();
    return "HTTP/1.1 206 Part\r\n" + content_range(first, 999, "1000") +
           "Content-Length: " + std::to_string(1000 - first) + "\r\n\r\n";
  };
  const io::ScriptedServer server(trickle(head, requests));
  const auto error = refusal_by(server, 1);
  CHECK(error.kind() == ErrorKind::temporary);
  CHECK(error.line() ==
        "it: hardly a byte came for 0.3 s; try again later, or allow more with --stall-timeout");
  CHECK(requests == 2);
}

TEST_CASE("the head of an error in a trickle does not hold anybody up") {
  std::atomic<int> requests = 0;
  const io::ScriptedServer server(
      trickle([](const io::Asked&) { return "HTTP/1.1 404 Gone\r\nContent-Length: 1000\r\n\r\n"; },
              requests));
  const auto before = Clock::now();
  (void)refusal_by(server, 0);
  CHECK(since(before) < 1500ms);
  CHECK(requests == 1);
}
