// Headers of answers, line by line.
#include "momentcut/io/http_head.hpp"

#include <initializer_list>

#include <doctest/doctest.h>

#include "print.hpp"

using namespace momentcut::io;

namespace {

// A reader that was given those lines, each ended by CRLF.
HttpHeadReader reader_of(std::initializer_list<const char*> lines) {
  HttpHeadReader reader;
  for (const std::string line : lines) CHECK(reader.take(line + "\r\n"));
  return reader;
}

}  // namespace

TEST_CASE("a header is whole with its empty line, not before") {
  CHECK_FALSE(reader_of({"HTTP/1.1 200 OK", "A: b"}).whole());
  const auto reader = reader_of({"HTTP/1.1 404 Not Found", "A: b", ""});
  CHECK(reader.whole());
  CHECK(reader.head().status == 404);
}

TEST_CASE("a status line may lack its words") {
  CHECK(reader_of({"HTTP/2 204", ""}).head().status == 204);
  CHECK(reader_of({"HTTP/1.1 200 ", ""}).head().status == 200);
}

TEST_CASE("field names come in lower case, values without spaces around them, in order") {
  const auto reader = reader_of({"HTTP/1.1 200 OK", "ETag:  \"X y\" \t", "B:", "etag: second", ""});
  CHECK(reader.head().fields == HttpFields{{"etag", "\"X y\""}, {"b", ""}, {"etag", "second"}});
  REQUIRE(reader.head().field("etag") != nullptr);
  CHECK(*reader.head().field("etag") == "\"X y\"");
  CHECK(*reader.head().field("b") == "");
  CHECK(reader.head().field("ETag") == nullptr);
  CHECK(reader.head().field("c") == nullptr);
}

TEST_CASE("a folded line continues the field before it") {
  const auto reader = reader_of({"HTTP/1.1 200 OK", "A: one", "  two", "\tthree", ""});
  CHECK(reader.head().fields == HttpFields{{"a", "one two three"}});
}

TEST_CASE("a folded line that continues nothing is refused") {
  auto reader = reader_of({"HTTP/1.1 200 OK"});
  CHECK_FALSE(reader.take(" folded\r\n"));
  CHECK(reader.complaint() == "a header line that continues nothing");
}

TEST_CASE("interim answers are forgotten") {
  const auto reader = reader_of({"HTTP/1.1 100 Continue", "A: 1", "", "HTTP/1.1 103 Early Hints",
                                 "B: 2", "", "HTTP/1.1 200 OK", "C: 3", ""});
  CHECK(reader.whole());
  CHECK(reader.head().status == 200);
  CHECK(reader.head().fields == HttpFields{{"c", "3"}});
}

TEST_CASE("a trailer is not kept") {
  const auto reader = reader_of({"HTTP/1.1 200 OK", "A: 1", "", "X-Trailer: 2", "no colon", ""});
  CHECK(reader.head().fields == HttpFields{{"a", "1"}});
}

TEST_CASE("a field that looks like a status line is a field") {
  const auto reader = reader_of({"HTTP/1.1 200 OK", "HTTP/1.1 302 Found: x", ""});
  CHECK(reader.head().status == 200);
}

TEST_CASE("what is no header is refused") {
  for (const auto* line : {"", "OK", "HTTP/1.1", "HTTP/1.1 OK", "HTTP/1.1 99", "HTTP/1.1 1000 X"}) {
    CAPTURE(line);
    HttpHeadReader reader;
    CHECK_FALSE(reader.take(line));
    CHECK(reader.complaint() == "no HTTP status line");
  }
  auto reader = reader_of({"HTTP/1.1 200 OK"});
  CHECK_FALSE(reader.take("no colon\r\n"));
  CHECK(reader.complaint() == "a header line without a colon");
}

TEST_CASE("a length that does not tell where the body ends is refused") {
  for (const auto* value : {"-5", "", "5, 5", "0x10", "5 5", "99999999999999999999", "+5"}) {
    CAPTURE(value);
    auto reader = reader_of({"HTTP/1.1 200 OK"});
    CHECK_FALSE(reader.take("Content-Length: " + std::string(value) + "\r\n"));
    CHECK(reader.complaint() == "a Content-Length that is none");
  }
  auto reader = reader_of({"HTTP/1.1 200 OK", "content-length: 5", "Content-Length: 5"});
  CHECK_FALSE(reader.take("Content-Length: 6\r\n"));
}

TEST_CASE("another protocol is refused") {
  HttpHeadReader reader;
  CHECK_FALSE(reader.take("HTTP/1.1 101 Switching Protocols\r\n"));
  CHECK(reader.complaint() == "the server switched to another protocol");
}

TEST_CASE("a header may have 1000 fields and 256 KiB, trailers and interim answers included") {
  auto reader = reader_of({"HTTP/1.1 200 OK"});
  for (int i = 0; i < 1000; ++i) REQUIRE(reader.take("A: b\r\n"));
  CHECK_FALSE(reader.take("A: b\r\n"));
  CHECK(reader.complaint() == "more than 1000 header fields");

  const std::string line = "A: " + std::string(60'000, 'x') + "\r\n";
  auto big = reader_of({"HTTP/1.1 103 Early Hints"});
  for (int i = 0; i < 4; ++i) REQUIRE(big.take(line));
  REQUIRE(big.take("\r\n"));
  REQUIRE(big.take("HTTP/1.1 200 OK\r\n"));
  REQUIRE(big.take("\r\n"));
  CHECK_FALSE(big.take(line));
  CHECK(big.complaint() == "a header of more than 256 KiB");
}
