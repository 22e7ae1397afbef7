// From what the user names to the media playlist that is cut.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "momentcut/hls/playlist.hpp"
#include "momentcut/hls/select.hpp"
#include "momentcut/pipeline/remote.hpp"
#include "momentcut/pipeline/request.hpp"
#include "momentcut/s3/location.hpp"
#include "momentcut/s3/recording.hpp"

namespace momentcut::pipeline {

// The playlist that a source led to, before a rendition is chosen.
struct Entry {
  std::string source;     // as the user would write it, without what may be secret
  s3::Location location;  // of the playlist
  hls::Playlist playlist;
  std::optional<s3::RecordingEvent> event;
  std::optional<s3::Location> folder;  // of a recording
  std::string name;                    // of the recording, for file names: "EyEKX6dRDP81"
  std::string recording_id;  // the recording's folder; empty where the source is a playlist file
};

// A media playlist, and where it is.
struct Rendition {
  s3::Location location;
  hls::MediaPlaylist media;
  // What the multivariant playlist defines for it to IMPORT (EXT-X-DEFINE).
  std::vector<std::pair<std::string, std::string>> imports;
};

// What is cut: one media playlist, and perhaps others for its audio and its subtitles.
struct Source : Rendition {
  Entry entry;
  std::string rendition;               // its name
  bool audio_only = false;             // only its audio is wanted
  bool silent = false;                 // none of its audio is wanted
  std::optional<Rendition> audio;      // where the audio has a playlist of its own
  std::optional<Rendition> subtitles;  // where some are wanted
  std::string subtitles_language;      // as RFC 5646 has it; empty: not known
};

// Finds and parses the playlist `request` names: the file, URL or object itself, or what a
// recording's folder or prefix holds, in the order events/recording-*.json, media/hls/master.m3u8,
// master.m3u8, the playlist of the rendition asked for, playlist.m3u8, the only *.m3u8 (below an S3
// prefix also the only one of the rendition). Throws core::Error: not_found (naming the three ways
// to give a source where there is none), bad_data, io, and as Remote::ask() does.
Entry find_entry(const Request& request, Remote& remote);

// Chooses the rendition of `entry`, its audio and its subtitles, and loads their media playlists.
// Throws core::Error: not_found, bad_data (also for a multivariant playlist that names another
// one), io, as Remote::ask() does. A playlist that ends for now is taken as live (without ENDLIST)
// where the recording's events say that it still runs.
Source choose_rendition(Entry entry, const Request& request, Remote& remote);

// A rendition's playlist as it is now. Throws as choose_rendition() does.
hls::MediaPlaylist load_again(const Entry& entry, const Rendition& rendition, Remote& remote);

}  // namespace momentcut::pipeline
