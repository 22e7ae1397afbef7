// The names of outputs: templates such as "{name}-{start}-{end}.mp4".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "momentcut/core/time.hpp"

namespace momentcut::pipeline {

// What the fields of a template stand for.
struct NameFields {
  std::string name;  // of the recording
  std::string id;    // of the recording's folder
  std::string rendition;
  core::Range range;                   // {start}, {end}, {duration}
  std::optional<core::WallTime> date;  // of the clip's first frame, or of the recording
};

// Throws core::Error(usage) for a brace that does not close and for a field that does not exist.
void check_template(std::string_view pattern);

// `pattern` with its fields filled in; "{{" and "}}" are braces. What comes from the recording is
// made one file name's part: no slash, no control character, no leading dot. Throws core::Error as
// check_template does, and for a {date} that is not known.
std::string expand_template(std::string_view pattern, const NameFields& fields);

// The path to write: `output` expanded, and the default name in it where it is a folder (or ends in
// a slash). Without `output` the default name in the working folder.
std::string output_path(const std::optional<std::string>& output, const NameFields& fields,
                        bool audio_only);

}  // namespace momentcut::pipeline
