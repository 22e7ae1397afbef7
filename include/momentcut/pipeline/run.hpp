// The story: from a request to a clip where it belongs, and what there is to tell about it.
#pragma once

#include "momentcut/io/interrupt.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/receipt.hpp"
#include "momentcut/pipeline/request.hpp"

namespace momentcut::pipeline {

// Each throws core::Error, with nothing left behind: no child, no temporary file (unless they were
// asked to be kept), no half output.

// Cuts the moment.
Receipt cut_moment(const Request& request, const Observer& observer, io::Interrupt& interrupt);

// Tells what cut_moment() would do; writes no output.
Plan plan_moment(const Request& request, const Observer& observer, io::Interrupt& interrupt);

// Tells what is in the source. A bare multivariant playlist needs none of its renditions to be
// there unless `details` of the chosen one are wanted.
Inspection inspect_source(const Request& request, bool details, const Observer& observer,
                          io::Interrupt& interrupt);

}  // namespace momentcut::pipeline
