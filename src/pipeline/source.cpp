#include "momentcut/pipeline/source.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <unistd.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/hls/parse.hpp"
#include "momentcut/io/files.hpp"

namespace momentcut::pipeline {
namespace {

namespace fs = std::filesystem;
using core::Error;
using core::ErrorKind;

constexpr std::size_t kMostEventBytes = 4U << 20U;
constexpr std::string_view kWaysToGiveASource =
    "give a playlist or a recording's folder as SOURCE, set MOMENTCUT_SOURCE (or source in the "
    "config file), or run this inside a recording's folder";

hls::Playlist load_playlist(const s3::Location& location,
                            std::vector<std::pair<std::string, std::string>> imports) {
  const auto text = io::read_file(location.text, hls::kMostPlaylistBytes);
  return hls::parse(text, {location.text, std::move(imports), {}});
}

std::optional<s3::RecordingEvent> load_event(const fs::path& folder) {
  for (const auto name : s3::kEventFiles) {
    const auto path = folder / name;
    if (!io::file_size(path)) continue;
    return s3::parse_recording_event(io::read_file(path, kMostEventBytes), path.native());
  }
  return {};
}

// The only *.m3u8 in `folder`, or nullopt when there is none or more than one.
std::optional<fs::path> only_playlist(const fs::path& folder) {
  std::optional<fs::path> only;
  std::error_code failed;
  for (const auto& file : fs::directory_iterator(folder, failed)) {
    if (file.path().extension() != ".m3u8" || !file.is_regular_file(failed)) continue;
    if (only) return {};
    only = file.path();
  }
  return only;
}

std::optional<fs::path> playlist_in(const fs::path& folder, const s3::RecordingEvent* event,
                                    const std::string& rendition) {
  for (const auto& candidate : s3::playlist_candidates(event, rendition)) {
    if (io::file_size(folder / candidate)) return folder / candidate;
  }
  return only_playlist(folder);
}

// As far as it can be told: the working folder may be gone.
fs::path whole_path(const fs::path& path) {
  std::error_code failed;
  const auto whole = fs::absolute(path, failed);
  return (failed ? path : whole).lexically_normal();
}

// What to call a recording by its playlist: names that say nothing ("playlist", "master") give way
// to the folder's.
std::string name_of_playlist(const fs::path& playlist) {
  static constexpr std::string_view kSaysNothing[] = {"playlist", "master", "index", "multivariant",
                                                      "media"};
  const auto stem = playlist.stem().native();
  const auto folder = whole_path(playlist).parent_path().filename().native();
  const bool vague =
      std::find(std::begin(kSaysNothing), std::end(kSaysNothing), stem) != std::end(kSaysNothing);
  return vague && !folder.empty() ? folder : stem;
}

Entry entry_in_folder(const fs::path& folder, const Request& request, std::string source) {
  if (access(folder.c_str(), R_OK | X_OK) != 0 && errno == EACCES) {
    throw Error(ErrorKind::no_permission,
                fmt::format("cannot read {}: Permission denied", core::quoted(source, 400)),
                "it is a folder that this user may not look into");
  }
  Entry entry;
  entry.event = load_event(folder);
  const auto playlist =
      playlist_in(folder, entry.event ? &*entry.event : nullptr, request.rendition.value_or(""));
  if (!playlist) {
    const bool by_default = !request.source;
    throw Error(ErrorKind::not_found,
                by_default ? "no source given, and the working folder holds no recording"
                           : fmt::format("no recording in {}", core::quoted(source, 400)),
                by_default ? std::string(kWaysToGiveASource)
                           : "it needs media/hls/master.m3u8, master.m3u8, playlist.m3u8 or one "
                             "single *.m3u8");
  }
  entry.source = std::move(source);
  entry.location = {s3::Scheme::file, playlist->native()};
  entry.recording_id = whole_path(folder / ".").parent_path().filename();
  if (entry.recording_id.empty()) entry.recording_id = "recording";
  entry.name = entry.recording_id;
  entry.playlist = load_playlist(entry.location, {});
  return entry;
}

// What a reference means; where it means nothing, the error names the playlist and the line.
s3::Location resolved_at(const s3::Location& base, const std::string& uri, std::uint32_t line) {
  try {
    return s3::resolve(base, uri);
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("{}:{}: {}", base.text, line, error.what()),
                error.hint());
  }
}

// Where a playlist's reference to another local file leads; not_found names both.
s3::Location existing_file(const s3::Location& base, const std::string& uri, std::uint32_t line) {
  const auto wanted = resolved_at(base, uri, line);
  if (wanted.scheme != s3::Scheme::file) {
    throw Error(ErrorKind::unavailable,
                fmt::format("{}:{}: {} is not a local file", base.text, line, core::quoted(uri)),
                "this version reads local recordings; fetch the recording's folder first");
  }
  for (const auto& candidate : s3::local_candidates(base, uri)) {
    if (io::file_size(candidate)) return {s3::Scheme::file, candidate.native()};
  }
  throw Error(ErrorKind::not_found,
              fmt::format("{}:{}: {} is missing", base.text, line, core::quoted(uri)),
              "fetch the whole recording, or choose another rendition with -r");
}

// The name of the one rendition that a media playlist is: its folder's.
Source bare_media(Entry entry, const Request& request) {
  Source source;
  const auto wanted = request.rendition.value_or("best");
  const auto folder = whole_path(entry.location.text).parent_path().filename().native();
  source.rendition = folder.empty() ? "media" : folder;
  source.audio_only = wanted == "audio";
  if (wanted != "best" && wanted != "worst" && wanted != "audio" && wanted != folder) {
    throw Error(ErrorKind::not_found,
                fmt::format("{} is a single rendition, there is no {} to choose",
                            core::quoted(entry.location.text, 400), core::quoted(wanted)),
                "leave out -r, or give the recording's folder or its multivariant playlist");
  }
  source.location = entry.location;
  source.media = std::get<hls::MediaPlaylist>(entry.playlist);
  source.entry = std::move(entry);
  return source;
}

}  // namespace

Entry find_entry(const Request& request) {
  if (!request.source) return entry_in_folder(".", request, ".");
  const auto location = s3::parse_location(*request.source);
  if (location.scheme != s3::Scheme::file) {
    throw Error(ErrorKind::unavailable,
                fmt::format("{} is not on this machine, and this version reads local recordings",
                            core::quoted(*request.source, 400)),
                "fetch the recording's folder first and give that");
  }
  std::error_code failed;
  if (fs::is_directory(location.text, failed)) {
    return entry_in_folder(location.text, request, *request.source);
  }
  Entry entry;
  entry.source = *request.source;
  entry.location = location;
  entry.playlist = load_playlist(location, {});
  entry.name = name_of_playlist(location.text);
  return entry;
}

Source choose_rendition(Entry entry, const Request& request) {
  if (std::holds_alternative<hls::MediaPlaylist>(entry.playlist)) {
    return bare_media(std::move(entry), request);
  }
  const auto& multivariant = std::get<hls::MultivariantPlaylist>(entry.playlist);
  const auto selection =
      hls::select_rendition(multivariant, request.rendition.value_or("best"), entry.location.text);
  Source source;
  source.rendition = selection.name;
  source.audio_only = selection.audio_only;
  source.location = existing_file(entry.location, selection.uri, selection.line);
  auto playlist = load_playlist(source.location, multivariant.variables);
  if (!std::holds_alternative<hls::MediaPlaylist>(playlist)) {
    throw Error(ErrorKind::bad_data,
                fmt::format("{} is a multivariant playlist where a media playlist was to be",
                            core::quoted(source.location.text, 400)));
  }
  source.media = std::move(std::get<hls::MediaPlaylist>(playlist));
  source.entry = std::move(entry);
  return source;
}

}  // namespace momentcut::pipeline
