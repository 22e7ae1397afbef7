// What one attempt sends, and what it hears.
#include "momentcut/io/http_attempt.hpp"

#include <chrono>
#include <cstdlib>
#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "io/fetched.hpp"
#include "io/folder.hpp"
#include "io/scripted_server.hpp"
#include "print.hpp"

using namespace momentcut::io;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;

namespace {

// "moment" by gzip -n.
const std::string kGzip(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\xcd\xcf\x4d\xcd\x2b\x01\x00\xa2\x88\x8c\x35\x06"
    "\x00\x00\x00",
    26);

// A body that no buffer takes at once, each byte telling where it stands.
std::string large_body(std::size_t size = 5'000'000) {
  std::string body(size, ' ');
  for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>('a' + (i / 7 + i) % 26);
  return body;
}

}  // namespace

TEST_CASE("status, fields and body of an answer come as they are") {
  ScriptedServer server({answer(206, "some bytes", "Content-Range: bytes 1-10/20\r\nX: y\r\n")});
  const auto fetched = fetch(request_for(server.url("/a?b=c")));
  CHECK(fetched.events == "phbe");
  CHECK(fetched.body == "some bytes");
  CHECK(fetched.head.status == 206);
  CHECK(fetched.outcome.head.status == 206);
  CHECK(*fetched.outcome.head.field("content-range") == "bytes 1-10/20");
  CHECK(fetched.outcome.received == 10);
  CHECK(fetched.outcome.failure == HttpFailure::none);
  CHECK(fetched.outcome.reason.empty());
  REQUIRE(server.asked().size() == 1);
  CHECK(server.asked()[0].line() == "GET /a?b=c HTTP/1.1");
}

TEST_CASE("a request has the caller's headers, and few others") {
  ScriptedServer server({answer(200)});
  auto request = request_for(server.url());
  request.headers = {{"Range", "bytes=5-"}, {"X-Empty", ""}};
  fetch(request);
  CHECK(server.asked().at(0).head == "GET / HTTP/1.1\r\nHost: " + server.authority() +
                                         "\r\nUser-Agent: momentcut-unit/1\r\nAccept: */*\r\n"
                                         "Range: bytes=5-\r\nX-Empty:");
}

TEST_CASE("a header with a line break is not sent") {
  auto request = request_for("http://127.0.0.1:9/");
  request.headers = {{"X", "a\r\nY: b"}};
  CHECK(thrown_by([&] { fetch(request); }).kind() == ErrorKind::internal);
}

TEST_CASE("a failing status is no failure") {
  ScriptedServer server({answer(503, "<Error/>", "Retry-After: 3\r\n")});
  const auto fetched = fetch(request_for(server.url()));
  CHECK(fetched.outcome.failure == HttpFailure::none);
  CHECK(fetched.outcome.head.status == 503);
  CHECK(fetched.body == "<Error/>");
}

TEST_CASE("a body comes in pieces, as the server sends it") {
  ScriptedServer server([](Connection& connection) {
    connection.hear();
    connection.say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
    for (const auto* piece : {"one", "two", "six"}) {
      connection.pause(100ms);
      connection.say(piece);
    }
  });
  Interrupt interrupt;
  Http http(impatient(), interrupt);
  Fetched fetched;
  int pieces = 0;
  auto transfer = transfer_of(request_for(server.url()), fetched);
  transfer.on_body = [&](std::string_view bytes) {
    ++pieces;
    fetched.body += bytes;
    return true;
  };
  http.run({transfer}, 1);
  CHECK(fetched.body == "onetwosix");
  CHECK(pieces == 3);
  CHECK(fetched.outcome.received == 9);
}

TEST_CASE("a large body arrives whole") {
  const auto body = large_body();
  ScriptedServer server({answer(200, body)});
  const auto fetched = fetch(request_for(server.url()));
  CHECK((fetched.body == body));
  CHECK(fetched.outcome.received == body.size());
}

TEST_CASE("a chunked body comes without its chunks, and its trailer is no header") {
  ScriptedServer server(
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
       "3\r\none\r\n4;x=y\r\nfour\r\n0\r\nX-Trailer: 1\r\n\r\n"});
  const auto fetched = fetch(request_for(server.url()));
  CHECK(fetched.events == "phbe");
  CHECK(fetched.body == "onefour");
  CHECK(fetched.outcome.failure == HttpFailure::none);
  CHECK(fetched.outcome.head.field("x-trailer") == nullptr);
}

TEST_CASE("a body without a length lasts until the connection ends") {
  ScriptedServer server([](Connection& connection) {
    connection.hear();
    connection.say("HTTP/1.0 200 OK\r\n\r\nall of it");
  });
  const auto fetched = fetch(request_for(server.url()));
  CHECK(fetched.body == "all of it");
  CHECK(fetched.outcome.failure == HttpFailure::none);
}

TEST_CASE("100 Continue and early hints are not the answer") {
  ScriptedServer server(
      {"HTTP/1.1 100 Continue\r\nX: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
       "Link: </x>\r\n\r\n" +
       answer(201, "made")});
  const auto fetched = fetch(request_for(server.url()));
  CHECK(fetched.events == "phbe");
  CHECK(fetched.head.status == 201);
  CHECK(fetched.head.fields == HttpFields{{"content-length", "4"}});
}

TEST_CASE("HEAD has a header and no body") {
  ScriptedServer server({"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"});
  const auto fetched = fetch(request_for(server.url("/x"), "HEAD"));
  CHECK(fetched.events == "phe");
  CHECK(fetched.outcome.failure == HttpFailure::none);
  CHECK(*fetched.outcome.head.field("content-length") == "1000000");
  CHECK(server.asked().at(0).line() == "HEAD /x HTTP/1.1");
}

TEST_CASE("a path arrives as it is") {
  ScriptedServer server({answer(200), answer(200)});
  fetch(request_for(server.url("/a//b/./../c%20d?x=%2F/../y")));
  fetch(request_for(server.url("/../%7e/%41")));
  CHECK(server.asked().at(0).line() == "GET /a//b/./../c%20d?x=%2F/../y HTTP/1.1");
  CHECK(server.asked().at(1).line() == "GET /../%7e/%41 HTTP/1.1");
}

TEST_CASE("a redirect is an answer, not a way to go") {
  ScriptedServer server({answer(302, "moved", "Location: /elsewhere\r\n"), answer(200)});
  const auto fetched = fetch(request_for(server.url()));
  CHECK(fetched.outcome.head.status == 302);
  CHECK(*fetched.outcome.head.field("location") == "/elsewhere");
  CHECK(fetched.body == "moved");
  CHECK(server.asked().size() == 1);
}

TEST_CASE("cookies are not kept") {
  ScriptedServer server({answer(200, "", "Set-Cookie: a=b\r\n"), answer(200)});
  Interrupt interrupt;
  Http http(impatient(), interrupt);
  Fetched first;
  Fetched second;
  http.run({transfer_of(request_for(server.url()), first)}, 1);
  http.run({transfer_of(request_for(server.url()), second)}, 1);
  CHECK(server.asked().at(1).field("cookie") == "(none)");
}

TEST_CASE("a compressed body is decoded where that was asked for, and only there") {
  const auto zipped = answer(200, kGzip, "Content-Encoding: gzip\r\n");
  ScriptedServer server({zipped, zipped});
  auto request = request_for(server.url());
  const auto raw = fetch(request);
  CHECK((raw.body == kGzip));
  CHECK(server.asked().at(0).field("accept-encoding") == "(none)");
  request.decode = true;
  const auto decoded = fetch(request);
  CHECK(decoded.body == "moment");
  CHECK(decoded.outcome.received == 6);
  CHECK(server.asked().at(1).field("accept-encoding") == "gzip, deflate, br");
}

TEST_CASE("a text is sent as a body, with its length and no type of ours") {
  for (const auto* method : {"PUT", "POST"}) {
    CAPTURE(method);
    ScriptedServer server({answer(200)});
    auto request = request_for(server.url("/key"), method);
    request.body = std::string("a\0b\r\n", 5);
    const auto fetched = fetch(request);
    CHECK(fetched.outcome.head.status == 200);
    const auto asked = server.asked().at(0);
    CHECK(asked.line() == std::string(method) + " /key HTTP/1.1");
    CHECK((asked.body == std::string("a\0b\r\n", 5)));
    CHECK(asked.field("content-length") == "5");
    for (const auto* absent : {"content-type", "expect", "transfer-encoding"}) {
      CHECK(asked.field(absent) == "(none)");
    }
  }
}

TEST_CASE("a part of a file is sent as a body") {
  const Folder folder;
  const auto content = large_body();
  const auto file = folder.write("clip.mp4", content);
  ScriptedServer server({answer(200), answer(200), answer(200)});
  auto request = request_for(server.url(), "PUT");
  request.headers = {{"Content-Type", "video/mp4"}};
  for (const auto& slice : {FileSlice{file, 0, content.size()}, FileSlice{file, 1'000, 3'000'000},
                            FileSlice{file, content.size(), 0}}) {
    request.body = slice;
    CHECK(fetch(request).outcome.head.status == 200);
    const auto asked = server.asked().back();
    CHECK((asked.body == content.substr(slice.offset, slice.length)));
    CHECK(asked.field("content-length") == std::to_string(slice.length));
    CHECK(asked.field("content-type") == "video/mp4");
    CHECK(asked.field("expect") == "(none)");
  }
}

TEST_CASE("PUT and POST without a body say so, GET and DELETE have none") {
  ScriptedServer server({answer(200), answer(200), answer(204), answer(200)});
  for (const auto* method : {"PUT", "POST", "DELETE", "GET"})
    fetch(request_for(server.url(), method));
  const auto asked = server.asked();
  REQUIRE(asked.size() == 4);
  CHECK(asked[0].field("content-length") == "0");
  CHECK(asked[1].field("content-length") == "0");
  CHECK(asked[1].line() == "POST / HTTP/1.1");
  CHECK(asked[2].line() == "DELETE / HTTP/1.1");
  CHECK(asked[2].field("content-length") == "(none)");
  CHECK(asked[3].field("content-length") == "(none)");
}

TEST_CASE("a body is sent again from its beginning when a kept connection turns out to be dead") {
  const Folder folder;
  const auto content = large_body(1'000'000);
  const FileSlice slice{folder.write("part", content), 100, 900'000};
  ScriptedServer server([](Connection& connection) {
    connection.hear();
    if (connection.number() == 0) {
      connection.say(answer(200));
      connection.hear();  // and is gone, without a word
    } else {
      connection.say(answer(201));
    }
  });
  Interrupt interrupt;
  Http http(impatient(), interrupt);
  Fetched first;
  http.run({transfer_of(request_for(server.url()), first)}, 1);
  Fetched second;
  auto request = request_for(server.url(), "PUT");
  request.body = slice;
  http.run({transfer_of(request, second)}, 1);
  CHECK(second.outcome.failure == HttpFailure::none);
  CHECK(second.outcome.head.status == 201);
  CHECK(second.events == "phe");
  CHECK(server.connections() == 2);
  REQUIRE(server.asked().size() == 3);
  CHECK((server.asked()[1].body == content.substr(100, 900'000)));
  CHECK((server.asked()[2].body == content.substr(100, 900'000)));
}

TEST_CASE("a proxy of the environment is used, unless the request goes past any") {
  ScriptedServer proxy({answer(200, "by proxy")});
  ScriptedServer server({answer(200, "direct")});
  setenv("http_proxy", proxy.url("").c_str(), 1);
  auto request = request_for("http://name.invalid/x");
  request.direct = false;
  const auto by_proxy = fetch(request);
  const auto direct = fetch(request_for(server.url("/x")));
  unsetenv("http_proxy");
  CHECK(by_proxy.body == "by proxy");
  CHECK(proxy.asked().at(0).line() == "GET http://name.invalid/x HTTP/1.1");
  CHECK(direct.body == "direct");
}

TEST_CASE("a proxy that refuses a tunnel for good is told from one that cannot do it now") {
  for (const auto& [status, failure] : {std::pair(403, HttpFailure::proxy),
                                        {407, HttpFailure::proxy},
                                        {429, HttpFailure::connect},
                                        {502, HttpFailure::connect}}) {
    CAPTURE(status);
    ScriptedServer proxy({answer(status)});
    setenv("https_proxy", proxy.url("").c_str(), 1);
    auto request = request_for("https://name.invalid/x");
    request.direct = false;
    const auto fetched = fetch(request);
    unsetenv("https_proxy");
    CHECK(fetched.outcome.failure == failure);
    CHECK(fetched.outcome.reason.find(std::to_string(status)) != std::string::npos);
  }
}
