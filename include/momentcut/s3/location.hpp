// Where a playlist or segment is: from the text a user or a playlist gives to a local file, an http
// URL or an S3 object.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace momentcut::s3 {

enum class Scheme { file, http, https, s3 };

struct Location {
  Scheme scheme = Scheme::file;
  std::string text;  // a path for `file`, else the URL as given

  friend bool operator==(const Location&, const Location&) = default;
};

// A path, "file:///path" (percent-encoded, RFC 8089), or an http, https or s3 URL. Schemes are
// compared without regard to case. Throws core::Error(usage) for another scheme and for a file URL
// with a host.
Location parse_location(std::string_view text);

// What `reference`, as a playlist at `base` writes it, means (RFC 3986 §5.2): an absolute URL is
// taken as it is, anything else is relative to the playlist's folder. Throws core::Error(bad_data)
// for a scheme that is not known, and where `base` is remote and `reference` is not absolute: those
// are resolved by their own rules.
Location resolve(const Location& base, std::string_view reference);

// The paths under which the local file may lie that `reference` in the playlist at `base` names,
// most literal first: as written, percent-decoded, and both without the query. Packagers write all
// of these for local playback. Throws as resolve() does.
std::vector<std::filesystem::path> local_candidates(const Location& base,
                                                    std::string_view reference);

// The bytes that "%41" forms stand for; a '%' without two hexadecimal digits stays as it is.
std::string percent_decoded(std::string_view text);

}  // namespace momentcut::s3
