// How a recording lies in its folder or prefix: the layout that AWS IVS's "auto-record to Amazon
// S3" guide describes, and the simpler ones people copy it into.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "momentcut/core/time.hpp"

namespace momentcut::s3 {

enum class RecordingState { started, ended, failed };

struct RecordingRendition {
  std::string name;      // its folder: "720p60"
  std::string playlist;  // relative to the recording's folder
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

// One of events/recording-started.json, recording-ended.json, recording-failed.json.
struct RecordingEvent {
  RecordingState state = RecordingState::started;
  std::optional<core::WallTime> started_at;
  std::optional<core::WallTime> ended_at;
  std::optional<core::Time> duration;
  std::string channel_arn;
  std::string playlist;  // multivariant, relative to the recording's folder; empty: none
  std::vector<RecordingRendition> renditions;
};

// The files of events/, the one that knows most first.
inline constexpr std::string_view kEventFiles[] = {
    "events/recording-ended.json", "events/recording-failed.json", "events/recording-started.json"};

// Reads an event. `name` is what errors call the text. Paths in it are relative to their parent, as
// the guide says, and may not leave the recording's folder. Unknown members are skipped. Throws
// core::Error(bad_data) for what is not such an event.
RecordingEvent parse_recording_event(std::string_view json, std::string_view name);

// The playlists to look for in a recording's folder, in this order: those of the event (the
// multivariant one, then the one of `rendition`), media/hls/master.m3u8, master.m3u8,
// media/hls/RENDITION/playlist.m3u8, RENDITION/playlist.m3u8, playlist.m3u8. `rendition` is empty
// when none was asked for by name.
std::vector<std::string> playlist_candidates(const RecordingEvent* event,
                                             std::string_view rendition);

}  // namespace momentcut::s3
