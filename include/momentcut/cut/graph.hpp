// The filter graph that makes a clip out of its pieces.
#pragma once

#include <string>
#include <vector>

#include "momentcut/cut/ffmpeg.hpp"

namespace momentcut::cut {

// What ffmpeg's -filter_complex is told, with its outputs [v] and [a] as far as there are any, and
// the inputs, in order, that it is written for.
class RenderGraph {
 public:
  RenderGraph(const std::vector<Piece>& pieces, const Encoding& encoding);

  [[nodiscard]] const std::vector<Input>& inputs() const { return inputs_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool has_video() const { return has_video_; }
  [[nodiscard]] bool has_audio() const { return has_audio_; }

 private:
  std::size_t index_of(const Input& input);
  void add(const std::string& chain);
  void add_video(const std::vector<Piece>& pieces, bool keep_hdr);
  void add_audio(const std::vector<Piece>& pieces);
  std::string audio_chain(const AudioCut& audio, std::int64_t samples);

  std::vector<Input> inputs_;
  std::string text_;
  bool has_video_ = false;
  bool has_audio_ = false;
};

}  // namespace momentcut::cut
