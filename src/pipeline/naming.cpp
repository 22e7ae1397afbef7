#include "momentcut/pipeline/naming.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

constexpr std::string_view kFields[] = {"name",      "start", "end", "duration",
                                        "rendition", "date",  "id"};

// A file name holds 255 bytes; with this, the default one always fits.
constexpr std::size_t kLongestPart = 120;

[[noreturn]] void refuse(std::string_view pattern, std::string_view reason) {
  throw Error(ErrorKind::usage,
              fmt::format("output name {}: {}", core::quoted(pattern, 400), reason),
              "fields are {name} {start} {end} {duration} {rendition} {date} {id}, a brace is {{");
}

// Calls `text` with each literal piece and `field` with each field's name.
template <typename OnText, typename OnField>
void each_part(std::string_view pattern, OnText text, OnField field) {
  for (auto rest = pattern; !rest.empty();) {
    const auto brace = rest.find_first_of("{}");
    text(rest.substr(0, brace));
    if (brace == std::string_view::npos) return;
    rest.remove_prefix(brace);
    if (rest.starts_with("{{") || rest.starts_with("}}")) {
      text(rest.substr(0, 1));
      rest.remove_prefix(2);
      continue;
    }
    const auto close = rest.find('}');
    if (rest.front() == '}' || close == std::string_view::npos) {
      refuse(pattern, "a brace is not closed");
    }
    const auto name = rest.substr(1, close - 1);
    if (std::find(std::begin(kFields), std::end(kFields), name) == std::end(kFields)) {
      refuse(pattern, fmt::format("there is no field {}", core::quoted(name)));
    }
    field(name);
    rest.remove_prefix(close + 1);
  }
}

std::string safe_part(std::string_view text) {
  std::string part = core::printable(text.substr(0, core::whole_characters(text, kLongestPart)));
  std::replace(part.begin(), part.end(), '/', '_');
  std::replace(part.begin(), part.end(), '?', '_');
  if (part.empty() || part.front() == '.' || part.front() == '-') part.insert(0, "_");
  return part;
}

std::string field_value(std::string_view pattern, std::string_view name, const NameFields& fields) {
  if (name == "name") return safe_part(fields.name);
  if (name == "id") return safe_part(fields.id);
  if (name == "rendition") return safe_part(fields.rendition);
  if (name == "start") return core::format_filename_time(fields.range.start);
  if (name == "end") return core::format_filename_time(fields.range.end);
  if (name == "duration") return core::format_filename_time(fields.range.duration());
  if (!fields.date) refuse(pattern, "the recording has no date");
  return core::format_wall_time(*fields.date).substr(0, 10);
}

}  // namespace

void check_template(std::string_view pattern) {
  each_part(
      pattern, [](std::string_view) {}, [](std::string_view) {});
}

std::string expand_template(std::string_view pattern, const NameFields& fields) {
  std::string path;
  each_part(
      pattern, [&](std::string_view text) { path += text; },
      [&](std::string_view name) { path += field_value(pattern, name, fields); });
  return path;
}

std::string default_name(const NameFields& fields, bool audio_only) {
  return expand_template(audio_only ? "{name}-{start}-{end}.m4a" : "{name}-{start}-{end}.mp4",
                         fields);
}

s3::Object upload_object(const s3::Location& destination, const NameFields& fields,
                         bool audio_only) {
  auto object = s3::object_of(destination);
  object.key = expand_template(object.key, fields);
  if (object.key.empty() || object.key.ends_with('/'))
    object.key += default_name(fields, audio_only);
  return s3::object_of(s3::location_of(object));
}

std::string output_path(const std::optional<std::string>& output, const NameFields& fields,
                        bool audio_only) {
  if (!output) return default_name(fields, audio_only);
  if (*output == "-") return *output;
  const std::filesystem::path path = expand_template(*output, fields);
  std::error_code ignored;
  const bool is_folder = path.filename().empty() || std::filesystem::is_directory(path, ignored);
  return is_folder ? (path / default_name(fields, audio_only)).native() : path.native();
}

}  // namespace momentcut::pipeline
