// libFuzzer over what is read of a clip's video and index: parameter sets, and a moov box with a
// byte stream of sets behind it. No bytes crash it, take it long, or make it write what it could
// not read again. core::Error is the only way out besides an index.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "momentcut/core/error.hpp"
#include "momentcut/cut/h264.hpp"
#include "momentcut/cut/mp4.hpp"
#include "momentcut/cut/smart.hpp"
#include "require.hpp"

namespace {

using namespace momentcut;
using namespace momentcut::cut;

void check_units(const std::vector<std::string>& units) {
  require(std::set<std::string>(units.begin(), units.end()).size() == units.size(),
          "sets come once");
  for (const auto& unit : units) {
    require(!unit.empty() && unit.back() != '\0', "a set ends with no zeros");
    require(unit.find(std::string_view("\0\0\1", 3)) == std::string::npos,
            "a set holds no start code");
  }
}

void check_sets(const ParameterSets& sets) {
  check_units(sets.sequence);
  check_units(sets.picture);
  for (const auto& unit : sets.sequence) {
    const auto found = parse_sequence_parameters(unit);
    if (!found) continue;
    require(found->id <= kMostSequenceId, "a sequence's id is in its range");
    require(found->chroma <= 3 && found->references <= 16, "a sequence's numbers are in range");
    require(found->luma_bits >= 8 && found->luma_bits <= 14, "luma has 8 to 14 bits");
    require(found->chroma_bits >= 8 && found->chroma_bits <= 14, "chroma has 8 to 14 bits");
  }
  for (const auto& unit : sets.picture) {
    const auto found = parse_picture_parameters(unit);
    if (!found) continue;
    require(found->id <= 255 && found->sequence <= kMostSequenceId, "a picture's ids are in range");
  }
}

void check_edges(const ParameterSets& sets) {
  for (const std::size_t reorder : {0U, 1U, 2U}) {
    const auto found = edge_encoding(sets, reorder);
    if (const auto* refusal = std::get_if<Refusal>(&found)) {
      require(!refusal->why.empty(), "a refusal says why");
      continue;
    }
    const auto& edge = std::get<EdgeEncoding>(found);
    require(edge.head_id != edge.tail_id, "head and tail have ids of their own");
    require(edge.head_id <= kMostSequenceId && edge.tail_id <= kMostSequenceId,
            "libx264 can have the ids");
    require(edge.references >= 1 && edge.references <= 16, "libx264 can have the references");
    for (const auto& unit : sets.picture) {
      const auto id = parse_picture_parameters(unit)->id;
      require(id != edge.head_id && id != edge.tail_id, "the edges' ids are free");
    }
  }
}

void check_index(std::string_view moov, const ParameterSets& sets) {
  std::string moved;
  try {
    moved = index_for_front(moov, sets);
  } catch (const core::Error& error) {
    require(error.kind() == core::ErrorKind::bad_data, "what is refused is bad data");
    return;
  }
  const auto header = parse_box_header(moved);
  require(header && header->type == "moov" && header->size == moved.size(), "an index is a box");
  require(moved.size() >= moov.size(), "an index loses nothing");
  try {
    require(index_for_front(moved, sets).size() == moved.size(), "a set is added once");
  } catch (const core::Error& error) {
    require(std::string_view(error.what()).ends_with("the clip is too large"),
            "an index that was written can be read");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto header = parse_box_header(bytes);
  const auto moov = bytes.substr(0, header && header->type == "moov" ? header->size : 0);
  const auto sets = parameter_sets_in(bytes.substr(moov.size()));
  check_sets(sets);
  check_edges(sets);
  if (!moov.empty()) check_index(moov, sets);
  return 0;
}
