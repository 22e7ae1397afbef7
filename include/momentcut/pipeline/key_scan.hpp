// Looks through a measured cut, without decoding, for what a copy depends on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "momentcut/cut/h264.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/measure.hpp"
#include "momentcut/pipeline/tools.hpp"

namespace momentcut::pipeline {

struct KeyScan {
  std::vector<std::int64_t> keys;  // IDR pictures, ascending pts
  cut::ParameterSets sets;
};

// Scans the H.264 video of `cut`, a cut of one piece; nullopt: its timestamps are not those that
// were measured. Throws core::Error as run_program() does.
std::optional<KeyScan> scan_keys(const MeasuredCut& cut, const std::filesystem::path& folder,
                                 const Tools& tools, Context& context);

// The parameter sets in a file that is a byte stream of them. Throws core::Error(bad_data) where it
// is larger than any can be.
cut::ParameterSets parameter_sets_of(const std::filesystem::path& file);

}  // namespace momentcut::pipeline
