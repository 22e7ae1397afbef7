// What was done, or would be: the values behind the text and the JSON on stdout.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "momentcut/core/time.hpp"
#include "momentcut/hls/playlist.hpp"
#include "momentcut/s3/recording.hpp"

namespace momentcut::pipeline {

struct StageTime {
  std::string stage;
  double seconds = 0;
};

// What a cut and its dry run both tell of a clip.
struct Moment {
  std::string source;
  std::string playlist;           // the media playlist that is cut
  std::string rendition;          // its name
  core::Range requested;          // on the recording's timeline, positions from the end resolved
  core::Range actual;             // from the first frame's time to the last frame's end
  core::Time duration{};          // of the clip: `actual` without the gaps
  std::vector<core::Range> gaps;  // of the recording, left out with --allow-gaps
  std::optional<core::WallTime> utc_start, utc_end;  // of `actual`, where the playlist has dates
  bool has_video = true;
  bool has_audio = true;
  std::string mode;           // "exact", "smart" or "copy"
  std::string smart_refused;  // why it is "exact" where "smart" was asked for
  std::uint64_t frames = 0;
  std::uint64_t frames_copied = 0;    // of them, without being encoded
  std::optional<std::uint64_t> cues;  // of its subtitles, where they were asked for
  std::string output;                 // a path, or "-"; empty: nothing local stays
  std::string destination;            // "s3://bucket/key"; empty: it is not uploaded
};

// An uploaded clip.
struct Uploaded {
  std::string bucket;
  std::string key;
  std::string etag;        // without its quotes
  std::string version_id;  // empty: the bucket keeps no versions
  std::uint64_t size = 0;
  std::string sha256;
  std::string url;  // presigned; empty unless asked for
};

struct Receipt : Moment {
  std::uint64_t segments = 0;
  std::uint64_t bytes_fetched = 0;
  bool skipped = false;  // the output existed and was left alone: of the clip nothing is known
  std::uint64_t size = 0;
  std::string sha256;  // empty unless asked for
  std::vector<StageTime> stages;
  std::string ffmpeg_version;
  std::optional<Uploaded> uploaded;
};

struct PlannedSegment {
  std::string uri;
  core::Time start{};
  core::Time duration{};
  std::optional<std::uint64_t> bytes;
};

// --dry-run: what would be done.
struct Plan : Moment {
  std::vector<PlannedSegment> segments;
  bool output_exists = false;
  // Of ffmpeg, on temporary files that are gone by now; empty where smart mode takes several calls.
  std::vector<std::string> argv;
};

// --inspect: what is in a source.
struct Inspection {
  std::string source;
  bool is_bare_playlist = false;  // the source is a playlist file and no rendition was asked for
  std::string playlist_path;      // the playlist that the source led to
  std::optional<s3::RecordingEvent> event;
  std::string recording_id;  // empty where the source is no recording's folder
  std::optional<hls::MultivariantPlaylist> multivariant;
  std::vector<std::string> rendition_names;  // of its variants
  // The rendition asked for, or the best one.
  std::string rendition;
  std::string media_path;
  std::optional<hls::MediaPlaylist> media;
};

}  // namespace momentcut::pipeline
