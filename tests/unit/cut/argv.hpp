// Command lines of ffmpeg, for the tests that hold them word for word.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "momentcut/cut/ffmpeg.hpp"

namespace momentcut::cut {

using Argv = std::vector<std::string>;

// The words of `text`, parted by spaces.
inline Argv words(const std::string& text) {
  std::istringstream stream(text);
  Argv argv;
  for (std::string word; stream >> word;) argv.push_back(word);
  return argv;
}

inline const ToolVersion kNew{"5.1.9", 5, 1};
inline const Input kRun0{"/tmp/t/run0.ffconcat", "mpegts"};
inline const std::string kStart = "ffmpeg -v warning -nostdin -nostats -y -progress pipe:1 ";
inline const std::string kInput =
    "-copyts -protocol_whitelist file -format_whitelist concat,mpegts -f concat -i "
    "/tmp/t/run0.ffconcat ";

}  // namespace momentcut::cut
