// What ffmpeg's video encoders are told.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "momentcut/cut/probe.hpp"

namespace momentcut::cut {

enum class VideoCodec { h264, hevc, av1 };

struct Encoding {
  VideoCodec codec = VideoCodec::h264;
  std::string preset = "veryfast";  // in x264's words, whatever the codec
  std::optional<int> crf{};         // on the codec's own scale; nullopt: usual_crf()
  bool keep_hdr = false;            // 10 bits and HDR stay what they are; for HEVC alone
  int audio_kbps = 192;
  int threads = 0;  // 0: as many as ffmpeg likes
};

// The CRF at which each codec's picture is about as good as the others'.
int usual_crf(VideoCodec codec);

// Whether `colour` is HDR: its transfer is PQ (SMPTE ST 2084) or HLG (ARIB STD-B67).
bool is_hdr(const Colour& colour);

// The filter that brings pictures of `colour` to SDR in BT.709; empty: they need none.
std::string tone_mapping(const Colour& colour);

// The arguments that encode [v], whose pictures were of `colour`, in any rate.
std::vector<std::string> video_encoder_argv(const Encoding& encoding, const Colour& colour);

}  // namespace momentcut::cut
