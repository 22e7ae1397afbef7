#include "momentcut/cut/probe.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "momentcut/core/text.hpp"

namespace momentcut::cut {
namespace {

template <typename Number>
Number number_or(std::string_view text, Number fallback) {
  Number value{};
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc{} && end == text.data() + text.size() ? value : fallback;
}

// "key=value" fields parted by '|'; calls `take` with each.
template <typename Take>
void each_field(std::string_view fields, Take take) {
  while (!fields.empty()) {
    const auto bar = fields.find('|');
    const auto field = fields.substr(0, bar);
    if (const auto equals = field.find('='); equals != std::string_view::npos) {
      take(field.substr(0, equals), field.substr(equals + 1));
    }
    if (bar == std::string_view::npos) return;
    fields.remove_prefix(bar + 1);
  }
}

std::optional<core::TimeBase> parse_time_base(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return {};
  const core::TimeBase base{number_or<std::int32_t>(text.substr(0, slash), 0),
                            number_or<std::int32_t>(text.substr(slash + 1), 0)};
  if (base.num <= 0 || base.den <= 0) return {};
  return base;
}

// ffmpeg's names of pixel formats: "yuv420p", "yuv420p10le", "gbrp12be".
int bits_of(std::string_view pixel_format) {
  for (const auto& [name, bits] : {std::pair("p10", 10), {"p12", 12}, {"p14", 14}, {"p16", 16}}) {
    if (pixel_format.find(name) != std::string_view::npos) return bits;
  }
  return 8;
}

// No clock of a recording is further than this from its zero, dates since 1970 included. Sums of
// times within it cannot overflow.
constexpr double kFurthestSeconds = 1e11;
constexpr std::int64_t kFurthestTicks = std::int64_t{1} << 60;

bool is_plausible(std::int64_t ticks, core::TimeBase base) {
  return std::abs(static_cast<double>(ticks)) <
         std::min(static_cast<double>(kFurthestTicks),
                  kFurthestSeconds * static_cast<double>(base.den) / static_cast<double>(base.num));
}

// A damaged file's timestamps may be any 64 bits: those that are no time are as good as none.
void forget_implausible(Stream& stream) {
  for (auto& packet : stream.packets) {
    if (!is_plausible(packet.pts, stream.time_base)) packet.pts = kNoTimestamp;
    if (!is_plausible(packet.dts, stream.time_base)) packet.dts = kNoTimestamp;
    if (!is_plausible(packet.duration, stream.time_base)) packet.duration = 0;
  }
}

}  // namespace

void ProbeReader::line(std::string_view text) {
  // A program's streams come as "program|stream|…", and once more by themselves.
  if (text.starts_with("program|")) text.remove_prefix(8);
  if (text.starts_with("packet|")) {
    packet(text.substr(7));
  } else if (text.starts_with("stream|")) {
    stream(text.substr(7));
  } else if (text.starts_with("format|")) {
    format(text.substr(7));
  } else if (text.starts_with("frame|")) {
    frame(text.substr(6));
  }
}

void ProbeReader::packet(std::string_view fields) {
  Packet packet;
  int index = -1;
  std::string_view type;
  each_field(fields, [&](std::string_view key, std::string_view value) {
    if (key == "pts") packet.pts = number_or(value, kNoTimestamp);
    if (key == "dts") packet.dts = number_or(value, kNoTimestamp);
    if (key == "duration") packet.duration = number_or<std::int64_t>(value, 0);
    if (key == "pos") packet.position = number_or<std::int64_t>(value, -1);
    if (key == "flags") packet.key = value.find('K') != std::string_view::npos;
    if (key == "stream_index") index = number_or(value, -1);
    if (key == "codec_type") type = value;
  });
  if (index < 0) return;
  auto& track = tracks_[index];
  if (track.type.empty()) track.type = type;
  track.stream.packets.push_back(packet);
}

void ProbeReader::stream(std::string_view fields) {
  Stream found;
  found.index = -1;
  std::string type;
  each_field(fields, [&](std::string_view key, std::string_view value) {
    if (key == "index") found.index = number_or(value, -1);
    if (key == "codec_type") type = value;
    if (key == "codec_name") found.codec = value;
    if (key == "time_base") found.time_base = parse_time_base(value).value_or(core::TimeBase{});
    if (key == "pix_fmt") found.colour.bits = bits_of(value);
    if (key == "color_transfer") found.colour.transfer = value;
    if (key == "color_primaries") found.colour.primaries = value;
    if (key == "color_space") found.colour.matrix = value;
    if (key == "color_range") found.colour.range = value;
    if (key == "width") found.width = number_or(value, 0);
    if (key == "height") found.height = number_or(value, 0);
    if (key == "sample_rate") found.sample_rate = number_or(value, 0);
    if (key == "channels") found.channels = number_or(value, 0);
  });
  if (found.index < 0) return;
  auto& track = tracks_[found.index];
  found.packets = std::move(track.stream.packets);
  track = {std::move(type), std::move(found)};
}

void ProbeReader::format(std::string_view fields) {
  each_field(fields, [&](std::string_view key, std::string_view value) {
    if (key != "start_time") return;
    const auto seconds = number_or(value, 0.0);
    start_ = std::abs(seconds) < kFurthestSeconds ? std::llround(seconds * 1e6) : 0;
  });
}

void ProbeReader::frame(std::string_view fields) {
  each_field(fields, [&](std::string_view key, std::string_view value) {
    if (key == "pict_type" && first_picture_.empty()) first_picture_ = value;
  });
}

Probe ProbeReader::finish() {
  Probe probe;
  probe.start = std::exchange(start_, 0);
  probe.starts_intra = std::exchange(first_picture_, {}) == "I";
  for (auto& [index, track] : std::exchange(tracks_, {})) {
    track.stream.index = index;
    forget_implausible(track.stream);
    if (track.type == "video" && !probe.video) probe.video = std::move(track.stream);
    if (track.type == "audio" && !probe.audio) probe.audio = std::move(track.stream);
    if (track.type == "subtitle" && !probe.subtitles) probe.subtitles = std::move(track.stream);
  }
  return probe;
}

}  // namespace momentcut::cut
