// Which error an attempt to get or send something comes to, and what its reader can do about it.
#pragma once

#include <chrono>
#include <string>

#include "momentcut/core/error.hpp"
#include "momentcut/io/http.hpp"
#include "momentcut/s3/xml.hpp"

namespace momentcut::pipeline {

// Of an attempt that broke, or was answered by no success. `what` was wanted; `error` is the
// service's own, or empty.
core::Error failure_of(const std::string& what, const io::HttpOutcome& outcome,
                       const s3::ServiceError& error);

// Of a body that trickles.
core::Error stall_error(const std::string& what, std::chrono::milliseconds limit);

}  // namespace momentcut::pipeline
