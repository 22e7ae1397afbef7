// The names of outputs: templates such as "{name}-{start}-{end}.mp4".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "momentcut/core/time.hpp"
#include "momentcut/s3/location.hpp"

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

// "{name}-{start}-{end}.mp4", or .m4a for audio alone.
std::string default_name(const NameFields& fields, bool audio_only);

// The object to upload to: the destination's key expanded, and the default name after it where it
// ends in a slash or is empty. Throws core::Error(usage) as expand_template() and s3::object_of()
// do.
s3::Object upload_object(const s3::Location& destination, const NameFields& fields,
                         bool audio_only);

// The path to write: `output` expanded, and the default name in it where it is a folder (or ends in
// a slash). Without `output` the default name in the working folder.
std::string output_path(const std::optional<std::string>& output, const NameFields& fields,
                        bool audio_only);

}  // namespace momentcut::pipeline
