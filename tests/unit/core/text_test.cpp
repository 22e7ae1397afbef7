// Small text work.
#include "momentcut/core/text.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "print.hpp"

using namespace momentcut::core;

using Views = std::vector<std::string_view>;

TEST_CASE("spaces and tabs are trimmed at both ends, and nothing else") {
  CHECK(trimmed("  a b\t") == "a b");
  CHECK(trimmed("\t \t") == "");
  CHECK(trimmed("") == "");
  CHECK(trimmed("\na\r") == "\na\r");
}

TEST_CASE("a text splits into one piece more than it has separators") {
  CHECK(split("a,b", ',') == Views{"a", "b"});
  CHECK(split("a,,b", ',') == Views{"a", "", "b"});
  CHECK(split("", ',') == Views{""});
  CHECK(split(",", ',') == Views{"", ""});
  CHECK(split("abc", ',') == Views{"abc"});
}

TEST_CASE("a whole number is digits that fit 64 bits") {
  CHECK(parse_unsigned("0") == 0);
  CHECK(parse_unsigned("007") == 7);
  CHECK(parse_unsigned("18446744073709551615") == UINT64_MAX);
  for (const auto* text : {"", " 1", "1 ", "+1", "-1", "0x1", "1.0", "1e3", "18446744073709551616",
                           "999999999999999999999999", "١"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_unsigned(text));
  }
}

TEST_CASE("lower case is of ASCII letters alone") {
  CHECK(lowered("HLS-720P") == "hls-720p");
  CHECK(lowered("[\\]@`{") == "[\\]@`{");
  CHECK(lowered("É") == "É");
}

TEST_CASE("quoted text cannot break its line nor leave its quotes") {
  CHECK(quoted("a b") == "\"a b\"");
  CHECK(quoted("") == "\"\"");
  CHECK(quoted("a\"b\\c") == "\"a\\\"b\\\\c\"");
  CHECK(quoted("a\nb\r\t") == "\"a\\x0ab\\x0d\\x09\"");
  CHECK(quoted("\x1b[31m\x7f") == "\"\\x1b[31m\\x7f\"");
  CHECK(quoted(std::string_view("\0", 1)) == "\"\\x00\"");
  CHECK(quoted("größe.ts") == "\"größe.ts\"");
}

TEST_CASE("quoted text is shortened") {
  CHECK(quoted("abcdef", 6) == "\"abcdef\"");
  CHECK(quoted("abcdefg", 6) == "\"abcdef…\"");
  CHECK(quoted(std::string(1'000, 'x')) == "\"" + std::string(120, 'x') + "…\"");
}

TEST_CASE("quoted text is not shortened within a character") {
  CHECK(quoted("abcäö", 4) == "\"abc…\"");
}

TEST_CASE("C1 control characters do not reach a terminal") {
  // U+009B drives it like ESC [ does.
  CHECK(quoted("a\xc2\x9b\x33m") == "\"a\\xc2\\x9b3m\"");
  CHECK(printable("a\xc2\x9b\x33m\xc2\x80\xc2\x9f") == "a?3m??");
  // What only looks like their beginning is text.
  CHECK(quoted("\xc2\xa0\xc2") == "\"\xc2\xa0\xc2\"");
  CHECK(printable("\xc2\xa9 \xc3\x9b") == "\xc2\xa9 \xc3\x9b");
}

TEST_CASE("printable text has no control characters") {
  CHECK(printable("a\nb\x1b\x7f c") == "a?b?? c");
  CHECK(printable("größe") == "größe");
}

TEST_CASE("what may be secret in a URL does not show, and an S3 object's name does") {
  CHECK(redacted("https://user:pw@h/p?X-Amz-Signature=1#f") == "https://…@h/p?…");
  CHECK(redacted("https://h/p#token") == "https://h/p?…");
  CHECK(redacted("https://h/a@b") == "https://h/a@b");
  CHECK(redacted("http://u@v@h/") == "http://…@h/");
  // No part of it is secret, and '?', '#' and '@' are letters like others there.
  CHECK(redacted("s3://rec/a@b/what?#1.ts") == "s3://rec/a@b/what?#1.ts");
  CHECK(redacted("what?.m3u8") == "what?.m3u8");
  CHECK(quoted("s3://rec/what?") == "\"s3://rec/what?\"");
  CHECK(quoted("https://u:pw@h/p?secret") == "\"https://…@h/p?…\"");
}

TEST_CASE("a playlist's reference is shown without what may be secret in it, relative or not") {
  CHECK(redacted_reference("seg.ts?token") == "seg.ts?…");
  CHECK(redacted_reference("https://h/seg.ts?token") == "https://h/seg.ts?…");
  CHECK(redacted_reference("data:text/plain;base64,c2VjcmV0") == "data:text/plain;base64,…");
  CHECK(redacted_reference("DATA:secret") == "DATA:…");
  CHECK(redacted_reference("data/seg.ts") == "data/seg.ts");
}

TEST_CASE("words are quoted for a shell where it would take them otherwise") {
  CHECK(shell_quoted({}).empty());
  CHECK(shell_quoted({"ffmpeg", "-i", "/tmp/a_b-1.ts", "a=b,c:d", "100%", "x@y+z"}) ==
        "ffmpeg -i /tmp/a_b-1.ts a=b,c:d 100% x@y+z");
  CHECK(shell_quoted({"a b", "", "$HOME", "it's", "[v]", "*", "~", "ä", "a\nb"}) ==
        "'a b' '' '$HOME' 'it'\\''s' '[v]' '*' '~' 'ä' 'a\nb'");
}

TEST_CASE("a count takes its noun's plural unless it is one") {
  CHECK(counted(0, "frame") == "0 frames");
  CHECK(counted(1, "frame") == "1 frame");
  CHECK(counted(2, "segment") == "2 segments");
  CHECK(counted(UINT64_MAX, "byte") == "18446744073709551615 bytes");
}
