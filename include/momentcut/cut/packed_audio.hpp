// Packed audio: elementary audio without a container, whose segments begin with an ID3 tag that
// carries their timestamp (RFC 8216 §3.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace momentcut::cut {

// The size of the ID3 tag that `bytes` begin with (ID3v2.4.0 structure §3.1), 0 where there is
// none. A value larger than `bytes` says that more of it is to come.
std::size_t id3_size(std::string_view bytes);

// The timestamp of the first sample, 33 bits at 90 kHz, from the PRIV frame owned by
// com.apple.streaming.transportStreamTimestamp in the ID3 tag that `bytes` begin with. nullopt:
// there is none.
std::optional<std::int64_t> packed_audio_timestamp(std::string_view bytes);

// The demuxer of elementary audio that `bytes` begin with, after an ID3 tag if there is one: "aac"
// (ADTS), "mp3", "ac3" or "eac3"; empty where it is none of them.
std::string_view packed_audio_demuxer(std::string_view bytes);

}  // namespace momentcut::cut
