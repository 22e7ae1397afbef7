#include "momentcut/cut/language.hpp"

#include <doctest/doctest.h>

using momentcut::cut::mp4_language;

TEST_CASE("a language of two letters has one of three in MP4") {
  CHECK(mp4_language("en") == "eng");
  CHECK(mp4_language("aa") == "aar");
  CHECK(mp4_language("zu") == "zul");
  CHECK(mp4_language("de-CH") == "deu");
  CHECK(mp4_language("PT-br") == "por");
}

TEST_CASE("a language of three letters stays, and what is none is undetermined") {
  CHECK(mp4_language("yue-HK") == "yue");
  for (const auto* tag : {"", "-", "e", "xx", "english", "a1", "\xC3\xA4x", "en_US"}) {
    CAPTURE(tag);
    CHECK(mp4_language(tag) == "und");
  }
}
