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
#include "momentcut/cut/encoder.hpp"
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

// The demuxer of what momentcut itself writes.
inline constexpr std::string_view kMovie = "mov";

// An ffconcat list with a join behind it, and the demuxer that reads the join.
struct Input {
  std::string list;
  std::string_view demuxer;

  friend bool operator==(const Input&, const Input&) = default;
};

// The arguments that read it with the timestamps it has. Only local files, only the demuxers named:
// neither a playlist nor a segment can steer ffmpeg.
std::vector<std::string> input_argv(const Input& input);

// Lists streams and packets of a file, for ProbeReader. `demuxer` is fixed, never guessed from the
// content. `stream` is a stream specifier, or empty for all. `most_packets` stops early; 0: all of
// them. `deep` looks for streams through the whole file, not only its first 5 MB. `pictures` also
// decodes the key frames among the packets.
struct FileProbe {
  std::string file;
  std::string_view demuxer;
  std::string_view stream;
  std::size_t most_packets = 0;
  bool deep = false;
  bool pictures = false;
};
std::vector<std::string> probe_file_argv(const std::string& ffprobe, const FileProbe& probe);

// Where one run's audio comes from, on its own clock.
struct AudioCut {
  Input input;             // perhaps the video's
  std::int64_t first = 0;  // the moment of the first video frame, in ticks of `base`
  std::int64_t end = 0;    // the moment at which the last one ends
  core::TimeBase base;
};

// One run's part of a clip.
struct Piece {
  Input input;  // of the video's (or, without video, the audio's) join
  bool has_video = true;
  int width = 0;  // of the video, pixels
  int height = 0;
  Colour colour;
  std::int64_t first = 0;  // pts of the first frame
  std::int64_t end = 0;    // pts at which the last one ends
  core::TimeBase base;
  std::vector<std::int64_t> timestamps;  // pts of every frame, ascending; empty without video
  std::optional<AudioCut> audio;

  // How long it is, in ticks of kClipBase.
  [[nodiscard]] std::int64_t length() const;
  // How long its last frame is shown, likewise.
  [[nodiscard]] std::int64_t last_frame() const;
};

// Where each piece begins in the clip, and where the last one ends, in ticks of kClipBase.
std::vector<std::int64_t> borders_of(const std::vector<Piece>& pieces);

inline constexpr int kSampleRate = 48'000;
inline constexpr core::TimeBase kClipBase{1, 90'000};

// The sample, at kSampleRate, at a moment of the clip in ticks of kClipBase. A clip's audio is as
// long as its video, each piece of it from the sample at its beginning to the one at its end.
std::int64_t sample_at(std::int64_t ticks);

enum class Container { mp4, fragmented_mp4, m4a };

// A clip's subtitles: a WebVTT file of our own, its language as MP4 has it, and when its cues
// begin.
struct Subtitles {
  std::string file;
  std::string language;
  std::vector<core::Time> starts;  // ascending, never empty
};

struct RenderJob {
  std::vector<Piece> pieces;  // one for each run that the clip touches, in order; never empty
  Encoding encoding;
  Container container = Container::mp4;
  std::string output;                                // a path of our own
  std::optional<core::WallTime> creation_time = {};  // UTC of its first frame, where known
  std::optional<Subtitles> subtitles = {};
};

// The one call that renders a clip. No seek: `-copyts`, and trims on the joins' own timestamps.
// Pieces follow one another, letterboxed to the first one's size where theirs is another.
std::vector<std::string> render_argv(const std::string& ffmpeg, const ToolVersion& version,
                                     const RenderJob& job);

// What begins every call of ffmpeg that writes something: its `-progress` goes to stdout.
std::vector<std::string> ffmpeg_argv(const std::string& ffmpeg);

// The arguments about a clip as a whole: no data streams, none of the source's metadata, the date.
std::vector<std::string> clip_argv(const std::optional<core::WallTime>& creation_time);

// The arguments that encode the stream [a], and those that take the first stream of input `index`
// as subtitles.
std::vector<std::string> audio_argv(const Encoding& encoding);
std::vector<std::string> subtitles_input_argv(const Subtitles& subtitles);
std::vector<std::string> subtitles_argv(const Subtitles& subtitles, std::size_t index);

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
