// WebVTT subtitles: those of an HLS rendition's segments (RFC 8216 §3.5), and those of a clip.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "momentcut/core/time.hpp"

namespace momentcut::cut {

// Text and when it is shown.
struct Cue {
  core::Time start{};
  core::Time end{};
  std::string text;  // with its markup, lines parted by '\n', none of them empty

  friend bool operator==(const Cue&, const Cue&) = default;
};

// A WebVTT file. Its cues' times count by a clock of its own: its moment `local` is the media
// timestamp `mpegts`, in ticks of 90 kHz modulo 2^33 (X-TIMESTAMP-MAP; without one, 0 is 0).
struct WebVtt {
  core::Time local{};
  std::int64_t mpegts = 0;
  std::vector<Cue> cues;
};

// Reads a file as https://www.w3.org/TR/webvtt1/#file-parsing says: what is no cue (comments,
// styles, regions, cue settings) is passed over, as is a cue whose times cannot be read or are in
// the wrong order. Throws core::Error(bad_data) for text that is no WebVTT, or whose
// X-TIMESTAMP-MAP cannot be read.
WebVtt parse_webvtt(std::string_view text);

// The parts of `cues` (in any order, all on one clock) that are shown in `range`, told from its
// start on and moved by `offset`, to the millisecond, which is what WebVTT can say.
std::vector<Cue> cues_in(const std::vector<Cue>& cues, const core::Range& range, core::Time offset);

// The same text shown at the same times by cues that neither repeat nor overlap one another, in
// order: segments repeat the cues that reach into them, and an MP4 track shows one text at a time.
std::vector<Cue> flattened(std::vector<Cue> cues);

// A WebVTT file of these cues.
std::string to_webvtt(const std::vector<Cue>& cues);

}  // namespace momentcut::cut
