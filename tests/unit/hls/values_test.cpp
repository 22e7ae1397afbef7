// The values in tags and attributes, and which of them are refused.
#include "momentcut/hls/values.hpp"

#include <string>

#include <doctest/doctest.h>

#include "momentcut/core/error.hpp"

using namespace momentcut;
using namespace momentcut::hls;
using core::Error;

TEST_CASE("an integer is digits, with white space around them ignored") {
  CHECK(read_integer("42", "N") == 42);
  CHECK(read_integer(" \t42 ", "N") == 42);
  CHECK(read_integer("18446744073709551615", "N") == 18446744073709551615U);
}

TEST_CASE("what is no integer is refused with the reason") {
  CHECK_THROWS_WITH_AS(read_integer("", "N"), "N \"\" is not a whole number", Error);
  CHECK_THROWS_WITH_AS(read_integer("4x", "N"), "N \"4x\" is not a whole number", Error);
  CHECK_THROWS_WITH_AS(read_integer("4.5", "N"), "N \"4.5\" is not a whole number", Error);
  CHECK_THROWS_WITH_AS(read_integer("+4", "N"), "N \"+4\" is not a whole number", Error);
  CHECK_THROWS_WITH_AS(read_integer("-4", "N"), "N \"-4\" is negative", Error);
  CHECK_THROWS_WITH_AS(read_integer("NaN", "N"), "N \"NaN\" is not a number", Error);
  CHECK_THROWS_WITH_AS(read_integer("18446744073709551616", "N"),
                       "N \"18446744073709551616\" is too large", Error);
}

TEST_CASE("a small integer fits 32 bits") {
  CHECK(read_small_integer("4294967295", "N") == 4294967295U);
  CHECK_THROWS_WITH_AS(read_small_integer("4294967296", "N"), "N \"4294967296\" is too large",
                       Error);
}

TEST_CASE("finding a number passes over what is none, but refuses an impossible one") {
  CHECK(find_integer("many", "N") == std::nullopt);
  CHECK(find_decimal("fast", "N") == std::nullopt);
  CHECK(find_decimal("1e3", "N") == std::nullopt);
  CHECK(find_decimal(".", "N") == std::nullopt);
  CHECK(find_decimal("", "N") == std::nullopt);
  CHECK_THROWS_WITH_AS(find_integer("-1", "N"), "N \"-1\" is negative", Error);
  CHECK_THROWS_WITH_AS(find_decimal("-0.5", "N"), "N \"-0.5\" is negative", Error);
  CHECK_THROWS_WITH_AS(find_decimal("-inf", "N"), "N \"-inf\" is not a number", Error);
  CHECK_THROWS_WITH_AS(find_decimal("+Infinity", "N"), "N \"+Infinity\" is not a number", Error);
  CHECK_THROWS_AS(find_decimal(std::string(400, '9'), "N"), Error);
}

TEST_CASE("a decimal may be an integer, and lack either side of its point") {
  CHECK(find_decimal("30", "N") == 30.0);
  CHECK(find_decimal("29.97", "N") == 29.97);
  CHECK(find_decimal(".5", "N") == 0.5);
  CHECK(find_decimal(" 5. ", "N") == 5.0);
}

TEST_CASE("a signed decimal may be negative") {
  CHECK(read_signed_decimal("-2.5", "N") == -2.5);
  CHECK(read_signed_decimal("2.5", "N") == 2.5);
  CHECK_THROWS_WITH_AS(read_signed_decimal("--2", "N"), "N \"--2\" is not a number", Error);
  CHECK_THROWS_WITH_AS(read_signed_decimal("NaN", "N"), "N \"NaN\" is not a number", Error);
  CHECK_THROWS_WITH_AS(read_signed_decimal("-", "N"), "N \"-\" is not a number", Error);
}

TEST_CASE("seconds are rounded to the microsecond") {
  CHECK(read_seconds("9.97", "D") == core::Time(9'970'000));
  CHECK(read_seconds("10", "D") == core::Time(10'000'000));
  CHECK(read_seconds(" 2.0000005 ", "D") == core::Time(2'000'001));
  CHECK(read_seconds("0", "D") == core::Time(0));
}

TEST_CASE("seconds that are negative, no number or too large are refused") {
  CHECK_THROWS_WITH_AS(read_seconds("-9.97", "D"), "D \"-9.97\" is negative", Error);
  CHECK_THROWS_WITH_AS(read_seconds("nan", "D"), "D \"nan\" is not a number", Error);
  CHECK_THROWS_WITH_AS(read_seconds("1e3", "D"), "D \"1e3\" is not a number of seconds", Error);
  CHECK_THROWS_WITH_AS(read_seconds("", "D"), "D \"\" is not a number of seconds", Error);
  CHECK_THROWS_WITH_AS(read_seconds("9999999999999", "D"), "D \"9999999999999\" is too large",
                       Error);
}

TEST_CASE("a resolution is two integers around an x") {
  CHECK(find_resolution("1280x720", "R") == Resolution{1280, 720});
  CHECK(find_resolution("1280X720", "R") == Resolution{1280, 720});
  CHECK(find_resolution("4294967295x1", "R") == Resolution{4294967295U, 1});
}

TEST_CASE("a resolution of nothing, or of no numbers, is none") {
  CHECK(find_resolution("0x0", "R") == std::nullopt);
  CHECK(find_resolution("1280x0", "R") == std::nullopt);
  CHECK(find_resolution("720p", "R") == std::nullopt);
  CHECK(find_resolution("1280.5x720", "R") == std::nullopt);
  CHECK(find_resolution("x", "R") == std::nullopt);
}

TEST_CASE("a negative or overflowing resolution is refused") {
  CHECK_THROWS_WITH_AS(find_resolution("1280x-720", "R"), "R \"-720\" is negative", Error);
  CHECK_THROWS_WITH_AS(find_resolution("4294967296x1", "R"), "R \"4294967296x1\" is too large",
                       Error);
  CHECK_THROWS_WITH_AS(find_resolution("nan", "R"), "R \"nan\" is not a number", Error);
}

TEST_CASE("a byte range is a length, perhaps with an offset") {
  CHECK(read_byterange("75232@100", "B").length == 75232);
  CHECK(read_byterange("75232@100", "B").offset == 100);
  CHECK(read_byterange(" 75232 @ 100 ", "B").offset == 100);
  CHECK(read_byterange("75232", "B").offset == std::nullopt);
}

TEST_CASE("a byte range that is no range is refused") {
  CHECK_THROWS_WITH_AS(read_byterange("-1@0", "B"), "B \"-1\" is negative", Error);
  CHECK_THROWS_WITH_AS(read_byterange("10@-1", "B"), "B \"-1\" is negative", Error);
  CHECK_THROWS_WITH_AS(read_byterange("10@", "B"), "B \"\" is not a whole number", Error);
  CHECK_THROWS_WITH_AS(read_byterange("@10", "B"), "B \"\" is not a whole number", Error);
  CHECK_THROWS_WITH_AS(read_byterange("1@2@3", "B"), "B \"2@3\" is not a whole number", Error);
  CHECK_THROWS_WITH_AS(read_byterange("10-20", "B"), "B \"10-20\" is not a whole number", Error);
}

TEST_CASE("a byte range of no bytes is refused, since HTTP cannot ask for it") {
  CHECK_THROWS_WITH_AS(read_byterange("0@10", "B"), "B \"0@10\" has no bytes", Error);
}

TEST_CASE("a byte range ends within 63 bits") {
  constexpr std::uint64_t kMost = 9223372036854775807U;
  CHECK(resolve_byterange({1, kMost - 1}, 0) == ByteRange{1, kMost - 1});
  CHECK(resolve_byterange({10, {}}, 32) == ByteRange{10, 32});
  CHECK(resolve_byterange({10, 5}, 32) == ByteRange{10, 5});
  CHECK_THROWS_AS(resolve_byterange({1, kMost}, 0), Error);
  CHECK_THROWS_AS(resolve_byterange({kMost + 1, 0}, 0), Error);
  CHECK_THROWS_AS(resolve_byterange({2, {}}, kMost - 1), Error);
}

TEST_CASE("a hexadecimal number is kept as written") {
  CHECK(read_hexadecimal(" 0x9aF ", "IV", 32) == "0x9aF");
  CHECK(read_hexadecimal("0X1", "IV", 32) == "0X1");
  CHECK(read_hexadecimal("0x" + std::string(32, 'f'), "IV", 32).size() == 34);
}

TEST_CASE("a hexadecimal number without prefix, without digits or too long is refused") {
  CHECK_THROWS_WITH_AS(read_hexadecimal("9A", "IV", 32), "IV \"9A\" is not a hexadecimal number",
                       Error);
  CHECK_THROWS_AS(read_hexadecimal("0x", "IV", 32), Error);
  CHECK_THROWS_AS(read_hexadecimal("", "IV", 32), Error);
  CHECK_THROWS_AS(read_hexadecimal("0xg", "IV", 32), Error);
  const auto long_number = "0x" + std::string(33, '0');
  CHECK_THROWS_WITH_AS(read_hexadecimal(long_number, "IV", 32),
                       ("IV \"" + long_number + "\" is too large").c_str(), Error);
}

TEST_CASE("text with a control character is refused, other UTF-8 is not") {
  CHECK_NOTHROW(check_text("a b/ünïcödé/日本.ts", "URI"));
  CHECK_THROWS_WITH_AS(check_text("a\tb", "URI"), "URI \"a\\x09b\" has a control character", Error);
  CHECK_THROWS_AS(check_text(std::string_view("a\0b", 3), "URI"), Error);
  CHECK_THROWS_AS(check_text("a\x7f", "URI"), Error);
  CHECK_THROWS_AS(check_text("a\xc2\x9b", "URI"), Error);
  CHECK_NOTHROW(check_text("a\xc2\xa0", "URI"));
}
