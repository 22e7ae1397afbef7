// Attribute lists.
#include "momentcut/hls/attributes.hpp"

#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "momentcut/core/error.hpp"

using momentcut::core::Error;
using momentcut::hls::AttributeList;
using momentcut::hls::Resolution;

TEST_CASE("an attribute list holds names with values of every type") {
  const std::string text =
      "BANDWIDTH=3422999,CODECS=\"avc1.4D401F,mp4a.40.2\",RESOLUTION=1280x720,FRAME-RATE=60.000,"
      "IV=0x1F,DEFAULT=YES";
  const AttributeList list(text);
  CHECK(list.size() == 6);
  CHECK(list.integer("BANDWIDTH") == 3422999);
  CHECK(list.text("CODECS") == "avc1.4D401F,mp4a.40.2");
  CHECK(list.resolution("RESOLUTION") == Resolution{1280, 720});
  CHECK(list.decimal("FRAME-RATE") == 60.0);
  CHECK(list.text("IV") == "0x1F");
  CHECK(list.is_yes("DEFAULT"));
}

TEST_CASE("a missing attribute is no value") {
  const AttributeList list("A=1");
  CHECK(list.text("B") == std::nullopt);
  CHECK(list.integer("B") == std::nullopt);
  CHECK(list.decimal("B") == std::nullopt);
  CHECK(list.resolution("B") == std::nullopt);
  CHECK_FALSE(list.is_yes("B"));
  CHECK_THROWS_WITH_AS(static_cast<void>(list.required("B")), "attribute B is missing", Error);
}

TEST_CASE("an attribute that has to be there must not be empty") {
  CHECK(AttributeList("URI=\"k\"").required("URI") == "k");
  const AttributeList list("URI=\"\"");
  CHECK(list.text("URI") == "");
  CHECK_THROWS_WITH_AS(static_cast<void>(list.required("URI")), "attribute URI is empty", Error);
}

TEST_CASE("a quoted string may hold commas, equals signs and spaces at its ends") {
  const AttributeList list("A=\" x,B=2 \",C=\"\"");
  CHECK(list.size() == 2);
  CHECK(list.text("A") == " x,B=2 ");
  CHECK(list.text("C") == "");
}

TEST_CASE("a backslash in a quoted string is only a backslash") {
  const AttributeList list("A=\"x\\\",B=2");
  CHECK(list.text("A") == "x\\");
  CHECK(list.text("B") == "2");
}

TEST_CASE("spaces around names, equals signs, values and commas are ignored") {
  const AttributeList list("  PROGRAM-ID = 1 , CODECS = \"a\" ,\tTYPE= AUDIO\t");
  CHECK(list.size() == 3);
  CHECK(list.text("PROGRAM-ID") == "1");
  CHECK(list.text("CODECS") == "a");
  CHECK(list.text("TYPE") == "AUDIO");
}

TEST_CASE("empty items of an attribute list are ignored") {
  const AttributeList list(",A=1,,B=\"2\", ,");
  CHECK(list.size() == 2);
  CHECK(list.text("B") == "2");
  CHECK(AttributeList("").size() == 0);
  CHECK(AttributeList(" \t").size() == 0);
}

TEST_CASE("an unquoted value may hold equals signs, and be empty") {
  const AttributeList list("A=x=y,B=,C=1");
  CHECK(list.text("A") == "x=y");
  CHECK(list.text("B") == "");
  CHECK(list.text("C") == "1");
}

TEST_CASE("names of attributes are compared as written") {
  const AttributeList list("uri=1,URI=2");
  CHECK(list.text("URI") == "2");
  CHECK(list.text("uri") == "1");
  CHECK_FALSE(AttributeList("DEFAULT=yes").is_yes("DEFAULT"));
}

TEST_CASE("an attribute list that does not close is refused") {
  CHECK_THROWS_WITH_AS(AttributeList("METHOD=AES-128,URI=\"k.bin"),
                       "attribute \"URI\" has a quoted string that does not close", Error);
  CHECK_THROWS_WITH_AS(AttributeList("URI=\""),
                       "attribute \"URI\" has a quoted string that does not close", Error);
  CHECK_THROWS_WITH_AS(AttributeList("URI=\"a\"b\",C=1"),
                       "attribute \"URI\" has text after its closing quote", Error);
  CHECK_THROWS_WITH_AS(AttributeList("URI=k.bin\",C=1"),
                       "attribute \"URI\" has a quote inside its value", Error);
}

TEST_CASE("an item of an attribute list without a value or a name is refused") {
  CHECK_THROWS_WITH_AS(AttributeList("A=1,junk,B=2"), "attribute \"junk\" has no value", Error);
  CHECK_THROWS_WITH_AS(AttributeList("junk"), "attribute \"junk\" has no value", Error);
  CHECK_THROWS_WITH_AS(AttributeList("=1"), "an attribute has no name", Error);
  CHECK_THROWS_WITH_AS(AttributeList("A=1, =2"), "an attribute has no name", Error);
  CHECK_THROWS_WITH_AS(AttributeList("junk A=1"), "\"junk A\" is not an attribute's name", Error);
  CHECK_THROWS_WITH_AS(AttributeList("\"A\"=1"), "\"\\\"A\\\"\" is not an attribute's name", Error);
}

TEST_CASE("an attribute that appears twice is refused") {
  CHECK_THROWS_WITH_AS(AttributeList("URI=\"a\",B=1,URI=\"a\""), "attribute \"URI\" appears twice",
                       Error);
}

TEST_CASE("hostile text in a refusal is escaped") {
  CHECK_THROWS_WITH_AS(AttributeList("\x1b[2J"), "attribute \"\\x1b[2J\" has no value", Error);
}

TEST_CASE("an attribute list is limited in length") {
  std::string text;
  for (int i = 0; i < 256; ++i) text += fmt::format("A{}=,", i);
  CHECK(AttributeList(text).size() == 256);
  text += "B=";
  CHECK_THROWS_WITH_AS(AttributeList{text}, "more than 256 attributes", Error);
}

TEST_CASE("an attribute that is no number is as good as missing, an impossible number is not") {
  const AttributeList list("BANDWIDTH=fast,RESOLUTION=720p,FRAME-RATE=30000/1001");
  CHECK(list.integer("BANDWIDTH") == std::nullopt);
  CHECK(list.resolution("RESOLUTION") == std::nullopt);
  CHECK(list.decimal("FRAME-RATE") == std::nullopt);
  CHECK_THROWS_WITH_AS(static_cast<void>(AttributeList("BANDWIDTH=-1").integer("BANDWIDTH")),
                       "BANDWIDTH \"-1\" is negative", Error);
  CHECK_THROWS_AS(static_cast<void>(AttributeList("FRAME-RATE=NaN").decimal("FRAME-RATE")), Error);
}
