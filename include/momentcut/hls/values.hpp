// The values that stand in tags and attributes: numbers, durations, byte ranges, resolutions, text
// (RFC 8216 §4.2).
//
// Every function ignores spaces and tabs around a value, as the reference players do, and throws
// core::Error(bad_data) whose message is the reason alone: parse() puts the file and the line
// before it. `what` names the value in that reason: "the length of #EXT-X-BYTERANGE".
//
// read_… refuses what is not such a value; find_… gives nullopt for it, for values that do not
// decide what is cut. Both refuse what is a number but none that a playlist may hold: negative, NaN
// or infinite, or too large.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "momentcut/core/time.hpp"
#include "momentcut/hls/playlist.hpp"

namespace momentcut::hls {

// Digits only, at most 64 bits.
std::optional<std::uint64_t> find_integer(std::string_view text, std::string_view what);
std::uint64_t read_integer(std::string_view text, std::string_view what);
std::uint32_t read_small_integer(std::string_view text, std::string_view what);  // 32 bits

// Digits and perhaps a point; an integer will do. No exponent.
std::optional<double> find_decimal(std::string_view text, std::string_view what);
double read_signed_decimal(std::string_view text, std::string_view what);

// A decimal number of seconds, rounded to the microsecond.
core::Time read_seconds(std::string_view text, std::string_view what);

// "1280x720"; nullopt for "0x0" too, by which some packagers mean that there is no video.
std::optional<Resolution> find_resolution(std::string_view text, std::string_view what);

// "<length>[@<offset>]" (§4.3.2.2): the text of a ByteRange whose offset may be implied.
struct ByteRangeText {
  std::uint64_t length = 0;
  std::optional<std::uint64_t> offset;
};

// Refuses no bytes at all, which HTTP cannot ask for, so that a server would send the whole file.
ByteRangeText read_byterange(std::string_view text, std::string_view what);

// `range` with `implied_offset` where it has none. Refuses an end past 63 bits.
ByteRange resolve_byterange(const ByteRangeText& range, std::uint64_t implied_offset);

// "0x" and one to `at_most` hexadecimal digits, as written.
std::string_view read_hexadecimal(std::string_view text, std::string_view what,
                                  std::size_t at_most);

// Refuses control characters (U+0000 to U+001F and U+007F to U+009F), which RFC 8216 §4.1 forbids
// and which could end a header or drive a terminal further on.
void check_text(std::string_view text, std::string_view what);

}  // namespace momentcut::hls
