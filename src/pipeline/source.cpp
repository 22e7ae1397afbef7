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
#include "momentcut/hls/select_media.hpp"
#include "momentcut/pipeline/documents.hpp"
#include "momentcut/s3/url.hpp"

namespace momentcut::pipeline {
namespace {

namespace fs = std::filesystem;
using core::Error;
using core::ErrorKind;

constexpr std::size_t kMostEventBytes = 4U << 20U;
constexpr std::string_view kNoAudio = "none";
constexpr std::string_view kOfOne = "give the recording's folder or its multivariant playlist";
constexpr std::string_view kWaysToGiveASource =
    "give a playlist or a recording's folder as SOURCE, set MOMENTCUT_SOURCE (or source in the "
    "config file), or run this inside a recording's folder";

std::string shown(const s3::Location& location) {
  return core::redacted(location.text);
}

hls::Playlist parse_document(const Document& document,
                             std::vector<std::pair<std::string, std::string>> imports) {
  const bool is_http = document.location.remote() && document.location.scheme != s3::Scheme::s3;
  return hls::parse(document.text, {shown(document.location), std::move(imports),
                                    is_http ? s3::query_parameters(document.location.text)
                                            : std::vector<std::pair<std::string, std::string>>()});
}

// As far as it can be told: the working folder may be gone.
fs::path whole_path(const s3::Location& location) {
  fs::path path = path_of(location);
  if (location.remote()) return path;
  std::error_code failed;
  const auto whole = fs::absolute(path, failed);
  return (failed ? path : whole).lexically_normal();
}

// The name of the folder that a file lies in; empty at the top.
std::string folder_name(const s3::Location& file) {
  return whole_path(file).parent_path().filename();
}

// What to call a recording by its playlist: names that say nothing ("playlist", "master") give way
// to the folder's.
std::string name_of_playlist(const s3::Location& playlist) {
  static constexpr std::string_view kSaysNothing[] = {"",      "playlist",     "master",
                                                      "index", "multivariant", "media"};
  auto stem = fs::path(path_of(playlist)).stem().native();
  const auto folder = folder_name(playlist);
  const bool vague =
      std::find(std::begin(kSaysNothing), std::end(kSaysNothing), stem) != std::end(kSaysNothing);
  if (!vague) return stem;
  return !folder.empty() ? folder : !stem.empty() ? stem : "recording";
}

// What looking through a recording's folder came to.
struct FolderSearch {
  std::optional<s3::RecordingEvent> event;
  std::optional<Document> playlist;
  bool denied = false;
};

void find_event(Remote& remote, const s3::Location& folder, FolderSearch& found) {
  for (const auto name : s3::kEventFiles) {
    auto search = find_document(remote, location_in(folder, std::string(name)), kMostEventBytes);
    found.denied = found.denied || search.denied;
    if (!search.document) continue;
    found.event =
        s3::parse_recording_event(search.document->text, shown(search.document->location));
    return;
  }
}

// Of the playlists that lie in a folder, the only one, or the only one of the rendition.
std::optional<std::string> only_one(const std::vector<std::string>& names,
                                    const std::string& rendition) {
  if (names.size() == 1) return names.front();
  std::optional<std::string> only;
  for (const auto& name : names) {
    if (rendition.empty() || fs::path(name).parent_path().filename() != rendition) continue;
    if (only) return {};
    only = name;
  }
  return only;
}

FolderSearch search_folder(Remote& remote, const s3::Location& folder,
                           const std::string& rendition) {
  FolderSearch found;
  find_event(remote, folder, found);
  const auto* event = found.event ? &*found.event : nullptr;
  for (const auto& candidate : s3::playlist_candidates(event, rendition)) {
    auto search = find_document(remote, location_in(folder, candidate), hls::kMostPlaylistBytes);
    found.denied = found.denied || search.denied;
    if (!search.document) continue;
    found.playlist = std::move(search.document);
    return found;
  }
  if (const auto name = only_one(playlists_in(remote, folder), rendition)) {
    found.playlist = read_document(remote, location_in(folder, *name), hls::kMostPlaylistBytes);
  }
  return found;
}

void require_readable(const s3::Location& folder, const std::string& source) {
  if (folder.remote() || access(folder.text.c_str(), R_OK | X_OK) == 0 || errno != EACCES) return;
  throw Error(ErrorKind::no_permission,
              fmt::format("cannot read {}: Permission denied", core::quoted(source, 400)),
              "it is a folder that this user may not look into");
}

Entry entry_in_folder(Remote& remote, const s3::Location& folder, const Request& request,
                      std::string source) {
  require_readable(folder, source);
  auto found = search_folder(remote, folder, request.rendition.value_or(""));
  if (!found.playlist) {
    const bool by_default = !request.source;
    throw Error(found.denied ? ErrorKind::no_permission : ErrorKind::not_found,
                by_default
                    ? "no source given, and the working folder holds no recording"
                    : fmt::format("no recording in {}{}", core::quoted(source, 400),
                                  found.denied ? ", as far as may be seen (AccessDenied)" : ""),
                by_default ? std::string(kWaysToGiveASource)
                           : "it needs media/hls/master.m3u8, master.m3u8, playlist.m3u8 or one "
                             "single *.m3u8");
  }
  Entry entry;
  entry.source = std::move(source);
  entry.location = found.playlist->location;
  entry.event = std::move(found.event);
  entry.folder = folder;
  entry.recording_id = folder_name(location_in(folder, "."));
  if (entry.recording_id.empty() && folder.scheme == s3::Scheme::s3) {
    entry.recording_id = s3::object_of(folder).bucket;
  }
  if (entry.recording_id.empty()) entry.recording_id = "recording";
  entry.name = entry.recording_id;
  entry.playlist = parse_document(*found.playlist, {});
  return entry;
}

// Where a playlist's reference to another one leads; not_found names both.
Document followed(Remote& remote, const s3::Location& base, const std::string& uri,
                  std::uint32_t line) {
  const auto what = fmt::format("{}:{}", shown(base), line);
  const auto wanted = remote.follow(base, uri, what);
  std::vector<s3::Location> candidates{wanted};
  if (!wanted.remote()) {
    candidates.clear();
    for (auto& path : s3::local_candidates(base, uri)) {
      candidates.push_back({s3::Scheme::file, path.native()});
    }
  }
  for (const auto& candidate : candidates) {
    auto search = find_document(remote, candidate, hls::kMostPlaylistBytes);
    if (search.document) return std::move(*search.document);
    if (search.denied) {
      throw Error(ErrorKind::no_permission,
                  fmt::format("{}: {} is missing or denied (AccessDenied)", what,
                              core::quoted(core::redacted_reference(uri))),
                  "check the rights of these credentials");
    }
  }
  throw Error(ErrorKind::not_found,
              fmt::format("{}: {} is missing", what, core::quoted(core::redacted_reference(uri))),
              wanted.remote() ? "choose another rendition with -r"
                              : "fetch the whole recording, or choose another rendition with -r");
}

// The media playlist that a multivariant playlist names by `uri` in `line`.
Rendition rendition_at(Remote& remote, const Entry& entry,
                       const hls::MultivariantPlaylist& multivariant, const std::string& uri,
                       std::uint32_t line) {
  const auto document = followed(remote, entry.location, uri, line);
  auto playlist = parse_document(document, multivariant.variables);
  if (!std::holds_alternative<hls::MediaPlaylist>(playlist)) {
    throw Error(ErrorKind::bad_data,
                fmt::format("{} is a multivariant playlist where a media playlist was to be",
                            core::quoted(document.location.text, 400)));
  }
  return {document.location, std::move(std::get<hls::MediaPlaylist>(playlist)),
          multivariant.variables};
}

// Which media playlists are cut.
struct Choice {
  std::string name;
  bool audio_only = false;
  std::string uri;            // of the one whose clock counts
  std::uint32_t line = 0;     // where it is named
  hls::MediaSelection audio;  // where the audio has another one
  std::optional<hls::MediaSelection> subtitles;
};

// Audio alone is told from the video's beginning, too, so that its moments are the same: only an
// audio-only variant stands by itself.
Choice choose_playlists(const hls::MultivariantPlaylist& multivariant, const Request& request,
                        const std::string& name) {
  const auto selection =
      hls::select_rendition(multivariant, request.rendition.value_or("best"), name);
  Choice choice{selection.name,
                selection.audio_only || request.audio_only,
                selection.uri,
                selection.line,
                {},
                {}};
  if (request.subtitles && choice.audio_only) {
    throw Error(ErrorKind::usage, "audio alone cannot have --subtitles", "leave one of them out");
  }
  if (request.subtitles && selection.variant) {
    choice.subtitles = hls::select_subtitles(
        multivariant, multivariant.variants[*selection.variant], *request.subtitles, name);
  }
  const auto wanted = request.audio.value_or("");
  const bool stands_alone = selection.audio_only && selection.variant && wanted.empty();
  if (stands_alone || (wanted == kNoAudio && !choice.audio_only)) return choice;
  const auto variant =
      selection.audio_only ? hls::select_rendition(multivariant, "best", name) : selection;
  if (!variant.variant) return choice;
  choice.uri = variant.uri;
  choice.line = variant.line;
  choice.audio = hls::select_audio(multivariant, multivariant.variants[*variant.variant],
                                   wanted == kNoAudio ? "" : wanted, name);
  const bool is_named = selection.audio_only && !selection.variant && wanted.empty();
  if (is_named) choice.audio = {selection.name, {}, selection.uri, selection.line};
  if (choice.audio_only && !choice.audio.name.empty()) choice.name = choice.audio.name;
  return choice;
}

// AWS IVS ends the playlist of a recording in progress, too, so that it can be played.
bool still_runs(const Entry& entry) {
  return entry.event && entry.event->state == s3::RecordingState::started;
}

// `wanted` of a playlist that stands for nothing but itself: there "is no audio" of that name.
Error nothing_to_choose(const Entry& entry, std::string_view there, std::string_view wanted,
                        std::string_view option) {
  return {ErrorKind::not_found,
          fmt::format("{} is a single rendition, there {} {} to choose",
                      core::quoted(entry.location.text, 400), there, core::quoted(wanted)),
          fmt::format("leave out {}, or {}", option, kOfOne)};
}

// The name of the one rendition that a media playlist is: its folder's.
Source bare_media(Entry entry, const Request& request) {
  Source source;
  const auto wanted = request.rendition.value_or("best");
  const auto folder = folder_name(entry.location);
  source.rendition = folder.empty() ? "media" : folder;
  source.audio_only = wanted == "audio" || request.audio_only;
  if (wanted != "best" && wanted != "worst" && wanted != "audio" && wanted != folder) {
    throw nothing_to_choose(entry, "is no", wanted, "-r");
  }
  const auto audio = request.audio.value_or("");
  source.silent = audio == kNoAudio && !source.audio_only;
  if (!audio.empty() && audio != kNoAudio) {
    throw nothing_to_choose(entry, "is no audio", audio, "--audio");
  }
  if (request.subtitles) {
    throw nothing_to_choose(entry, "are no subtitles", *request.subtitles, "--subtitles");
  }
  source.location = entry.location;
  source.media = std::get<hls::MediaPlaylist>(entry.playlist);
  if (still_runs(entry)) source.media.endlist = false;
  source.entry = std::move(entry);
  return source;
}

// What the user gave, without what may be secret in it.
std::string shown_source(const Request& request) {
  return core::redacted(request.source.value_or("."));
}

// An S3 prefix or a local folder. An object that is a playlist says so by its name.
bool is_folder(const s3::Location& location) {
  if (location.scheme == s3::Scheme::s3) {
    return !core::lowered(location.text).ends_with(".m3u8") &&
           !core::lowered(location.text).ends_with(".m3u");
  }
  std::error_code failed;
  return !location.remote() && fs::is_directory(location.text, failed);
}

s3::Location without_last_slash(s3::Location folder) {
  const bool ends_in_slash = folder.scheme == s3::Scheme::s3 && folder.text.ends_with('/');
  if (ends_in_slash) folder.text.pop_back();
  return folder;
}

}  // namespace

Entry find_entry(const Request& request, Remote& remote) {
  if (!request.source) return entry_in_folder(remote, {s3::Scheme::file, "."}, request, ".");
  const auto location = remote.signed_if_wanted(s3::parse_location(*request.source));
  if (is_folder(location)) {
    return entry_in_folder(remote, without_last_slash(location), request, shown_source(request));
  }
  const auto document = read_document(remote, location, hls::kMostPlaylistBytes);
  Entry entry;
  entry.source = shown_source(request);
  entry.location = document.location;
  entry.playlist = parse_document(document, {});
  entry.name = name_of_playlist(location);
  return entry;
}

Source choose_rendition(Entry entry, const Request& request, Remote& remote) {
  if (std::holds_alternative<hls::MediaPlaylist>(entry.playlist)) {
    return bare_media(std::move(entry), request);
  }
  const auto& multivariant = std::get<hls::MultivariantPlaylist>(entry.playlist);
  const auto choice = choose_playlists(multivariant, request, shown(entry.location));
  Source source;
  source.audio_only = choice.audio_only;
  source.silent = request.audio == kNoAudio && !choice.audio_only;
  source.rendition = choice.name;
  static_cast<Rendition&>(source) =
      rendition_at(remote, entry, multivariant, choice.uri, choice.line);
  if (choice.audio.uri && *choice.audio.uri != choice.uri) {
    source.audio = rendition_at(remote, entry, multivariant, *choice.audio.uri, choice.audio.line);
  }
  if (choice.subtitles) {
    source.subtitles =
        rendition_at(remote, entry, multivariant, *choice.subtitles->uri, choice.subtitles->line);
    source.subtitles_language = choice.subtitles->language;
  }
  if (still_runs(entry)) {
    source.media.endlist = false;
    for (auto* beside : {&source.audio, &source.subtitles}) {
      if (*beside) (*beside)->media.endlist = false;
    }
  }
  source.entry = std::move(entry);
  return source;
}

hls::MediaPlaylist load_again(const Entry& entry, const Rendition& rendition, Remote& remote) {
  const auto document = read_document(remote, rendition.location, hls::kMostPlaylistBytes);
  auto playlist = parse_document(document, rendition.imports);
  if (!std::holds_alternative<hls::MediaPlaylist>(playlist)) {
    throw Error(ErrorKind::bad_data, core::quoted(shown(rendition.location), 400) +
                                         " has become a multivariant playlist");
  }
  auto media = std::move(std::get<hls::MediaPlaylist>(playlist));
  if (still_runs(entry) && entry.folder && media.endlist) {
    FolderSearch found;
    find_event(remote, *entry.folder, found);
    media.endlist = !found.event || found.event->state != s3::RecordingState::started;
  }
  return media;
}

}  // namespace momentcut::pipeline
