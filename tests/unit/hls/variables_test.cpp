// EXT-X-DEFINE and {$name}.
#include "momentcut/hls/variables.hpp"

#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "momentcut/core/error.hpp"

using momentcut::core::Error;
using namespace momentcut::hls;

namespace {

void define(Variables& variables, const std::string& attributes) {
  variables.define(AttributeList(attributes));
}

}  // namespace

TEST_CASE("a variable is replaced wherever it is referred to") {
  const ParseContext context;
  Variables variables(context);
  define(variables, "NAME=\"host\",VALUE=\"https://a.example\"");
  define(variables, "NAME=\"t_0-k\",VALUE=\"s3cr3t\"");
  CHECK(variables.expand("{$host}/x.ts?t={$t_0-k}&u={$t_0-k}", "URI") ==
        "https://a.example/x.ts?t=s3cr3t&u=s3cr3t");
  CHECK(variables.expand("plain.ts", "URI") == "plain.ts");
}

TEST_CASE("a reference to an undefined variable is refused") {
  const ParseContext context;
  Variables variables(context);
  CHECK_THROWS_WITH_AS(variables.expand("{$host}/x.ts", "URI"), "variable \"host\" is not defined",
                       Error);
}

TEST_CASE("what only resembles a reference stays as it is") {
  const ParseContext context;
  Variables variables(context);
  for (const auto* text : {"{$}", "{$a b}", "{$a", "{a}", "$a", "{ $a}", "{$a{$", "x{$"})
    CHECK(variables.expand(text, "URI") == text);
}

TEST_CASE("what a variable's value contains is not replaced again") {
  const ParseContext context{"", {}, {{"q", "{$a}"}}};
  Variables variables(context);
  define(variables, "NAME=\"a\",VALUE=\"1\"");
  define(variables, "QUERYPARAM=\"q\"");
  CHECK(variables.expand("{$q}", "URI") == "{$a}");
}

TEST_CASE("a variable's value may refer to the variables before it") {
  const ParseContext context;
  Variables variables(context);
  define(variables, "NAME=\"a\",VALUE=\"1\"");
  define(variables, "NAME=\"b\",VALUE=\"{$a}{$a}\"");
  CHECK(variables.expand("{$b}", "URI") == "11");
  CHECK_THROWS_AS(define(variables, "NAME=\"c\",VALUE=\"{$c}\""), Error);
}

TEST_CASE("a variable can be imported from the multivariant playlist") {
  const ParseContext context{"", {{"token", "abc"}, {"empty", ""}}, {}};
  Variables variables(context);
  define(variables, "IMPORT=\"token\"");
  define(variables, "IMPORT=\"empty\"");
  CHECK(variables.expand("x?{$token}{$empty}", "URI") == "x?abc");
  CHECK_THROWS_WITH_AS(define(variables, "IMPORT=\"other\""),
                       "the multivariant playlist defines no variable \"other\"", Error);
}

TEST_CASE("an imported variable is not defined before it is imported") {
  const ParseContext context{"", {{"token", "abc"}}, {}};
  Variables variables(context);
  CHECK_THROWS_AS(variables.expand("{$token}", "URI"), Error);
}

TEST_CASE("a variable can come from a query parameter of the playlist's URL") {
  const ParseContext context{"", {}, {{"session", "s 1"}, {"empty", ""}}};
  Variables variables(context);
  define(variables, "QUERYPARAM=\"session\"");
  CHECK(variables.expand("x?{$session}", "URI") == "x?s 1");
  CHECK_THROWS_WITH_AS(define(variables, "QUERYPARAM=\"other\""),
                       "the playlist's URL has no query parameter \"other\"", Error);
  CHECK_THROWS_WITH_AS(define(variables, "QUERYPARAM=\"empty\""),
                       "the playlist's URL has no query parameter \"empty\"", Error);
}

TEST_CASE("a definition needs one name, and only one way to its value") {
  const ParseContext context{"", {{"a", "1"}}, {{"a", "1"}}};
  Variables variables(context);
  constexpr auto kReason = "a definition needs exactly one of NAME, IMPORT and QUERYPARAM";
  CHECK_THROWS_WITH_AS(define(variables, ""), kReason, Error);
  CHECK_THROWS_WITH_AS(define(variables, "VALUE=\"1\""), kReason, Error);
  CHECK_THROWS_WITH_AS(define(variables, "NAME=\"a\",VALUE=\"1\",IMPORT=\"a\""), kReason, Error);
  CHECK_THROWS_WITH_AS(define(variables, "IMPORT=\"a\",QUERYPARAM=\"a\""), kReason, Error);
  CHECK_THROWS_WITH_AS(define(variables, "NAME=\"a\""), "attribute VALUE is missing", Error);
}

TEST_CASE("a variable's value may be empty") {
  const ParseContext context;
  Variables variables(context);
  define(variables, "NAME=\"a\",VALUE=\"\"");
  CHECK(variables.expand("x{$a}y", "URI") == "xy");
}

TEST_CASE("a variable's name is letters, digits, hyphens and underscores") {
  const ParseContext context;
  Variables variables(context);
  CHECK_THROWS_WITH_AS(define(variables, "NAME=\"a b\",VALUE=\"1\""),
                       "\"a b\" is not a variable's name", Error);
  CHECK_THROWS_WITH_AS(define(variables, "NAME=\"\",VALUE=\"1\""), "\"\" is not a variable's name",
                       Error);
}

TEST_CASE("a variable that is defined twice is refused, however it is defined") {
  const ParseContext context{"", {{"a", "1"}}, {}};
  Variables variables(context);
  define(variables, "NAME=\"a\",VALUE=\"1\"");
  CHECK_THROWS_WITH_AS(define(variables, "NAME=\"a\",VALUE=\"1\""),
                       "variable \"a\" is defined twice", Error);
  CHECK_THROWS_WITH_AS(define(variables, "IMPORT=\"a\""), "variable \"a\" is defined twice", Error);
}

TEST_CASE("a variable cannot smuggle a control character into a URI") {
  const ParseContext context{"", {}, {{"q", "a\r\nHost: b"}}};
  Variables variables(context);
  define(variables, "QUERYPARAM=\"q\"");
  CHECK_THROWS_WITH_AS(variables.expand("{$q}", "URI"),
                       "URI \"a\\x0d\\x0aHost: b\" has a control character", Error);
}

TEST_CASE("variables that double again and again are refused before they fill the memory") {
  const ParseContext context;
  Variables variables(context);
  define(variables, "NAME=\"v0\",VALUE=\"xxxxxxxxxxxxxxxx\"");
  const auto define_all = [&variables] {
    for (int i = 1; i < 40; ++i)
      define(variables, fmt::format("NAME=\"v{}\",VALUE=\"{{$v{}}}{{$v{}}}\"", i, i - 1, i - 1));
  };
  CHECK_THROWS_WITH_AS(define_all(), "its variables expand to too much text", Error);
  CHECK(variables.list().size() == 13);  // 16 bytes doubled 12 times are 64 KiB
}

TEST_CASE("the text that variables expand to is limited in all") {
  const ParseContext context;
  Variables variables(context);
  define(variables, fmt::format("NAME=\"v\",VALUE=\"{}\"", std::string(kMostLineBytes, 'x')));
  std::size_t expanded = 0;
  const auto expand_for_ever = [&] {
    for (;;) expanded += variables.expand("{$v}", "URI").size();
  };
  CHECK_THROWS_WITH_AS(expand_for_ever(), "its variables expand to too much text", Error);
  CHECK(expanded == kMostPlaylistBytes);
}

TEST_CASE("the number of variables is limited") {
  const ParseContext context;
  Variables variables(context);
  for (int i = 0; i < 1000; ++i) define(variables, fmt::format("NAME=\"v{}\",VALUE=\"\"", i));
  CHECK_THROWS_WITH_AS(define(variables, "NAME=\"w\",VALUE=\"\""), "more than 1000 variables",
                       Error);
}

TEST_CASE("attributes are expanded, and an empty outcome is no required value") {
  const ParseContext context;
  Variables variables(context);
  define(variables, "NAME=\"a\",VALUE=\"k\"");
  define(variables, "NAME=\"none\",VALUE=\"\"");
  const AttributeList list("URI=\"{$a}.bin\",IV=0x{$a},X=\"{$none}\"");
  CHECK(variables.attribute(list, "URI") == "k.bin");
  CHECK(variables.attribute(list, "IV") == "0xk");
  CHECK(variables.attribute(list, "Y") == std::nullopt);
  CHECK(variables.required_attribute(list, "URI") == "k.bin");
  CHECK_THROWS_WITH_AS(variables.required_attribute(list, "X"), "attribute X is empty", Error);
  CHECK_THROWS_WITH_AS(variables.required_attribute(list, "Y"), "attribute Y is missing", Error);
}
