// Completion scripts for shells, from the one definition of the options.
#pragma once

#include <string>
#include <string_view>

namespace momentcut::cli {

// The script for "bash", "fish" or "zsh". Throws core::Error(usage) for another shell.
std::string completion_script(std::string_view shell);

}  // namespace momentcut::cli
