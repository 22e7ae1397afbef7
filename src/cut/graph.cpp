#include "momentcut/cut/graph.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace momentcut::cut {
namespace {

double seconds(std::int64_t ticks, core::TimeBase base) {
  return static_cast<double>(ticks) * static_cast<double>(base.num) / static_cast<double>(base.den);
}

// What brings a picture to the first piece's size; empty where it has it.
std::string letterbox(const Piece& piece, const Piece& first) {
  if (piece.width == first.width && piece.height == first.height) return {};
  return fmt::format(
      ",scale={0}:{1}:force_original_aspect_ratio=decrease,pad={0}:{1}:(ow-iw)/2:(oh-ih)/"
      "2,setsar=1",
      first.width, first.height);
}

}  // namespace

RenderGraph::RenderGraph(const std::vector<Piece>& pieces, const Encoding& encoding)
    : has_video_(pieces.front().has_video),
      has_audio_(std::any_of(pieces.begin(), pieces.end(),
                             [](const Piece& piece) { return piece.audio.has_value(); })) {
  for (const auto& piece : pieces) index_of(piece.input);
  if (has_video_) add_video(pieces, encoding.keep_hdr);
  if (has_audio_) add_audio(pieces);
}

std::size_t RenderGraph::index_of(const Input& input) {
  const auto found = std::find(inputs_.begin(), inputs_.end(), input);
  if (found != inputs_.end()) return static_cast<std::size_t>(found - inputs_.begin());
  inputs_.push_back(input);
  return inputs_.size() - 1;
}

void RenderGraph::add(const std::string& chain) {
  text_ += (text_.empty() ? "" : ";") + chain;
}

// Each piece's frames are put at their place in the clip, and interleave lets them through in that
// order, with the timestamps they have. The concat filter would place a piece by the mean distance
// of the frames before it, which is milliseconds off where the rate varies.
void RenderGraph::add_video(const std::vector<Piece>& pieces, bool keep_hdr) {
  const auto borders = borders_of(pieces);
  const bool alone = pieces.size() == 1;
  std::string all;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto& piece = pieces[i];
    auto chain = fmt::format("[{0}:v:0]trim=start_pts={1}:end_pts={2},setpts=PTS-{1}",
                             index_of(piece.input), piece.first, piece.end);
    const auto mapping = keep_hdr ? std::string() : tone_mapping(piece.colour);
    if (!mapping.empty()) chain += "," + mapping;
    if (alone) return add(chain + "[v]");
    const bool deep = keep_hdr && pieces.front().colour.bits > 8;
    chain += fmt::format(",settb=1/{},setpts=PTS+{},format={}{}", kClipBase.den, borders[i],
                         deep ? "yuv420p10le" : "yuv420p", letterbox(piece, pieces.front()));
    add(fmt::format("{}[v{}]", chain, i));
    all += fmt::format("[v{}]", i);
  }
  add(fmt::format("{}interleave=n={}[v]", all, pieces.size()));
}

// Resampled first, so that the trim falls on a sample and not on a source frame's border; async
// fills holes with silence; padded and cut to the very length of the video.
std::string RenderGraph::audio_chain(const AudioCut& audio, std::int64_t samples) {
  return fmt::format(
      "[{0}:a:0]aresample={4},atrim=start={1:.6f}:end={2:.6f},asetpts=PTS-{1:.6f}/TB,"
      "aresample=async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=stereo,"
      "apad=whole_len={3},atrim=end_sample={3}",
      index_of(audio.input), seconds(audio.first, audio.base), seconds(audio.end, audio.base),
      samples, kSampleRate);
}

void RenderGraph::add_audio(const std::vector<Piece>& pieces) {
  const auto borders = borders_of(pieces);
  std::string all;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto samples = sample_at(borders[i + 1]) - sample_at(borders[i]);
    const auto chain = pieces[i].audio ? audio_chain(*pieces[i].audio, samples)
                                       : fmt::format(
                                             "anullsrc=channel_layout=stereo:sample_rate={0},"
                                             "aformat=sample_fmts=fltp,atrim=end_sample={1}",
                                             kSampleRate, samples);
    if (pieces.size() == 1) return add(chain + "[a]");
    add(fmt::format("{}[a{}]", chain, i));
    all += fmt::format("[a{}]", i);
  }
  add(fmt::format("{}concat=n={}:v=0:a=1[a]", all, pieces.size()));
}

}  // namespace momentcut::cut
