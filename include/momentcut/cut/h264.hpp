// The parameter sets of an H.264 video, read from its NAL units (ITU-T H.264).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace momentcut::cut {

inline constexpr unsigned kMostSequenceId = 31;

// What a sequence parameter set says (§7.3.2.1.1), as far as it decides about a copy.
struct SequenceParameters {
  unsigned id = 0;           // 0 to 31
  unsigned profile = 0;      // profile_idc: 66 Baseline, 77 Main, 100 High, ...
  unsigned constraints = 0;  // the eight bits behind it, constraint_set0_flag the highest
  unsigned level = 0;        // level_idc: ten times the level
  unsigned chroma = 1;       // chroma_format_idc: 1 is 4:2:0
  unsigned luma_bits = 8;
  unsigned chroma_bits = 8;
  unsigned references = 0;  // max_num_ref_frames
  bool frames_only = true;  // frame_mbs_only_flag: never interlaced
};

// What a picture parameter set says (§7.3.2.2): its own id, 0 to 255, and that of its sequence's.
struct PictureParameters {
  unsigned id = 0;
  unsigned sequence = 0;
};

// Each reads one NAL unit, its header byte included and its emulation prevention bytes (§7.4.1) in
// place; nullopt: it is none of that type, is cut off or says what the standard does not allow.
std::optional<SequenceParameters> parse_sequence_parameters(std::string_view unit);
std::optional<PictureParameters> parse_picture_parameters(std::string_view unit);

// A video's parameter sets as NAL units, each once, in the order in which they were seen.
struct ParameterSets {
  std::vector<std::string> sequence;
  std::vector<std::string> picture;

  void add(const ParameterSets& more);
};

// Those in a byte stream (Annex B); what else is in it is passed over.
ParameterSets parameter_sets_in(std::string_view byte_stream);

}  // namespace momentcut::cut
