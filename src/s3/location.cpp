#include "momentcut/s3/location.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/s3/url.hpp"

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

std::optional<Scheme> scheme_named(std::string_view lower) {
  if (lower == "file") return Scheme::file;
  if (lower == "http") return Scheme::http;
  if (lower == "https") return Scheme::https;
  if (lower == "s3") return Scheme::s3;
  return {};
}

// The names that S3 gives to buckets, and the older ones of us-east-1 and of other servers.
bool is_bucket_name(std::string_view name) {
  return name.size() >= 3 && name.size() <= 255 && name != "..." &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '-' || c == '_';
         });
}

}  // namespace

Location parse_location(std::string_view text) {
  const auto named = core::lowered(url_scheme(text));
  if (named.empty()) return {Scheme::file, std::string(text)};
  const auto scheme = scheme_named(named);
  if (scheme == Scheme::file) {
    auto path = text.substr(7);
    if (path.starts_with("localhost/")) path.remove_prefix(9);
    if (path.starts_with('/')) return {Scheme::file, percent_decoded(path)};
    throw core::Error(core::ErrorKind::usage, "not a local file: " + core::quoted(text),
                      "write file:///path, or just the path");
  }
  if (!scheme) {
    throw core::Error(core::ErrorKind::usage, "not a source momentcut knows: " + core::quoted(text),
                      "give a path, or an http, https or s3 URL");
  }
  return {*scheme, std::string(text)};
}

Object object_of(const Location& location) {
  const auto path = std::string_view(location.text).substr(std::string_view("s3://").size());
  const auto slash = path.find('/');
  Object object{std::string(path.substr(0, slash)), {}};
  if (slash != std::string_view::npos) object.key = path.substr(slash + 1);
  if (!is_bucket_name(object.bucket)) {
    throw core::Error(core::ErrorKind::usage,
                      fmt::format("{} is not a bucket's name", core::quoted(object.bucket)),
                      "write s3://BUCKET/KEY");
  }
  if (object.key.size() > kMostKeyBytes) {
    throw core::Error(core::ErrorKind::usage, fmt::format("the key {} is longer than S3's {} bytes",
                                                          core::quoted(object.key), kMostKeyBytes));
  }
  return object;
}

Location location_of(const Object& object) {
  return {Scheme::s3, fmt::format("s3://{}/{}", object.bucket, object.key)};
}

namespace {

Location resolve_in_file(const Location& base, std::string_view reference) {
  if (!url_scheme(reference).empty()) return parse_location(reference);
  const std::filesystem::path folder = std::filesystem::path(base.text).parent_path();
  return {Scheme::file, (folder / reference).native()};
}

// The key's own bytes mean nothing but themselves; what the reference adds is a URI's path.
Location resolve_in_s3(const Location& base, const UrlParts& reference) {
  auto object =
      reference.has_authority ? Object{std::string(reference.authority), {}} : object_of(base);
  std::string folder;
  auto path = reference.path;
  if (reference.has_authority || path.starts_with('/')) {
    path.remove_prefix(path.empty() ? 0 : 1);
  } else {
    folder = object.key.substr(0, object.key.rfind('/') + 1);
  }
  // Going up is done here; beyond the bucket there is nothing.
  std::string added;
  const auto up = [](std::string& folders) {
    folders.erase(folders.size() < 2 ? 0 : folders.rfind('/', folders.size() - 2) + 1);
  };
  const auto segments = core::split(path, '/');
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i] == "..") up(added.empty() ? folder : added);
    if (segments[i] == ".." || segments[i] == ".") continue;
    added += percent_decoded(segments[i]);
    if (i + 1 < segments.size()) added += '/';
  }
  object.key = folder + added;
  auto location = location_of(object);
  (void)object_of(location);  // checks it
  return location;
}

Location resolve_in_remote(const Location& base, std::string_view reference) {
  const auto parts = url_parts(reference);
  const auto scheme =
      parts.scheme.empty() ? base.scheme : scheme_named(core::lowered(parts.scheme));
  const bool absolute = !parts.scheme.empty();
  if (scheme == Scheme::file) {
    throw core::Error(core::ErrorKind::bad_data,
                      "a remote playlist may not name a local file: " +
                          core::quoted(core::redacted_reference(reference)));
  }
  if (!scheme || (absolute && !parts.has_authority)) {
    throw core::Error(
        core::ErrorKind::bad_data,
        "not an http, https or s3 URL: " + core::quoted(core::redacted_reference(reference)));
  }
  if (scheme == Scheme::s3) return resolve_in_s3(base, parts);
  return {*scheme, resolved_url(base.text, reference)};
}

}  // namespace

Location resolve(const Location& base, std::string_view reference) {
  try {
    return base.remote() ? resolve_in_remote(base, reference) : resolve_in_file(base, reference);
  } catch (const core::Error& error) {
    // What is a mistake on the command line is bad data in a playlist.
    throw core::Error(core::ErrorKind::bad_data, error.what());
  }
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

}  // namespace momentcut::s3
