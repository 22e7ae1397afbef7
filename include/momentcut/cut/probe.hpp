// What ffprobe says of a file: its streams and its packets' timestamps.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "momentcut/core/media.hpp"

namespace momentcut::cut {

inline constexpr std::int64_t kNoTimestamp = std::numeric_limits<std::int64_t>::min();

// One packet, in ticks of its stream's time base. What ffprobe does not know is kNoTimestamp, and
// -1 for `position`, the byte in the file at which the packet begins.
struct Packet {
  std::int64_t pts = kNoTimestamp;
  std::int64_t dts = kNoTimestamp;
  std::int64_t duration = 0;
  std::int64_t position = -1;
  bool key = false;
};

// How a video's pictures are coded, in ffmpeg's words; empty where it does not know.
struct Colour {
  std::string transfer;
  std::string primaries;
  std::string matrix;
  std::string range;
  int bits = 8;  // a sample

  friend bool operator==(const Colour&, const Colour&) = default;
};

// A stream and its packets in file (decoding) order.
struct Stream {
  int index = 0;
  std::string codec;
  core::TimeBase time_base;
  int width = 0;        // video; 0 where the parameter sets were not found
  int height = 0;       // video
  Colour colour;        // video
  int sample_rate = 0;  // audio, Hz; 0 where the parameters were not found
  int channels = 0;     // audio
  std::vector<Packet> packets;
};

// The first stream of each kind, which are the ones a cut takes.
struct Probe {
  std::optional<Stream> video;
  std::optional<Stream> audio;
  std::optional<Stream> subtitles;
  std::int64_t start = 0;     // ffmpeg's start time of the file, microseconds
  bool starts_intra = false;  // the first picture that was decoded is an intra picture
};

// Reads ffprobe's compact output (`-of compact`) line by line, so that no more than the packets is
// ever held. Lines and fields that are not known are skipped; a number that does not parse is taken
// as not known.
class ProbeReader {
 public:
  void line(std::string_view text);
  // Assembles what was read; the reader is empty afterwards.
  Probe finish();

 private:
  struct Track {
    std::string type;
    Stream stream;
  };
  void packet(std::string_view fields);
  void stream(std::string_view fields);
  void format(std::string_view fields);
  void frame(std::string_view fields);

  std::map<int, Track> tracks_;
  std::int64_t start_ = 0;
  std::string first_picture_;
};

// The entries ProbeReader understands, for ffprobe's -show_entries.
inline constexpr std::string_view kProbeEntries =
    "packet=codec_type,stream_index,pts,dts,duration,pos,flags:"
    "stream=index,codec_type,codec_name,time_base,width,height,pix_fmt,"
    "color_transfer,color_primaries,color_space,color_range,sample_rate,channels:"
    "format=start_time";

}  // namespace momentcut::cut
