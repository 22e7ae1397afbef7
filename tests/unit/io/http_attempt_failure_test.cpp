// What keeps an attempt from its end, and how that is told.
#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "io/fetched.hpp"
#include "io/folder.hpp"
#include "io/scripted_server.hpp"
#include "momentcut/io/http_attempt.hpp"
#include "print.hpp"

using namespace momentcut::io;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;

namespace {

using Clock = std::chrono::steady_clock;

// What comes of a server that hears a request, says `text` and closes.
Fetched fetch_said(const std::string& text) {
  ScriptedServer server([&](Connection& connection) {
    connection.hear();
    connection.say(text);
  });
  return fetch(request_for(server.url("/path?secret")));
}

void check_reason(const Fetched& fetched) {
  const auto& reason = fetched.outcome.reason;
  CHECK_FALSE(reason.empty());
  CHECK(reason.find_first_of("\r\n\x1b") == std::string::npos);
  CHECK(reason.find("secret") == std::string::npos);
  CHECK(reason.find("://") == std::string::npos);
}

}  // namespace

TEST_CASE("a body that is shorter than was said is broken") {
  const auto fetched = fetch_said("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nonly");
  CHECK(fetched.events == "phbe");
  CHECK(fetched.body == "only");
  CHECK(fetched.outcome.failure == HttpFailure::broken);
  CHECK(fetched.outcome.received == 4);
  CHECK(fetched.outcome.head.status == 200);
  check_reason(fetched);
}

TEST_CASE("a chunked body that is cut short is broken") {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto* body : {"3\r\none\r\n", "9\r\none", "3\r\none\r\n0\r\n"}) {
    CAPTURE(body);
    const auto fetched = fetch_said(head + body);
    CHECK(fetched.outcome.failure == HttpFailure::broken);
    CHECK(fetched.outcome.received == 3);
    check_reason(fetched);
  }
}

TEST_CASE("a connection that ends within the header, or before it, is broken and has no head") {
  for (const std::string text :
       {"", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n"}) {
    CAPTURE(text);
    const auto fetched = fetch_said(text);
    CHECK(fetched.events == "pe");
    CHECK(fetched.outcome.failure == HttpFailure::broken);
    CHECK(fetched.outcome.head.status == 0);
    CHECK(fetched.outcome.head.fields.empty());
    check_reason(fetched);
  }
}

TEST_CASE("a connection that is reset is broken") {
  ScriptedServer server([](Connection& connection) {
    connection.hear();
    connection.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nonly");
    connection.pause(200ms);
    connection.reset_at_end();
  });
  const auto fetched = fetch(request_for(server.url()));
  CHECK(fetched.outcome.failure == HttpFailure::broken);
  CHECK(fetched.outcome.received == 4);
  check_reason(fetched);
}

TEST_CASE("a refused connection is told as such") {
  std::string url;
  {
    const ScriptedServer gone(std::vector<std::string>{});
    url = gone.url("/path?secret");
  }
  const auto fetched = fetch(request_for(url));
  CHECK(fetched.events == "pe");
  CHECK(fetched.outcome.failure == HttpFailure::connect);
  check_reason(fetched);
}

TEST_CASE("a name without an address is told as such") {
  const auto fetched = fetch(request_for("http://name.invalid/path?secret"));
  CHECK(fetched.outcome.failure == HttpFailure::resolve);
  CHECK(fetched.outcome.head.status == 0);
  check_reason(fetched);
}

TEST_CASE("TLS with a server that speaks none fails as TLS") {
  ScriptedServer server([](Connection& connection) { connection.say("HTTP/1.1 400 No\r\n\r\n"); });
  const auto fetched = fetch(request_for("https://" + server.authority() + "/path?secret"));
  CHECK(fetched.outcome.failure == HttpFailure::tls);
  check_reason(fetched);
}

TEST_CASE("a TLS handshake that nobody answers ends with the connect timeout") {
  ScriptedServer server([](Connection& connection) { connection.wait_for_end(); });
  auto settings = impatient();
  settings.connect_timeout = 300ms;
  const auto fetched = fetch(request_for("https://" + server.authority() + "/"), settings);
  CHECK(fetched.outcome.failure == HttpFailure::connect);
  check_reason(fetched);
}

TEST_CASE("what is no HTTP breaks the protocol") {
  for (const std::string text :
       {"SSH-2.0-OpenSSH_9.2\r\n", "<html>\x1b[31m</html>\r\n\r\n", "HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1 99 Low\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\nabc"}) {
    CAPTURE(text);
    const auto fetched = fetch_said(text);
    CHECK(fetched.outcome.failure == HttpFailure::protocol);
    CHECK(fetched.body.empty());
    check_reason(fetched);
  }
}

TEST_CASE("a chunk that is none breaks off the body") {
  const auto fetched =
      fetch_said("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\none\r\n");
  CHECK(fetched.outcome.failure != HttpFailure::none);
  check_reason(fetched);
}

TEST_CASE("a body that does not decode breaks the protocol") {
  ScriptedServer server({answer(200, "no gzip at all", "Content-Encoding: gzip\r\n")});
  auto request = request_for(server.url());
  request.decode = true;
  const auto fetched = fetch(request);
  CHECK(fetched.outcome.failure == HttpFailure::protocol);
  check_reason(fetched);
}

TEST_CASE("a header without end breaks the protocol") {
  for (const std::string& text :
       {std::string("A: b\r\n"), std::string("x"), "A: " + std::string(60'000, 'x') + "\r\n"}) {
    CAPTURE(text.size());
    ScriptedServer server([&](Connection& connection) {
      connection.hear();
      connection.say("HTTP/1.1 200 OK\r\n");
      std::string endless;
      while (endless.size() < 1'000'000) endless += text;
      connection.say(endless);
    });
    const auto fetched = fetch(request_for(server.url()));
    CHECK(fetched.events == "pe");
    CHECK(fetched.outcome.failure == HttpFailure::protocol);
    check_reason(fetched);
  }
}

TEST_CASE("a URL of another scheme, or of none that can be read, breaks the protocol") {
  for (const auto* url : {"ftp://127.0.0.1/", "file:///etc/passwd", "http://a b/", "http://:x/"}) {
    CAPTURE(url);
    const auto fetched = fetch(request_for(url));
    CHECK(fetched.outcome.failure == HttpFailure::protocol);
    check_reason(fetched);
  }
}

TEST_CASE("a server that hears and never answers is stalled") {
  ScriptedServer server([](Connection& connection) { connection.wait_for_end(); });
  const auto before = Clock::now();
  const auto fetched = fetch(request_for(server.url()), impatient(300ms));
  CHECK((Clock::now() - before >= 300ms));
  CHECK((Clock::now() - before < 5s));
  CHECK(fetched.events == "pe");
  CHECK(fetched.outcome.failure == HttpFailure::stalled);
  CHECK(fetched.outcome.reason == "no byte moved for 0.3 s");
}

TEST_CASE("a server that falls silent within the header or the body is stalled") {
  for (const std::string text :
       {"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"}) {
    CAPTURE(text);
    ScriptedServer server([&](Connection& connection) {
      connection.hear();
      connection.say(text);
      connection.wait_for_end();
    });
    const auto fetched = fetch(request_for(server.url()), impatient(300ms));
    CHECK(fetched.outcome.failure == HttpFailure::stalled);
    CHECK(fetched.outcome.received == fetched.body.size());
  }
}

TEST_CASE("a server that says something now and then is not stalled") {
  ScriptedServer server([&](Connection& connection) {
    connection.hear();
    for (const auto* piece :
         {"HTTP/1.1 200 OK\r\n", "A: b\r\n", "Content-Length: 4\r\n", "\r\n", "a", "b", "c", "d"}) {
      connection.pause(200ms);
      connection.say(piece);
    }
  });
  const auto fetched = fetch(request_for(server.url()), impatient(1s));
  CHECK(fetched.outcome.failure == HttpFailure::none);
  CHECK(fetched.body == "abcd");
}

TEST_CASE("a server that takes a body slowly is not stalled, one that stops taking it is") {
  for (const bool stops : {false, true}) {
    CAPTURE(stops);
    ScriptedServer server([&](Connection& connection) {
      Asked asked;
      connection.hear_head(asked);
      std::size_t left = 1'500'000;
      while (left > 0 && !(stops && left < 1'000'000)) {
        connection.pause(50ms);
        const auto count = connection.hear_some(64'000);
        if (count == 0) return;
        left -= std::min(left, count);
      }
      if (stops) connection.pause(2500ms);
      connection.say(answer(200));
    });
    auto request = request_for(server.url(), "PUT");
    request.body = std::string(1'500'000, 'x');
    const auto fetched = fetch(request, impatient(1s));
    CHECK(fetched.outcome.failure == (stops ? HttpFailure::stalled : HttpFailure::none));
  }
}

TEST_CASE("an answer that comes before the body is sent is the answer") {
  const std::string denied = "<Error><Code>AccessDenied</Code></Error>";
  for (const auto& [text, status] :
       {std::pair(answer(403, denied, "Connection: close\r\n"), 403),
        std::pair(answer(403, denied), 403),
        std::pair(answer(307, denied, "Connection: close\r\n"), 307)}) {
    for (const bool reset : {false, true}) {
      CAPTURE(text);
      CAPTURE(reset);
      ScriptedServer server([&, said = text](Connection& connection) {
        Asked asked;
        connection.hear_head(asked);
        connection.say(said);
        connection.pause(200ms);  // with most of the body unread: its end is a reset
        if (reset) connection.reset_at_end();
      });
      auto request = request_for(server.url(), "PUT");
      request.body = std::string(20'000'000, 'x');
      const auto fetched = fetch(request);
      CHECK(fetched.outcome.failure == HttpFailure::none);
      CHECK(fetched.outcome.reason.empty());
      CHECK(fetched.outcome.head.status == status);
      CHECK(fetched.body == denied);
    }
  }
}

TEST_CASE("a server that hangs up while a body is sent, without an answer, has broken it off") {
  ScriptedServer server([&](Connection& connection) {
    Asked asked;
    connection.hear_head(asked);
  });
  auto request = request_for(server.url(), "PUT");
  request.body = std::string(20'000'000, 'x');
  const auto fetched = fetch(request);
  CHECK(fetched.outcome.failure == HttpFailure::broken);
  CHECK(fetched.outcome.head.status == 0);
  check_reason(fetched);
}

TEST_CASE("a file that is missing, or shorter than it was, cannot be sent") {
  const Folder folder;
  ScriptedServer server({answer(200)});
  auto request = request_for(server.url(), "PUT");
  request.body = FileSlice{folder / "none", 0, 5};
  const auto missing = thrown_by([&] { fetch(request); });
  CHECK(missing.kind() == ErrorKind::io);
  CHECK(missing.line() ==
        "cannot read \"" + (folder / "none").native() + "\": No such file or directory");
  request.body = FileSlice{folder.write("short", "1234"), 0, 5};
  const auto shorter = thrown_by([&] { fetch(request); });
  CHECK(shorter.kind() == ErrorKind::io);
  CHECK(shorter.line() ==
        "cannot read \"" + (folder / "short").native() + "\": it became shorter while it was sent");
}
