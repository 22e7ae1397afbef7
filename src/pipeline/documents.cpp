#include "momentcut/pipeline/documents.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/io/files.hpp"
#include "momentcut/s3/url.hpp"
#include "momentcut/s3/xml.hpp"

namespace momentcut::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPlaylistEnding = ".m3u8";
// A recording of two days has some 70,000 segments.
constexpr int kMostListings = 200;

Ask ask_for(const s3::Location& location, std::size_t at_most) {
  Ask ask;
  ask.location = location;
  ask.what = core::quoted(location.text, 400);
  ask.at_most = at_most;
  ask.decode = true;
  return ask;
}

std::vector<std::string> playlists_in_file_system(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& file : fs::directory_iterator(folder, failed)) {
    if (file.path().extension() != kPlaylistEnding || !file.is_regular_file(failed)) continue;
    names.push_back(file.path().filename());
  }
  return names;
}

std::vector<std::string> playlists_in_s3(Remote& remote, const s3::Location& folder) {
  const auto object = s3::object_of(folder);
  const auto prefix = object.key.empty() ? "" : object.key + "/";
  std::vector<std::string> names;
  std::string token;
  for (int page = 0; page < kMostListings; ++page) {
    auto ask = ask_for(s3::location_of({object.bucket, {}}), 16U << 20U);
    ask.query = {{"list-type", "2"}, {"encoding-type", "url"}, {"prefix", prefix}};
    if (!token.empty()) ask.query.emplace_back("continuation-token", token);
    const auto listing = s3::parse_listing(remote.ask(std::move(ask)).body);
    for (const auto& entry : listing.objects) {
      if (entry.key.ends_with(kPlaylistEnding)) names.push_back(entry.key.substr(prefix.size()));
    }
    token = listing.next_token;
    if (token.empty()) return names;
  }
  throw core::Error(core::ErrorKind::bad_data,
                    fmt::format("{} holds more than {} objects", core::quoted(folder.text, 400),
                                kMostListings * 1000),
                    "give the playlist itself");
}

}  // namespace

Search find_document(Remote& remote, const s3::Location& location, std::size_t at_most) {
  if (!location.remote()) {
    if (!io::file_size(location.text)) return {};
    return {Document{location, io::read_file(location.text, at_most)}};
  }
  const bool in_s3 = location.scheme == s3::Scheme::s3;
  // Below a long prefix there is no room for every name that may be looked for.
  const auto key_bytes = location.text.size() - location.text.find('/', 5) - 1;
  if (in_s3 && key_bytes > s3::kMostKeyBytes) return {};
  auto ask = ask_for(location, at_most);
  ask.accepts = [in_s3](int status, std::string_view code) {
    const bool missing = status == 404 && code != "NoSuchBucket";
    return missing || (in_s3 && code == "AccessDenied");
  };
  auto reply = remote.ask(std::move(ask));
  if (reply.status / 100 != 2) return {{}, reply.status != 404};
  return {Document{std::move(reply.location), std::move(reply.body)}};
}

Document read_document(Remote& remote, const s3::Location& location, std::size_t at_most) {
  if (!location.remote()) return {location, io::read_file(location.text, at_most)};
  auto reply = remote.ask(ask_for(location, at_most));
  return {std::move(reply.location), std::move(reply.body)};
}

s3::Location location_in(const s3::Location& folder, const std::string& name) {
  if (folder.scheme == s3::Scheme::file) {
    return {s3::Scheme::file, (fs::path(folder.text) / name).native()};
  }
  const bool is_bucket = s3::object_of(folder).key.empty();
  const auto prefix = is_bucket && folder.text.ends_with('/') ? folder.text : folder.text + "/";
  return {s3::Scheme::s3, prefix + name};
}

std::vector<std::string> playlists_in(Remote& remote, const s3::Location& folder) {
  return folder.remote() ? playlists_in_s3(remote, folder) : playlists_in_file_system(folder.text);
}

std::string path_of(const s3::Location& location) {
  switch (location.scheme) {
    case s3::Scheme::file:
      return location.text;
    case s3::Scheme::s3:
      return "/" + s3::object_of(location).key;
    case s3::Scheme::http:
    case s3::Scheme::https:
      return s3::percent_decoded(s3::url_parts(location.text).path);
  }
  return {};
}

}  // namespace momentcut::pipeline
