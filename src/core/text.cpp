#include "momentcut/core/text.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include <fmt/format.h>

namespace momentcut::core {
namespace {

// How many bytes at the front of `text` are a control character: a C0 or DEL byte, or a C1 in UTF-8
// (U+0080 to U+009F), which terminals obey as well.
std::size_t control_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x20 || byte(0) == 0x7f) return 1;
  const bool c1 = text.size() > 1 && byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) <= 0x9f;
  return c1 ? 2 : 0;
}

bool needs_no_quotes(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./:=,+@%").find(c) != std::string_view::npos;
}

}  // namespace

std::string_view trimmed(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  for (;;) {
    const auto at = text.find(separator);
    pieces.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return pieces;
    text.remove_prefix(at + 1);
  }
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || status != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

std::string lowered(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

std::size_t whole_characters(std::string_view text, std::size_t at_most) noexcept {
  if (text.size() <= at_most) return text.size();
  while (at_most > 0 && (static_cast<unsigned char>(text[at_most]) & 0xc0U) == 0x80U) --at_most;
  return at_most;
}

std::string redacted(std::string_view text) {
  const auto scheme = text.find("://");
  // Nothing in an S3 object's name is secret, and any character may stand in it.
  if (scheme == std::string_view::npos || text.starts_with("s3://")) return std::string(text);
  std::string out(text.substr(0, scheme + 3));
  text.remove_prefix(scheme + 3);
  const auto authority = text.substr(0, text.find_first_of("/?#"));
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    out += "…@";
    text.remove_prefix(at + 1);
  }
  const auto query = text.find_first_of("?#");
  out += text.substr(0, query);
  if (query != std::string_view::npos) out += "?…";
  return out;
}

std::string redacted_reference(std::string_view uri) {
  // What a data: URL holds may be a key.
  constexpr std::string_view kData = "data:";
  if (lowered(uri.substr(0, kData.size())) == kData) {
    const auto comma = uri.find(',');
    return std::string(uri.substr(0, comma < uri.size() ? comma + 1 : kData.size())) + "…";
  }
  const auto query = uri.find('?');
  if (query == std::string_view::npos || uri.find("://") < query) return redacted(uri);
  return std::string(uri.substr(0, query)) + "?…";
}

std::string quoted(std::string_view unsafe, std::size_t at_most) {
  const auto whole = redacted(unsafe);
  const std::string_view text = whole;
  std::string out = "\"";
  for (auto rest = text.substr(0, whole_characters(text, at_most)); !rest.empty();) {
    const auto controls = control_length(rest);
    for (const char c : rest.substr(0, controls)) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
    }
    if (controls == 0) {
      if (rest.front() == '"' || rest.front() == '\\') out += '\\';
      out += rest.front();
    }
    rest.remove_prefix(std::max<std::size_t>(controls, 1));
  }
  out += text.size() > at_most ? "…\"" : "\"";
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto controls = control_length(text);
    out += controls > 0 ? '?' : text.front();
    text.remove_prefix(std::max<std::size_t>(controls, 1));
  }
  return out;
}

std::string shell_quoted(const std::vector<std::string>& argv) {
  std::string line;
  for (const auto& word : argv) {
    if (!line.empty()) line += ' ';
    if (!word.empty() && std::all_of(word.begin(), word.end(), needs_no_quotes)) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) {
      if (c == '\'') {
        line += "'\\''";
      } else {
        line += c;
      }
    }
    line += '\'';
  }
  return line;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace momentcut::core
