// Whether a rendered clip is what was promised; ffmpeg's exit status alone does not say so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "momentcut/cut/ffmpeg.hpp"
#include "momentcut/cut/probe.hpp"

namespace momentcut::cut {

// What the clip must hold, in ticks of kClipBase from its beginning.
struct Expectation {
  std::vector<std::int64_t> frames;           // pts of every frame, ascending; empty: no video
  std::optional<std::int64_t> audio_samples;  // at kSampleRate; nullopt: no audio
  std::vector<core::Time> cues;               // when each begins; empty: no subtitles
};

// What `job` must become.
Expectation expected_of(const RenderJob& job);

struct Flaw {
  std::string what;           // one line
  bool head_missing = false;  // the clip is whole but for frames missing at its beginning: the
                              // decoder started too late, and an earlier start can mend it
};

// The first thing that is wrong with the clip of which `clip` tells, or nullopt.
std::optional<Flaw> find_flaw(const Expectation& expected, const Probe& clip);

}  // namespace momentcut::cut
