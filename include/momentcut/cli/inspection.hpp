// --inspect: what is in a source, as a table or as canonical JSON.
#pragma once

#include <string>

#include "momentcut/pipeline/receipt.hpp"

namespace momentcut::cli {

// A bare playlist is printed as itself:
//   {"type":"media","version":…,…,"segments":[…]} or {"type":"multivariant","variants":[…],…}
// A recording's folder, or a rendition asked for besides, adds what was resolved around it:
//   {"source":…,"recording":…,"playlist_path":…,"playlist":{…},
//    "rendition":{"name":…,"playlist_path":…,"playlist":{…}}}
std::string inspection_json(const pipeline::Inspection& inspection);

std::string inspection_text(const pipeline::Inspection& inspection);

}  // namespace momentcut::cli
