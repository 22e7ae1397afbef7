// Bodies that come in pieces: resumed, skipped, continued, or refused.
#include <string>
#include <vector>

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

const std::string kTag = "ETag: \"v1\"\r\n";

// What was taken of "/0.ts", over all attempts.
struct Taken {
  Taken(Network& network, ByteSpan span = {}) {
    auto ask = Network::ask_for(network.at("/0.ts"));
    ask.span = span;
    ask.take = [this](std::string_view bytes) {
      body += bytes;
      return true;
    };
    ask.sized = [this](std::uint64_t size) { sizes.push_back(size); };
    reply = network.remote().ask(std::move(ask));
  }
  std::string body;
  std::vector<std::uint64_t> sizes;
  Reply reply;
};

core::Error refusal(Network& network, ByteSpan span = {}) {
  return thrown_by([&] { Taken(network, span); });
}

}  // namespace

TEST_CASE("a body that breaks off goes on where it ended, if it is still the same") {
  Network network(
      {cut_short(200, "01234", 10, kTag), answer(206, "56789", kTag + content_range(5, 9, "10"))});
  const Taken taken(network);
  CHECK(taken.body == "0123456789");
  CHECK(taken.reply.received == 10);
  CHECK(taken.reply.total == 10);
  CHECK(taken.reply.status == 206);
  CHECK(taken.sizes == std::vector<std::uint64_t>{10});
  const auto asked = network.asked();
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].field("range") == "(none)");
  CHECK(asked[0].field("if-match") == "(none)");
  CHECK(asked[1].field("range") == "bytes=5-");
  CHECK(asked[1].field("if-match") == "\"v1\"");
}

TEST_CASE("a part that breaks off goes on to its own end") {
  Network network({cut_short(206, "234", 6, kTag + content_range(2, 7, "10")),
                   answer(206, "567", kTag + content_range(5, 7, "10"))});
  const Taken taken(network, {2, 6});
  CHECK(taken.body == "234567");
  CHECK(taken.reply.total == 10);
  CHECK(network.asked().at(0).field("range") == "bytes=2-7");
  CHECK(network.asked().at(1).field("range") == "bytes=5-7");
}

TEST_CASE("a body without a strong tag is resumed on trust") {
  for (const std::string tag : {"", "ETag: W/\"v1\"\r\n"}) {
    Network network(
        {cut_short(200, "01234", 10, tag), answer(206, "56789", tag + content_range(5, 9, "10"))});
    CHECK(Taken(network).body == "0123456789");
    CHECK(network.asked().at(1).field("if-match") == "(none)");
  }
}

TEST_CASE("a server that knows no ranges sends all of it again, and each byte is taken once") {
  Network network({cut_short(200, "01234", 10, kTag), answer(200, "0123456789", kTag)});
  const Taken taken(network);
  CHECK(taken.body == "0123456789");
  CHECK(taken.reply.received == 10);
}

TEST_CASE("of a whole that is sent instead of a part, the part is taken") {
  Network network({answer(200, "0123456789", kTag)});
  const Taken taken(network, {2, 4});
  CHECK(taken.body == "2345");
  CHECK(taken.sizes == std::vector<std::uint64_t>{4});
  CHECK(taken.reply.total == 10);
  Network at_the_end({answer(200, "0123456789", kTag)});
  const Taken last(at_the_end, {8, 100});
  CHECK(last.body == "89");
  CHECK(last.sizes == std::vector<std::uint64_t>{2});
}

TEST_CASE("a body that breaks off before its part began is asked for from there") {
  Network network({cut_short(200, "01", 10, kTag), answer(200, "0123456789", kTag)});
  CHECK(Taken(network, {5, 2}).body == "56");
  CHECK(network.asked().at(1).field("range") == "bytes=5-6");
}

TEST_CASE("what changed while it was read is told, not patched together") {
  const std::string other = "ETag: \"v2\"\r\n";
  for (const auto& second :
       {answer(200, "abcdefghij", other), answer(206, "fghij", other + content_range(5, 9, "10")),
        answer(206, "fghij", content_range(5, 9, "10")), answer(412)}) {
    Network network({cut_short(200, "01234", 10, kTag), second});
    const auto error = refusal(network);
    CHECK(error.kind() == ErrorKind::temporary);
    CHECK(error.line() == "it changed while it was read; try again");
    CHECK(network.asked().size() == 2);
  }
}

TEST_CASE("another part than the one asked for is refused") {
  for (const std::string& range : {content_range(4, 8, "10"), content_range(0, 4, "10"),
                                   std::string("Content-Range: bytes */10\r\n"), std::string()}) {
    CAPTURE(range);
    Network network({cut_short(200, "01234", 10, kTag), answer(206, "56789", kTag + range)});
    const auto error = refusal(network);
    CHECK(error.kind() == ErrorKind::protocol);
    CHECK(error.line() == "it: the server sent another part than the one asked for");
  }
}

TEST_CASE("a server that sends less than the part is asked for the rest at once") {
  Network network({answer(206, "234", kTag + content_range(2, 4, "10")),
                   answer(206, "56", kTag + content_range(5, 6, "10"))});
  network.request.network.retries = 0;
  CHECK(Taken(network, {2, 5}).body == "23456");
  CHECK(network.asked().at(1).field("range") == "bytes=5-6");
}

TEST_CASE("a part beyond the end is as much of it as there is") {
  Network network({answer(206, "89", kTag + content_range(8, 9, "10"))});
  const Taken taken(network, {8, 100});
  CHECK(taken.body == "89");
  CHECK(taken.sizes == std::vector<std::uint64_t>{2});
  CHECK(network.asked().size() == 1);
}

TEST_CASE("a part without a byte of what is left is no progress, and not the end") {
  const auto nothing = answer(206, "", kTag + content_range(5, 9, "10"));
  Network network({answer(206, "01234", kTag + content_range(0, 4, "10")), nothing, nothing});
  network.request.network.retries = 0;
  const auto error = refusal(network, {0, 10});
  CHECK(error.kind() == ErrorKind::protocol);
}

TEST_CASE("nothing left behind what was had already is the end") {
  Network network({Answer("HTTP/1.1 200 OK\r\n" + kTag +
                              "Transfer-Encoding: chunked\r\n\r\n"
                              "5\r\n01234\r\n",
                          true),
                   answer(416, "<Error/>", "Content-Range: bytes */5\r\n")});
  const Taken taken(network);
  CHECK(taken.body == "01234");
  CHECK(taken.reply.received == 5);
  CHECK(taken.reply.total == 5);
  CHECK(network.asked().size() == 2);
}

TEST_CASE("a part that begins at the end has no bytes") {
  Network network({answer(416, "", "Content-Range: bytes */5\r\n")});
  const Taken taken(network, {5, 10});
  CHECK(taken.body.empty());
  CHECK(taken.reply.status == 416);
  CHECK(taken.reply.total == 5);
}

TEST_CASE("a server that refuses a part that it has is not believed") {
  for (const std::string lines : {"Content-Range: bytes */10\r\n", ""}) {
    Network network({answer(416, "", lines)});
    const auto error = refusal(network, {5, 2});
    CHECK(error.kind() == ErrorKind::protocol);
    CHECK(error.line() == "it: HTTP status 416");
  }
}

TEST_CASE("a text that breaks off begins anew") {
  Network network({cut_short(200, "old", 10, kTag), answer(200, "new", "ETag: \"v2\"\r\n")});
  const auto reply = network.get();
  CHECK(reply.body == "new");
  CHECK(reply.received == 3);
  CHECK(network.asked().at(1).field("range") == "(none)");
}
