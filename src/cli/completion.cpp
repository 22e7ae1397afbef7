#include "momentcut/cli/completion.hpp"

#include <iterator>

#include <fmt/format.h>

#include "momentcut/cli/options.hpp"
#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::cli {
namespace {

// For text between single quotes in a shell script.
std::string without_quotes(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != '\'') out += c;
  }
  return out;
}

std::string bash() {
  std::string words;
  std::string cases;
  for (const auto& option : options()) {
    words += fmt::format(" --{}", option.name);
    if (option.letter != '\0') words += fmt::format(" -{}", option.letter);
    // What may stand alone leaves the next word to others.
    if (option.placeholder.empty() || option.may_stand_alone) continue;
    const auto names = option.letter == '\0' ? fmt::format("--{}", option.name)
                                             : fmt::format("--{}|-{}", option.name, option.letter);
    const auto reply = option.choices == "FILE" ? std::string("compgen -f -- \"$cur\"")
                       : option.choices == "FOLDER"
                           ? std::string("compgen -d -- \"$cur\"")
                           : fmt::format("compgen -W '{}' -- \"$cur\"", option.choices);
    cases += fmt::format("    {}) mapfile -t COMPREPLY < <({}); return ;;\n", names, reply);
  }
  return fmt::format(
      "# bash completion for momentcut\n"
      "_momentcut() {{\n"
      "  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}}\n"
      "  case $prev in\n{}  esac\n"
      "  if [[ $cur == -* ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\")\n"
      "  else\n"
      "    mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
      "  fi\n"
      "}}\n"
      "complete -o filenames -F _momentcut momentcut\n",
      cases, words.substr(1));
}

std::string fish() {
  std::string script = "# fish completion for momentcut\n";
  for (const auto& option : options()) {
    script += fmt::format("complete -c momentcut -l {}", option.name);
    if (option.letter != '\0') script += fmt::format(" -s {}", option.letter);
    if (!option.placeholder.empty() && !option.may_stand_alone) {
      script += " -r";
      if (option.choices == "FOLDER") {
        script += " -a '(__fish_complete_directories)'";
      } else if (option.choices != "FILE") {
        script += fmt::format(" -f -a '{}'", option.choices);
      }
    }
    script += fmt::format(" -d '{}'\n", without_quotes(option.help));
  }
  return script;
}

// zsh's _arguments reads ':' and brackets as its own.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : without_quotes(text)) {
    if (c == ':' || c == '[' || c == ']') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh() {
  std::string script = "#compdef momentcut\n_arguments -s \\\n";
  for (const auto& option : options()) {
    const auto value = option.placeholder.empty() ? std::string()
                       : option.choices == "FILE" ? std::string(":file:_files")
                       : option.choices == "FOLDER"
                           ? std::string(":folder:_files -/")
                           : fmt::format("{}:{}:({})", option.may_stand_alone ? ":" : "",
                                         zsh_text(option.placeholder), option.choices);
    const auto star = option.countable || option.repeatable ? "*" : "";
    script += fmt::format("  '{}--{}[{}]{}' \\\n", star, option.name, zsh_text(option.help), value);
    if (option.letter != '\0') {
      script +=
          fmt::format("  '{}-{}[{}]{}' \\\n", star, option.letter, zsh_text(option.help), value);
    }
  }
  return script + "  '::source:_files'\n";
}

}  // namespace

std::string completion_script(std::string_view shell) {
  if (shell == "bash") return bash();
  if (shell == "fish") return fish();
  if (shell == "zsh") return zsh();
  throw core::Error(core::ErrorKind::usage,
                    "--completion: " + core::quoted(shell) + " is not one of bash, fish, zsh",
                    "see momentcut --help");
}

}  // namespace momentcut::cli
