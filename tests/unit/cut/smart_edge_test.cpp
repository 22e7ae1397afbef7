// How the frames at a clip's edges are encoded, and for which videos they cannot be.
#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "cut/bits.hpp"
#include "momentcut/cut/smart.hpp"

using namespace momentcut::cut;

namespace {

using Found = std::variant<EdgeEncoding, Refusal>;

std::string refused(const Found& found) {
  const auto* refusal = std::get_if<Refusal>(&found);
  return refusal == nullptr ? "not" : refusal->why;
}

ParameterSets sets_of(const SequenceShape& shape) {
  return {{sequence_unit(shape)}, {picture_unit(shape.id, shape.id)}};
}

std::string said(const SequenceShape& shape) {
  const auto found = edge_encoding(sets_of(shape), 0);
  const auto* edge = std::get_if<EdgeEncoding>(&found);
  return edge == nullptr ? refused(found)
                         : fmt::format("{} {} {}", edge->profile, edge->level, edge->references);
}

// The ids that are taken beside a video's pictures' `ids`.
std::string taken_beside(unsigned sequence, const std::vector<unsigned>& ids) {
  ParameterSets sets{{sequence_unit({.id = sequence})}, {}};
  for (const auto id : ids) sets.picture.push_back(picture_unit(id, sequence));
  const auto found = edge_encoding(sets, 0);
  const auto* edge = std::get_if<EdgeEncoding>(&found);
  return edge == nullptr ? refused(found) : fmt::format("{} {}", edge->head_id, edge->tail_id);
}

}  // namespace

TEST_CASE("edges have the video's profile in libx264's words") {
  CHECK(said({.profile = 66, .constraints = 0xC0}) == "baseline 3.1 1");
  CHECK(said({.profile = 77}) == "main 3.1 1");
  CHECK(said({.profile = 88}) == "main 3.1 1");
  CHECK(said({.profile = 100}) == "high 3.1 1");
  // Profiles of more than 8 bits or 4:2:0, where the video has no more.
  CHECK(said({.profile = 110}) == "high 3.1 1");
  CHECK(said({.profile = 122}) == "high 3.1 1");
}

TEST_CASE("edges have the video's level in libx264's words") {
  CHECK(said({.level = 10}) == "high 1.0 1");
  CHECK(said({.level = 31}) == "high 3.1 1");
  CHECK(said({.level = 40}) == "high 4.0 1");
  CHECK(said({.level = 62}) == "high 6.2 1");
  CHECK(said({.level = 9}) == "high 1b 1");
  CHECK(said({.profile = 66, .constraints = 0xD0, .level = 11}) == "baseline 1b 1");
  CHECK(said({.profile = 77, .constraints = 0x10, .level = 11}) == "main 1b 1");
  // Without the flag, at another level or in a later profile, it is no 1b.
  CHECK(said({.profile = 77, .constraints = 0xEF, .level = 11}) == "main 1.1 1");
  CHECK(said({.profile = 77, .constraints = 0x10, .level = 12}) == "main 1.2 1");
  CHECK(said({.profile = 100, .constraints = 0x10, .level = 11}) == "high 1.1 1");
}

TEST_CASE("edges refer to as many frames as the video, and to one at least") {
  CHECK(said({.references = 0}) == "high 3.1 1");
  CHECK(said({.references = 4}) == "high 3.1 4");
  CHECK(said({.references = 16}) == "high 3.1 16");
}

TEST_CASE("edges have B-frames where the video shows its frames later than it decodes them") {
  const auto sets = sets_of({});
  const auto with = [&](std::size_t reorder) {
    const auto edge = std::get<EdgeEncoding>(edge_encoding(sets, reorder));
    return fmt::format("{}{}", edge.b_frames, edge.b_pyramid ? " in a pyramid" : "");
  };
  CHECK(with(0) == "0");
  CHECK(with(1) == "2");
  CHECK(with(2) == "3 in a pyramid");
  CHECK(with(16) == "3 in a pyramid");
}

TEST_CASE("edges take the lowest ids that the video's sets have not") {
  CHECK(taken_beside(0, {0}) == "1 2");
  CHECK(taken_beside(0, {1}) == "2 3");
  CHECK(taken_beside(1, {0, 3}) == "2 4");
  CHECK(taken_beside(31, {31}) == "0 1");
  CHECK(taken_beside(5, {0, 1, 2, 255}) == "3 4");
}

TEST_CASE("edges need two ids that the video's sets have not") {
  std::vector<unsigned> ids;
  for (unsigned id = 0; id < 30; ++id) ids.push_back(id);
  CHECK(taken_beside(0, ids) == "30 31");
  CHECK(taken_beside(30, ids) == "its parameter sets leave no id free");
  ids.push_back(30);
  CHECK(taken_beside(0, ids) == "its parameter sets leave no id free");
  ids.push_back(31);
  CHECK(taken_beside(0, ids) == "its parameter sets leave no id free");
}

TEST_CASE("edges need the video's parameter sets") {
  CHECK(refused(edge_encoding({}, 0)) == "no parameter sets were found");
  CHECK(refused(edge_encoding({{sequence_unit({})}, {}}, 0)) == "no parameter sets were found");
  CHECK(refused(edge_encoding({{}, {picture_unit(0, 0)}}, 0)) == "no parameter sets were found");
}

TEST_CASE("edges need parameters that do not change") {
  const std::string wanted = "the video's parameters change within the range";
  CHECK(refused(edge_encoding(
            {{sequence_unit({.width = 79}), sequence_unit({.width = 119})}, {picture_unit(0, 0)}},
            0)) == wanted);
  CHECK(refused(edge_encoding({{sequence_unit({}), sequence_unit({.id = 1})}, {picture_unit(0, 0)}},
                              0)) == wanted);
  // The same id, first so and then so.
  CHECK(refused(edge_encoding(
            {{sequence_unit({})}, {picture_unit(0, 0, 3), picture_unit(0, 0, -3)}}, 0)) == wanted);
  // Others beside it are no change.
  CHECK(refused(edge_encoding(
            {{sequence_unit({})}, {picture_unit(0, 0, 3), picture_unit(1, 0, -3)}}, 0)) == "not");
}

TEST_CASE("edges need parameter sets that can be read") {
  const std::string wanted = "its parameter sets cannot be read";
  CHECK(refused(edge_encoding({{sequence_unit({}).substr(0, 5)}, {picture_unit(0, 0)}}, 0)) ==
        wanted);
  CHECK(refused(edge_encoding({{sequence_unit({})}, {std::string(1, kPictureHeader)}}, 0)) ==
        wanted);
  CHECK(refused(edge_encoding({{sequence_unit({})}, {picture_unit(0, 0), "\x68"}}, 0)) == wanted);
}

TEST_CASE("edges of other than 8 bits and 4:2:0 are not encoded") {
  const std::string wanted = "the video is not 8-bit 4:2:0";
  CHECK(said({.profile = 110, .luma_bits = 10, .chroma_bits = 10}) == wanted);
  CHECK(said({.profile = 110, .luma_bits = 9}) == wanted);
  CHECK(said({.profile = 110, .chroma_bits = 9}) == wanted);
  CHECK(said({.profile = 100, .chroma = 0}) == wanted);
  CHECK(said({.profile = 122, .chroma = 2}) == wanted);
  CHECK(said({.profile = 244, .chroma = 3}) == wanted);
}

TEST_CASE("edges of interlaced video are not encoded") {
  CHECK(said({.frames_only = false}) == "the video is interlaced");
}
