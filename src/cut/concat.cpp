#include "momentcut/cut/concat.hpp"

#include <algorithm>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::cut {
namespace {

constexpr core::TimeBase kMicroseconds{1, 1'000'000};

}  // namespace

std::string concat_list(std::string_view file) {
  const bool safe =
      !file.empty() && file.front() != '.' && std::all_of(file.begin(), file.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
      });
  if (!safe) {
    throw core::Error(core::ErrorKind::internal,
                      "not a name for a concat list: " + core::quoted(file));
  }
  return "ffconcat version 1.0\nfile " + std::string(file) + "\n";
}

void list_timestamps(Probe& probe) {
  for (auto* stream : {&probe.video, &probe.audio}) {
    if (!*stream) continue;
    const auto shift = core::rescaled(-probe.start, kMicroseconds, (*stream)->time_base);
    for (auto& packet : (*stream)->packets) {
      if (packet.pts != kNoTimestamp) packet.pts += shift;
      if (packet.dts != kNoTimestamp) packet.dts += shift;
    }
  }
  probe.start = 0;
}

}  // namespace momentcut::cut
