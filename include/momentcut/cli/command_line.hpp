// What the command line and the configuration file say, by option: CLI11's part.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "momentcut/cli/options.hpp"

namespace momentcut::cli {

using Values = std::map<std::string, std::string, std::less<>>;

// What stands on the command line: option name to value (a flag's is "true", or what stands after
// its equals sign; a countable one's is how often it stands there; a repeatable one's are lines),
// and SOURCE under "source". Of any other option that is repeated, the last one counts. An option
// that may stand alone takes the next word only where that is a length of time. Throws
// core::Error(usage).
Values parse_command_line(const std::vector<std::string>& arguments);

// The same from the text of a configuration file (TOML, as CLI11 reads it: `name = value` lines).
// `name` is what errors call the file. Throws core::Error(configuration) for an option that does
// not exist or cannot stand there.
Values parse_configuration(const std::string& text, const std::string& name);

}  // namespace momentcut::cli
