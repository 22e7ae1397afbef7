// A part of a join that begins with a key frame within a segment: what lies before it need not be
// decoded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "momentcut/cut/plan.hpp"
#include "momentcut/io/interrupt.hpp"
#include "momentcut/pipeline/measure_run.hpp"

namespace momentcut::pipeline {

// For `frames` of what was found, all of them shown at or after `key`, the pts of an IDR picture:
// a new file `file` and its list beside it. nullopt where the container does not allow it (other
// than MPEG-TS, or its tables are not where a segment begins).
std::optional<Decoded> spliced(RunMeter& meter, const Found& found, const cut::FrameCut& frames,
                               std::int64_t key, const std::filesystem::path& file,
                               io::Interrupt& interrupt);

}  // namespace momentcut::pipeline
