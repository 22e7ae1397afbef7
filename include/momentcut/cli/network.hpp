// The settings about servers, S3 and uploads, understood.
#pragma once

#include <optional>

#include "momentcut/cli/settings.hpp"
#include "momentcut/pipeline/request.hpp"

namespace momentcut::cli {

// Throws core::Error(usage) for a value that is not in its form or range.
pipeline::NetworkOptions network_options(const Settings& settings);

// nullopt: nothing is to be uploaded. Throws core::Error(usage), also for settings that say how to
// upload where nothing says that.
std::optional<pipeline::UploadOptions> upload_options(const Settings& settings);

}  // namespace momentcut::cli
