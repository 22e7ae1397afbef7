#include "momentcut/hls/values.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::hls {
namespace {

using core::Error;
using core::ErrorKind;

constexpr auto kMostBytes = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

[[noreturn]] void refuse(std::string_view text, std::string_view what, std::string_view fault) {
  throw Error(ErrorKind::bad_data, fmt::format("{} {} {}", what, core::quoted(text), fault));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hexadecimal_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_whole(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// "1", "1.5", "1." and ".5".
bool is_decimal(std::string_view text) {
  const auto point = text.find('.');
  if (point == std::string_view::npos) return is_whole(text);
  const auto whole = text.substr(0, point);
  const auto fraction = text.substr(point + 1);
  return (is_whole(whole) && fraction.empty()) ||
         (is_whole(fraction) && (whole.empty() || is_whole(whole)));
}

// Numbers, but none that a playlist may hold; what is no number at all passes.
void refuse_impossible(std::string_view text, std::string_view what) {
  if (text.empty()) return;
  const bool has_sign = text.front() == '-' || text.front() == '+';
  const auto magnitude = has_sign ? text.substr(1) : text;
  const auto word = core::lowered(magnitude.substr(0, 9));
  if (word == "nan" || word == "inf" || word == "infinity") refuse(text, what, "is not a number");
  if (text.front() == '-' && is_decimal(magnitude)) refuse(text, what, "is negative");
}

}  // namespace

std::optional<std::uint64_t> find_integer(std::string_view text, std::string_view what) {
  text = core::trimmed(text);
  refuse_impossible(text, what);
  if (!is_whole(text)) return {};
  const auto value = core::parse_unsigned(text);
  if (!value) refuse(text, what, "is too large");
  return value;
}

std::uint64_t read_integer(std::string_view text, std::string_view what) {
  const auto value = find_integer(text, what);
  if (!value) refuse(core::trimmed(text), what, "is not a whole number");
  return *value;
}

std::uint32_t read_small_integer(std::string_view text, std::string_view what) {
  const auto value = read_integer(text, what);
  if (value > std::numeric_limits<std::uint32_t>::max())
    refuse(core::trimmed(text), what, "is too large");
  return static_cast<std::uint32_t>(value);
}

std::optional<double> find_decimal(std::string_view text, std::string_view what) {
  text = core::trimmed(text);
  refuse_impossible(text, what);
  if (!is_decimal(text)) return {};
  double value = 0;
  const auto [end, status] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (status != std::errc{} || end != text.data() + text.size()) refuse(text, what, "is too large");
  return value;
}

double read_signed_decimal(std::string_view text, std::string_view what) {
  text = core::trimmed(text);
  const bool negative = text.starts_with('-');
  const auto magnitude = negative ? text.substr(1) : text;
  const auto value = is_decimal(magnitude) ? find_decimal(magnitude, what) : std::nullopt;
  if (!value) refuse(text, what, "is not a number");
  return negative ? -*value : *value;
}

core::Time read_seconds(std::string_view text, std::string_view what) {
  text = core::trimmed(text);
  refuse_impossible(text, what);
  if (!is_decimal(text)) refuse(text, what, "is not a number of seconds");
  const auto value = core::parse_seconds(text);
  if (!value) refuse(text, what, "is too large");
  return *value;
}

std::optional<Resolution> find_resolution(std::string_view text, std::string_view what) {
  const auto cross = text.find_first_of("xX");
  if (cross == std::string_view::npos) {
    refuse_impossible(core::trimmed(text), what);
    return {};
  }
  const auto width = find_integer(text.substr(0, cross), what);
  const auto height = find_integer(text.substr(cross + 1), what);
  if (!width || !height || *width == 0 || *height == 0) return {};
  if (std::max(*width, *height) > std::numeric_limits<std::uint32_t>::max())
    refuse(text, what, "is too large");
  return Resolution{static_cast<std::uint32_t>(*width), static_cast<std::uint32_t>(*height)};
}

ByteRangeText read_byterange(std::string_view text, std::string_view what) {
  ByteRangeText range;
  const auto at = text.find('@');
  range.length = read_integer(text.substr(0, at), what);
  if (range.length == 0) refuse(text, what, "has no bytes");
  if (at != std::string_view::npos) range.offset = read_integer(text.substr(at + 1), what);
  return range;
}

ByteRange resolve_byterange(const ByteRangeText& range, std::uint64_t implied_offset) {
  const auto offset = range.offset.value_or(implied_offset);
  if (range.length > kMostBytes || offset > kMostBytes - range.length) {
    throw Error(ErrorKind::bad_data,
                fmt::format("a byte range of {} bytes from {} is too large", range.length, offset));
  }
  return ByteRange{range.length, offset};
}

std::string_view read_hexadecimal(std::string_view text, std::string_view what,
                                  std::size_t at_most) {
  text = core::trimmed(text);
  const auto digits = text.substr(std::min<std::size_t>(2, text.size()));
  if (!(text.starts_with("0x") || text.starts_with("0X")) || digits.empty() ||
      !std::all_of(digits.begin(), digits.end(), is_hexadecimal_digit))
    refuse(text, what, "is not a hexadecimal number");
  if (digits.size() > at_most) refuse(text, what, "is too large");
  return text;
}

void check_text(std::string_view text, std::string_view what) {
  unsigned char before = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    // U+0080 to U+009F are C2 80 to C2 9F in UTF-8.
    const bool is_c1 = before == 0xc2 && byte >= 0x80 && byte <= 0x9f;
    if (byte < 0x20 || byte == 0x7f || is_c1) refuse(text, what, "has a control character");
    before = byte;
  }
}

}  // namespace momentcut::hls
