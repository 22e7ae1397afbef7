// Reads small texts, wherever they are: playlists and recording events from files, http(s) or S3.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "momentcut/pipeline/remote.hpp"
#include "momentcut/s3/location.hpp"

namespace momentcut::pipeline {

struct Document {
  s3::Location location;  // where it was in the end, after redirects
  std::string text;
};

// What looking for a document came to.
struct Search {
  std::optional<Document> document;
  // There is none, as far as can be told: S3 says no more to those who may not list its bucket.
  bool denied = false;
};

// Looks for the text at `location`. Throws core::Error where it is there and cannot be read, and
// bad_data where it is larger than `at_most` bytes.
Search find_document(Remote& remote, const s3::Location& location, std::size_t at_most);

// The text at `location`. Throws core::Error also where there is none.
Document read_document(Remote& remote, const s3::Location& location, std::size_t at_most);

// The location of `name`, a relative path, in a folder (a local one, or an S3 prefix).
s3::Location location_in(const s3::Location& folder, const std::string& name);

// The names, relative to the folder, of the *.m3u8 in a local folder, or anywhere below an S3
// prefix. Throws core::Error for a bucket that cannot be listed.
std::vector<std::string> playlists_in(Remote& remote, const s3::Location& folder);

// The words of a location's path, decoded: "/rec/media/hls/master.m3u8".
std::string path_of(const s3::Location& location);

}  // namespace momentcut::pipeline
