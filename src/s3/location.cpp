#include "momentcut/s3/location.hpp"

#include <algorithm>
#include <charconv>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::s3 {
namespace {

// The scheme of an absolute URL ("s3" of "s3://…"), or an empty text. A lone "c:" is no scheme with
// an authority, and so a file's name.
std::string_view url_scheme(std::string_view text) {
  const auto colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return {};
  const auto scheme = text.substr(0, colon);
  const bool valid = std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.';
  });
  return valid ? scheme : std::string_view{};
}

}  // namespace

Location parse_location(std::string_view text) {
  const auto scheme = core::lowered(url_scheme(text));
  if (scheme.empty()) return {Scheme::file, std::string(text)};
  if (scheme == "http") return {Scheme::http, std::string(text)};
  if (scheme == "https") return {Scheme::https, std::string(text)};
  if (scheme == "s3") return {Scheme::s3, std::string(text)};
  if (scheme == "file") {
    auto path = text.substr(7);
    if (path.starts_with("localhost/")) path.remove_prefix(9);
    if (path.starts_with('/')) return {Scheme::file, percent_decoded(path)};
    throw core::Error(core::ErrorKind::usage, "not a local file: " + core::quoted(text),
                      "write file:///path, or just the path");
  }
  throw core::Error(core::ErrorKind::usage, "not a source momentcut knows: " + core::quoted(text),
                    "give a path, or an http, https or s3 URL");
}

Location resolve(const Location& base, std::string_view reference) {
  if (!url_scheme(reference).empty()) {
    try {
      return parse_location(reference);
    } catch (const core::Error& error) {
      // What is a mistake on the command line is bad data in a playlist.
      throw core::Error(core::ErrorKind::bad_data, error.what());
    }
  }
  if (base.scheme != Scheme::file) {
    throw core::Error(core::ErrorKind::bad_data, "not an absolute URL: " + core::quoted(reference));
  }
  const std::filesystem::path folder = std::filesystem::path(base.text).parent_path();
  return {Scheme::file, (folder / reference).native()};
}

std::vector<std::filesystem::path> local_candidates(const Location& base,
                                                    std::string_view reference) {
  if (!url_scheme(reference).empty()) return {resolve(base, reference).text};
  // The folder's own name is taken as it is; only the reference may be encoded.
  const auto folder = std::filesystem::path(base.text).parent_path();
  const auto without_query = reference.substr(0, reference.find('?'));
  std::vector<std::filesystem::path> candidates;
  for (const auto& form : {std::string(reference), percent_decoded(reference),
                           std::string(without_query), percent_decoded(without_query)}) {
    auto path = folder / form;
    if (std::find(candidates.begin(), candidates.end(), path) == candidates.end()) {
      candidates.push_back(std::move(path));
    }
  }
  return candidates;
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
