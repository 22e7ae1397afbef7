// The names that go into a concat list.
#include "momentcut/cut/concat.hpp"

#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"

using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;
using momentcut::cut::concat_list;

TEST_CASE("a concat list names its one file") {
  CHECK(concat_list("run0.ts") == "ffconcat version 1.0\nfile run0.ts\n");
  CHECK(concat_list("A-z_0.9") == "ffconcat version 1.0\nfile A-z_0.9\n");
}

TEST_CASE("names that could mean something else in a concat list are refused") {
  for (const std::string name :
       {"", ".", "..", ".hidden.ts", "a b.ts", "a/b.ts", "/etc/passwd", "a'b.ts", "a\\b.ts",
        "a\nfile b.ts", "http:x", "größe.ts", "a\"b", "a#b", "a%b"}) {
    CAPTURE(name);
    const auto error = thrown_by([&] { concat_list(name); });
    CHECK(error.kind() == ErrorKind::internal);
  }
  CHECK(thrown_by([] { concat_list(std::string("a\0b", 3)); }).kind() == ErrorKind::internal);
  CHECK(thrown_by([] { concat_list("a b"); }).line() == "not a name for a concat list: \"a b\"");
}
