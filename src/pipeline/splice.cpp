#include "momentcut/pipeline/splice.hpp"

#include <algorithm>

#include "momentcut/cut/concat.hpp"
#include "momentcut/cut/transport.hpp"
#include "momentcut/io/files.hpp"

namespace momentcut::pipeline {
namespace {

constexpr auto kPacketBytes = static_cast<std::int64_t>(cut::kTransportPacketBytes);
// Tables (PAT, PMT, perhaps SDT) take a packet each, as a rule.
constexpr std::int64_t kMostTableBytes = 64 * kPacketBytes;

struct Bytes {
  std::int64_t first = 0;
  std::int64_t end = 0;  // 0: that of the file
};

// Where a segment's tables are, which come before its first packet of media.
std::optional<Bytes> tables_before(const cut::Probe& probe, std::int64_t segment) {
  auto end = segment + kMostTableBytes + 1;
  for (const auto* stream : {&probe.video, &probe.audio}) {
    if (!*stream) continue;
    for (const auto& packet : (*stream)->packets) {
      if (packet.position >= segment) end = std::min(end, packet.position);
    }
  }
  if (end <= segment || end > segment + kMostTableBytes) return {};
  return Bytes{segment, end};
}

// The packets from a key frame to the last one that may be shown before `end`.
std::optional<Bytes> packets_from(const cut::Stream& video, std::int64_t key, std::int64_t end) {
  const auto& packets = video.packets;
  const auto begin = std::find_if(packets.begin(), packets.end(), [&](const cut::Packet& packet) {
    return packet.pts == key && packet.position >= 0;
  });
  if (begin == packets.end()) return {};
  const auto behind = std::find_if(begin, packets.end(), [&](const cut::Packet& packet) {
    return packet.dts != cut::kNoTimestamp && packet.dts >= end;
  });
  // The one behind is told from what comes before by its beginning.
  return Bytes{begin->position, behind == packets.end() ? 0 : behind->position + kPacketBytes};
}

}  // namespace

std::optional<Decoded> spliced(RunMeter& meter, const Found& found, const cut::FrameCut& frames,
                               std::int64_t key, const std::filesystem::path& file,
                               io::Interrupt& interrupt) {
  const auto& whole = found.measured.join;
  if (whole.format.demuxer != "mpegts") return {};
  const auto media = packets_from(*found.measured.probe.video, key, frames.end);
  if (!media) return {};
  const auto after = std::upper_bound(whole.offsets.begin(), whole.offsets.end(), media->first);
  const auto tables = tables_before(found.measured.probe, *std::prev(after));
  if (!tables) return {};

  Join join;
  join.file = file.native();
  join.list = file.native() + ".ffconcat";
  join.format = whole.format;
  const auto size = [](const Bytes& bytes) {
    return bytes.end == 0 ? io::kToTheEnd : static_cast<std::uint64_t>(bytes.end - bytes.first);
  };
  io::JoinedFile part(file, io::JoinedFile::Begin::emptied);
  for (const auto& bytes : {*tables, *media}) {
    part.append(whole.file, static_cast<std::uint64_t>(bytes.first), size(bytes), interrupt);
  }
  io::JoinedFile(join.list, io::JoinedFile::Begin::emptied)
      .append(cut::concat_list(file.filename().native()));

  const auto opening = meter.open(join, 1);
  const bool is_open = opening.video && opening.video->width > 0 && opening.starts_intra &&
                       !opening.video->packets.empty() &&
                       opening.video->packets.front().pts != cut::kNoTimestamp;
  if (!is_open) return {};
  const auto shift = opening.video->packets.front().pts - key;
  return Decoded{join.input(), whole.segments.front(), frames.shifted(shift)};
}

}  // namespace momentcut::pipeline
