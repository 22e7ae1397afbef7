#include "momentcut/s3/url.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include <fmt/format.h>

#include "momentcut/core/text.hpp"

namespace momentcut::s3 {
namespace {

bool is_scheme(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
         });
}

bool may_stand_in_url(char c) {
  return c > 0x20 && c < 0x7f && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
}

// The path that `reference`, a path that does not begin with '/', stands for (§5.2.3).
std::string merged_path(const UrlParts& base, std::string_view reference) {
  if (base.path.empty()) return fmt::format("/{}", reference);
  return fmt::format("{}{}", base.path.substr(0, base.path.rfind('/') + 1), reference);
}

std::string composed(std::string_view scheme, std::string_view authority, std::string_view path,
                     const UrlParts& query) {
  auto url = fmt::format("{}://{}{}", scheme, authority, path);
  if (query.has_query) url += fmt::format("?{}", query.query);
  return encoded_where_needed(url);
}

}  // namespace

UrlParts url_parts(std::string_view text) {
  UrlParts parts;
  text = without_fragment(text);
  if (const auto question = text.find('?'); question != std::string_view::npos) {
    parts.has_query = true;
    parts.query = text.substr(question + 1);
    text = text.substr(0, question);
  }
  const auto colon = text.find(':');
  if (colon != std::string_view::npos && is_scheme(text.substr(0, colon))) {
    parts.scheme = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (text.starts_with("//")) {
    parts.has_authority = true;
    parts.authority = text.substr(2, text.find('/', 2) - 2);
    text.remove_prefix(2 + parts.authority.size());
  }
  parts.path = text;
  return parts;
}

std::string_view without_fragment(std::string_view url) {
  return url.substr(0, url.find('#'));
}

std::string without_dot_segments(std::string_view path) {
  const bool absolute = path.starts_with('/');
  if (absolute) path.remove_prefix(1);
  std::vector<std::string_view> kept;
  const auto segments = core::split(path, '/');
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool up = segments[i] == "..";
    if (!up && segments[i] != ".") {
      kept.push_back(segments[i]);
      continue;
    }
    if (up && !kept.empty()) kept.pop_back();
    // "a/." and "a/.." are folders: what is left ends in a slash.
    if (i + 1 == segments.size()) kept.emplace_back();
  }
  return fmt::format("{}{}", absolute ? "/" : "", fmt::join(kept, "/"));
}

std::string encoded_where_needed(std::string_view url) {
  std::string encoded;
  encoded.reserve(url.size());
  for (const char c : url) {
    if (may_stand_in_url(c)) {
      encoded += c;
    } else {
      fmt::format_to(std::back_inserter(encoded), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string resolved_url(std::string_view base_url, std::string_view reference) {
  const auto base = url_parts(base_url);
  const auto wanted = url_parts(reference);
  if (!wanted.scheme.empty()) {
    return composed(wanted.scheme, wanted.authority, without_dot_segments(wanted.path), wanted);
  }
  if (wanted.has_authority) {
    return composed(base.scheme, wanted.authority, without_dot_segments(wanted.path), wanted);
  }
  if (wanted.path.empty()) {
    return composed(base.scheme, base.authority, base.path, wanted.has_query ? wanted : base);
  }
  const auto path =
      wanted.path.starts_with('/') ? std::string(wanted.path) : merged_path(base, wanted.path);
  return composed(base.scheme, base.authority, without_dot_segments(path), wanted);
}

std::string origin_of(std::string_view url) {
  const auto parts = url_parts(url);
  const auto scheme = core::lowered(parts.scheme);
  auto host = core::lowered(parts.authority.substr(parts.authority.rfind('@') + 1));
  const auto port = host.rfind(':');
  const bool has_port = port != std::string::npos && host.find(']', port) == std::string::npos;
  if (has_port && port + 1 == host.size()) host.pop_back();
  if (!has_port || port == host.size()) host += scheme == "https" ? ":443" : ":80";
  return scheme + "://" + host;
}

std::vector<std::pair<std::string, std::string>> query_parameters(std::string_view url) {
  std::vector<std::pair<std::string, std::string>> parameters;
  const auto parts = url_parts(url);
  if (!parts.has_query) return parameters;
  for (const auto field : core::split(parts.query, '&')) {
    const auto equals = field.find('=');
    auto name = percent_decoded(field.substr(0, equals));
    const bool known = std::any_of(parameters.begin(), parameters.end(),
                                   [&](const auto& p) { return p.first == name; });
    if (name.empty() || known) continue;
    const auto value = equals == std::string_view::npos ? "" : field.substr(equals + 1);
    parameters.emplace_back(std::move(name), percent_decoded(value));
  }
  return parameters;
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const auto* digits = text.data() + i + 1;
      const auto [end, status] = std::from_chars(digits, digits + 2, value, 16);
      if (status == std::errc{} && end == digits + 2) {
        decoded += static_cast<char>(value);
        i += 2;
        continue;
      }
    }
    decoded += text[i];
  }
  return decoded;
}

}  // namespace momentcut::s3
