// URLs in parts, and references resolved against them (RFC 3986).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace momentcut::s3 {

// scheme://authority/path?query, without a fragment. The parts point into the URL.
struct UrlParts {
  std::string_view scheme;     // as written; empty in a relative reference
  std::string_view authority;  // "user@host:port"
  std::string_view path;
  std::string_view query;
  bool has_authority = false;
  bool has_query = false;
};

// Splits a URL or a reference (RFC 3986 §3, appendix B). Never fails: what is odd ends up in a
// part.
UrlParts url_parts(std::string_view text);

// `reference` against the absolute URL `base` (RFC 3986 §5.2.2), its dot segments removed and its
// fragment dropped. Bytes that no URL may hold, such as spaces, are percent-encoded; what is
// encoded already stays as it is.
std::string resolved_url(std::string_view base, std::string_view reference);

// `path` without its "." and ".." segments (RFC 3986 §5.2.4).
std::string without_dot_segments(std::string_view path);

std::string_view without_fragment(std::string_view url);

// `url` with the bytes percent-encoded that no URL may hold.
std::string encoded_where_needed(std::string_view url);

// "https://host:port", lower case, with the scheme's own port written out: what two URLs share if
// secrets for the one may be sent to the other (RFC 6454 §4).
std::string origin_of(std::string_view url);

// The query's names and values, percent-decoded; the first of each name.
std::vector<std::pair<std::string, std::string>> query_parameters(std::string_view url);

// The bytes that "%41" forms stand for; a '%' without two hexadecimal digits stays as it is.
std::string percent_decoded(std::string_view text);

}  // namespace momentcut::s3
