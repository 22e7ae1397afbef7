// What ffmpeg and ffprobe are told (argument vectors) and what they say back (versions, progress,
// failures).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "momentcut/core/error.hpp"
#include "momentcut/core/media.hpp"
#include "momentcut/cut/plan.hpp"

namespace momentcut::cut {

struct ToolVersion {
  std::string text;  // as printed: "5.1.9-0+deb12u1"
  int major = 0;
  int minor = 0;
  bool is_release = true;  // else a build from git, which is taken as new enough

  [[nodiscard]] bool at_least(int wanted_major, int wanted_minor) const;
};

// The oldest release whose options and timestamps were found to do.
inline constexpr int kOldestMajor = 4;
inline constexpr int kOldestMinor = 4;

// The version in the first line of `ffmpeg -version` or `ffprobe -version`; nullopt when `line` is
// no such line.
std::optional<ToolVersion> parse_version(std::string_view line);

// The demuxers that segments of a container may be read by, for -format_whitelist: a segment's own
// content never chooses another one.
inline constexpr std::string_view kTransportStream = "mpegts";
// The demuxer of what momentcut itself writes.
inline constexpr std::string_view kMovie = "mov";

// Lists streams and packets of the join behind `list`.
std::vector<std::string> probe_list_argv(const std::string& ffprobe, const std::string& list,
                                         std::string_view demuxer);

// Lists streams and packets of a raw file. `demuxer` is fixed, never guessed from the content.
// `stream` is a stream specifier, or empty for all. `most_packets` stops early; 0: all of them.
// `deep` looks for streams through the whole file, not only its first 5 MB.
struct RawProbe {
  std::string file;
  std::string_view demuxer;
  std::string_view stream;
  unsigned most_packets = 0;
  bool deep = false;
};
std::vector<std::string> probe_file_argv(const std::string& ffprobe, const RawProbe& probe);

// Decodes the key frames alone among the first `packets` video packets of a raw file; each line of
// output about one is for tells_intra_picture().
std::vector<std::string> probe_key_frame_argv(const std::string& ffprobe, const std::string& file,
                                              std::string_view demuxer, unsigned packets);
bool tells_intra_picture(std::string_view line);

// Where one run's audio comes from, on its own input and clock.
struct AudioCut {
  std::string list;        // ffconcat list, or empty: the video's input
  std::int64_t first = 0;  // the moment of the first video frame, in ticks of `base`
  std::int64_t end = 0;    // the moment at which the last one ends
  core::TimeBase base;
};

// One run's part of a clip.
struct Piece {
  std::string list;  // ffconcat list of the video's (or, without video, the audio's) join
  bool has_video = true;
  std::int64_t first = 0;  // pts of the first frame
  std::int64_t end = 0;    // pts at which the last one ends
  core::TimeBase base;
  std::optional<AudioCut> audio;

  // How long the piece's audio is, in samples at kSampleRate: exactly as long as its video.
  [[nodiscard]] std::int64_t samples() const;
};

inline constexpr int kSampleRate = 48'000;
inline constexpr core::TimeBase kClipBase{1, 90'000};

struct Encoding {
  std::string preset = "veryfast";
  int crf = 18;
  int audio_kbps = 192;
  int threads = 0;  // 0: as many as ffmpeg likes
};

enum class Container { mp4, fragmented_mp4, m4a };

struct RenderJob {
  Piece piece;
  Encoding encoding;
  Container container = Container::mp4;
  std::string output;  // a path of our own
};

// The one call that renders a clip. No seek: `-copyts`, and trims on the join's own timestamps.
std::vector<std::string> render_argv(const std::string& ffmpeg, const ToolVersion& version,
                                     const RenderJob& job, std::string_view demuxer);

// What ffmpeg reports on `-progress`.
struct EncodeProgress {
  core::Time done{};  // presentation time written so far
  double speed = 0;   // times real time; 0: not known yet
  bool ended = false;
};

// Feeds on the lines of `-progress`; a value each time a block of them is complete.
class ProgressReader {
 public:
  std::optional<EncodeProgress> line(std::string_view text);

 private:
  EncodeProgress next_;
};

// What a failed ffmpeg or ffprobe means, from its last words on stderr.
struct Failure {
  core::ErrorKind kind = core::ErrorKind::internal;
  std::string reason;  // one printable line, perhaps empty
};
Failure explain_failure(std::string_view stderr_text);

}  // namespace momentcut::cut
