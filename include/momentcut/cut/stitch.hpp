// What ffmpeg is told where most of a clip is copied: to look for key frames, to encode the edges,
// to copy what is between them, and to put it all into one MP4.
//
// Parts of a clip are MPEG-TS files whose timestamps count from one base, so that their bytes can
// follow one another.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "momentcut/core/media.hpp"
#include "momentcut/cut/ffmpeg.hpp"
#include "momentcut/cut/plan.hpp"
#include "momentcut/cut/probe.hpp"
#include "momentcut/cut/smart.hpp"

namespace momentcut::cut {

// Without decoding: tells KeyReader on stdout about the IDR pictures of an H.264 video, and writes
// its parameter sets as a byte stream to `sets_file`.
std::vector<std::string> scan_argv(const std::string& ffmpeg, const Input& input,
                                   const std::string& sets_file);

// Reads what the scan prints (ffmpeg-formats(1), framecrc).
class KeyReader {
 public:
  void line(std::string_view text);
  // When the pictures that were seen are shown, ascending, in ticks of `base`; nullopt where the
  // scan counted by another.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> keys(core::TimeBase base) const;

 private:
  std::string base_;
  std::vector<std::int64_t> keys_;
};

// Frames to encode.
struct Edge {
  Input input;
  FrameCut frames;         // by the input's timestamps
  std::int64_t place = 0;  // of the first of them in the clip, in ticks of kClipBase
  std::int64_t delay = 0;  // of the packets they stand beside, CopyPlan's, in ticks of kClipBase
  unsigned set_id = 0;     // of their parameter sets
};
std::vector<std::string> edge_argv(const std::string& ffmpeg, const ToolVersion& version,
                                   const Edge& edge, const EdgeEncoding& matching,
                                   const Encoding& encoding, const Colour& colour,
                                   const std::string& part);

// Packets to copy.
struct Copied {
  // By the packets of `video`, read through `input`, for a clip whose first frame is `clip_first`.
  Copied(Input input, const Stream& video, const CopyPlan& plan, std::int64_t clip_first);

  Input input;
  // In ticks of kClipBase. Thresholds of dts lie between two packets, so that rounding cannot
  // matter.
  std::optional<std::int64_t> from_dts, to_dts;  // half-open; nullopt: no bound
  std::int64_t from_pts = 0;
  std::int64_t zero = 0;  // of the clip
};
std::vector<std::string> copy_argv(const std::string& ffmpeg, const Copied& copied,
                                   const std::string& part);

// The clip's audio alone, as it is encoded in every mode.
RenderJob audio_job(const std::vector<Piece>& pieces, const Encoding& encoding,
                    const std::string& output);

// All parts, one behind the other in `parts`, with the audio and the subtitles, as an MP4 whose
// index comes last. Their parameter sets go to `sets` as a byte stream.
struct Stitch {
  std::string parts;
  std::optional<std::string> audio;  // what audio_job() became
  std::string output;
  std::string sets;
};
std::vector<std::string> stitch_argv(const std::string& ffmpeg, const Stitch& stitch,
                                     const RenderJob& job);

// The one call that makes `job` where nothing is encoded but its audio.
std::vector<std::string> copied_clip_argv(const std::string& ffmpeg, const RenderJob& job,
                                          const Copied& copied, std::string_view codec);

}  // namespace momentcut::cut
