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

  [[nodiscard]] bool remote() const { return scheme != Scheme::file; }
  friend bool operator==(const Location&, const Location&) = default;
};

// An object in S3. Its key is what it is: any bytes, nothing encoded, no "//" or "/../" that means
// something.
struct Object {
  std::string bucket;
  std::string key;  // empty: the bucket itself

  friend bool operator==(const Object&, const Object&) = default;
};

inline constexpr std::size_t kMostKeyBytes = 1024;

// The object that an s3 location names: "s3://bucket/key", the key taken literally. Throws
// core::Error(usage) for a bucket name that S3 does not allow and for a key over 1024 bytes.
Object object_of(const Location& location);
Location location_of(const Object& object);

// A path, "file:///path" (percent-encoded, RFC 8089), or an http, https or s3 URL. Schemes are
// compared without regard to case. Throws core::Error(usage) for another scheme and for a file URL
// with a host.
Location parse_location(std::string_view text);

// What `reference` in the playlist at `base` means (RFC 3986 §5.2). In a local playlist, an
// absolute URL is taken as it is and anything else is a path relative to the playlist's folder. In
// a remote one it is a URI reference; for S3, ".." goes up a folder of the key and what is left is
// percent-decoded. Throws core::Error(bad_data) for a scheme that is not known, and for "file:" in
// a remote playlist: who serves it has no business with local files.
Location resolve(const Location& base, std::string_view reference);

// The paths under which the local file may lie that `reference` in the playlist at `base` names,
// most literal first: as written, percent-decoded, and both without the query. Packagers write all
// of these for local playback. Throws as resolve() does.
std::vector<std::filesystem::path> local_candidates(const Location& base,
                                                    std::string_view reference);

}  // namespace momentcut::s3
