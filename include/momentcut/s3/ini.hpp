// AWS's INI files: their sections, and the words within a value ("AWS SDKs and Tools Reference
// Guide", "Shared config and credentials files").
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace momentcut::s3 {

// A section's settings, their names in lower case. Those of a nested block ("s3 =" and indented
// lines below it) are named "s3.addressing_style".
using Section = std::map<std::string, std::string, std::less<>>;
using Sections = std::map<std::string, Section, std::less<>>;

// Reads an AWS config or credentials file. Section names are given as they stand ("profile x",
// "default", "services y"), inner spaces collapsed to one. Values of any length; "#" and ";" begin
// a comment at a line's beginning, or after white space. A line that is indented deeper than its
// setting goes on with the value (after '\n'). What is given twice: the last holds. `name` is what
// errors call the file. Throws core::Error(configuration), "NAME:LINE: …", never quoting the line.
Sections parse_ini(std::string_view text, std::string_view name);

// "[KIND NAME]", where NAME may be quoted as for a shell; nullptr: there is none.
const Section* find_section(const Sections& sections, std::string_view kind, std::string_view name);

// The words that a POSIX shell would make of `text`, quotes and backslashes resolved and nothing
// expanded; nullopt where a quote is not closed or the last backslash is alone.
std::optional<std::vector<std::string>> split_words(std::string_view text);

}  // namespace momentcut::s3
