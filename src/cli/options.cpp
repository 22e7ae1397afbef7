#include "momentcut/cli/options.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::cli {
namespace {

using core::Error;
using core::ErrorKind;

constexpr std::string_view kMoment = "The moment";
constexpr std::string_view kOutput = "Output";
constexpr std::string_view kEncoding = "Encoding";
constexpr std::string_view kInstead = "Instead of cutting";
constexpr std::string_view kReporting = "Reporting";
constexpr std::string_view kWorkings = "Workings";

constexpr std::array kOptions{
    Option{"start", '\0', "TIME", kMoment,
           "first moment of the clip: 90, 1:30, 1h2m3s, 250ms, -30 (from the end)"},
    Option{"end", '\0', "TIME", kMoment, "moment at which it ends (not part of it), or \"end\""},
    Option{"duration", '\0', "TIME", kMoment, "length, instead of --end"},
    Option{"rendition", 'r', "NAME", kMoment,
           "best (default), worst, 720p60, 720p, audio, or a name that --inspect shows",
           "best worst audio"},
    Option{"output", 'o', "FILE", kOutput,
           "file, folder, template ({name} {start} {end} {duration} {rendition} {date} {id}), or - "
           "for stdout (default: {name}-{start}-{end}.mp4)",
           "FILE"},
    Option{"force", 'f', "", kOutput, "replace an existing output"},
    Option{"skip-existing", '\0', "", kOutput, "succeed where the output exists already"},
    Option{"crf", '\0', "0-51", kEncoding, "quality, lower is better (default: 18)"},
    Option{"preset", '\0', "NAME", kEncoding, "x264 preset, slower is smaller (default: veryfast)",
           "ultrafast superfast veryfast faster fast medium slow slower veryslow placebo"},
    Option{"audio-bitrate", '\0', "KBIT", kEncoding, "AAC bit rate in kbit/s (default: 192)"},
    Option{"threads", '\0', "N", kEncoding, "encoder threads (default: as many as it likes)"},
    Option{"inspect", '\0', "", kInstead, "show what is in SOURCE", {}, false, false},
    Option{
        "dry-run", '\0', "", kInstead, "show what would be done; write nothing", {}, false, false},
    Option{"completion", '\0', "SHELL", kInstead, "print completions for bash, fish or zsh",
           "bash fish zsh", false, false},
    Option{"version", '\0', "", kInstead, "print the version", {}, false, false},
    Option{"help", 'h', "", kInstead, "print this", {}, false, false},
    Option{"json", '\0', "", kReporting, "the result on stdout as JSON"},
    Option{"progress", '\0', "HOW", kReporting,
           "auto (default), bar, plain, json or none; on stderr", "auto bar plain json none"},
    Option{"quiet", 'q', "", kReporting, "nothing on stderr but errors"},
    Option{"verbose",
           'v',
           "",
           kReporting,
           "how it is done; -vv: every child's command line",
           {},
           true},
    Option{"ffmpeg", '\0', "PATH", kWorkings, "the ffmpeg to run (default: the one on PATH)",
           "FILE"},
    Option{"ffprobe", '\0', "PATH", kWorkings, "the ffprobe to run (default: the one on PATH)",
           "FILE"},
    Option{"temp-dir", '\0', "FOLDER", kWorkings,
           "where temporary files go (default: $TMPDIR, or /tmp)", "FOLDER"},
    Option{"keep-temp", '\0', "", kWorkings, "leave them there and say where"},
    Option{"stall-timeout", '\0', "TIME", kWorkings,
           "give up on an ffmpeg that says nothing for so long (default: 60 s)"},
    Option{"config", '\0', "FILE", kWorkings,
           "configuration file (default: $XDG_CONFIG_HOME/momentcut/config.toml)", "FILE"},
};

constexpr std::string_view kDescription =
    "Cuts a moment out of a livestream recording: an MP4 that begins and ends on\n"
    "exactly the frames asked for.";
constexpr std::string_view kSourceHelp =
    "an HLS playlist, or a folder that holds a recording (default: $MOMENTCUT_SOURCE, source in "
    "the "
    "config file, the working folder)";
constexpr std::string_view kFooter =
    "Examples:\n"
    "  momentcut --start 60 --end 120          out of the recording in this folder\n"
    "  momentcut rec/ --start 1:02:03 --duration 30 -r 720p60 -o goal.mp4\n"
    "  momentcut rec/ --inspect                what is in it\n"
    "\n"
    "Every option but those under \"Instead of cutting\" can also be set as\n"
    "MOMENTCUT_NAME in the environment and as name = value in the config file. The\n"
    "command line goes first, then the environment, then the file.\n"
    "momentcut(1) has it all.";

constexpr std::size_t kHelpWidth = 79;
constexpr std::size_t kHelpIndent = 26;

// Lays `text` out from `column` on, in lines of kHelpWidth that begin at kHelpIndent.
std::string wrapped(std::string_view text, std::size_t column) {
  std::string out;
  if (column + 2 > kHelpIndent) {
    out += '\n';
    column = 0;
  }
  out += std::string(kHelpIndent - column, ' ');
  column = kHelpIndent;
  bool first = true;
  for (const auto word : core::split(text, ' ')) {
    if (!first && column + 1 + word.size() > kHelpWidth) {
      out += '\n' + std::string(kHelpIndent, ' ');
      column = kHelpIndent;
      first = true;
    }
    out += first ? "" : " ";
    out += word;
    column += word.size() + (first ? 0 : 1);
    first = false;
  }
  return out + '\n';
}

std::string help_entry(const Option& option) {
  auto names = option.letter == '\0' ? fmt::format("      --{}", option.name)
                                     : fmt::format("  -{}, --{}", option.letter, option.name);
  if (!option.placeholder.empty()) names += fmt::format(" {}", option.placeholder);
  return names + wrapped(option.help, names.size());
}

// CLI11 reads the words; values stay text, so that every message about them is momentcut's own.
class Parser {
 public:
  Parser() : app_("", "momentcut") {
    app_.set_help_flag();  // --help is an option like the others
    app_.add_option("SOURCE", source_);
    for (const auto& option : kOptions) add(option);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  CLI::App& app() { return app_; }

  Values values() {
    Values values;
    if (app_.get_option("SOURCE")->count() > 0) values["source"] = source_;
    for (const auto& option : kOptions) {
      const auto* parsed = app_.get_option("--" + std::string(option.name));
      if (parsed->count() == 0) continue;
      values[std::string(option.name)] = option.countable             ? counted(*parsed)
                                         : option.placeholder.empty() ? flag_value(*parsed)
                                                                      : texts_[option.name];
    }
    return values;
  }

 private:
  // "1", or what stands after its equals sign.
  static std::string flag_value(const CLI::Option& flag) {
    const auto& said = flag.results().back();
    return said == "true" ? "1" : said;
  }

  // "-v -v" is 2, and so is "--verbose=2".
  static std::string counted(const CLI::Option& flag) {
    std::uint64_t sum = 0;
    for (const auto& said : flag.results())
      sum += core::parse_unsigned(said).value_or(said == "true");
    return std::to_string(sum);
  }

  void add(const Option& option) {
    auto names = fmt::format("--{}", option.name);
    if (option.letter != '\0') names = fmt::format("-{},{}", option.letter, names);
    if (option.placeholder.empty()) {
      app_.add_flag(names)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    } else {
      app_.add_option(names, texts_[option.name])
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
  }

  CLI::App app_;
  std::string source_;
  std::map<std::string_view, std::string> texts_;
};

}  // namespace

namespace {

// CLI11 2.1 takes any '#' for a comment's beginning, also between quotes. Meanwhile it is a
// character that no setting holds.
constexpr char kHiddenHash = '\x01';

std::string with_hashes_hidden(std::string text) {
  char quote = '\0';
  bool comment = false;
  for (char& c : text) {
    if (c == '\n') {
      quote = '\0';
      comment = false;
    } else if (quote != '\0') {
      if (c == quote) quote = '\0';
      if (c == '#') c = kHiddenHash;
    } else if (c == '#') {
      comment = true;
    } else if (!comment && (c == '"' || c == '\'')) {
      quote = c;
    }
  }
  return text;
}

// CLI11 takes "--name=" for "--name", which would then swallow the next word: such words are taken
// out and noted as empty values.
std::vector<std::string> without_empty_values(const std::vector<std::string>& arguments,
                                              Values& empty) {
  std::vector<std::string> words;
  for (const auto& word : arguments) {
    const bool ends_empty = word.starts_with("--") && word.ends_with('=');
    const auto name = ends_empty ? word.substr(2, word.size() - 3) : "";
    const auto* option = find_option(name);
    if (option != nullptr && !option->placeholder.empty()) {
      empty[name] = "";
    } else {
      words.push_back(word);
    }
  }
  return words;
}

std::string with_hashes_shown(std::string text) {
  std::replace(text.begin(), text.end(), kHiddenHash, '#');
  return text;
}

}  // namespace

std::span<const Option> options() {
  return kOptions;
}

const Option* find_option(std::string_view name) {
  const auto* found = std::find_if(kOptions.begin(), kOptions.end(),
                                   [&](const Option& option) { return option.name == name; });
  return found == kOptions.end() ? nullptr : found;
}

std::string environment_name(std::string_view option) {
  std::string name = "MOMENTCUT_";
  for (const char c : option) {
    name += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

Values parse_command_line(const std::vector<std::string>& arguments) {
  Values values;
  Parser parser;
  try {
    auto words = without_empty_values(arguments, values);
    std::reverse(words.begin(), words.end());  // CLI11 takes the words from the back
    parser.app().parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorKind::usage, core::printable(error.what()), "see momentcut --help");
  }
  for (auto& [name, value] : parser.values()) values[name] = value;
  return values;
}

Values parse_configuration(const std::string& text, const std::string& name) {
  const auto refuse = [&](const std::string& reason) {
    return Error(ErrorKind::configuration, name + ": " + reason,
                 "see CONFIGURATION in momentcut(1)");
  };
  Values values;
  std::istringstream stream(with_hashes_hidden(text));
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML().from_config(stream);
  } catch (const CLI::Error& error) {
    throw refuse(core::printable(error.what()));
  }
  for (const auto& item : items) {
    const auto full_name = item.fullname();
    const auto* option = find_option(item.name);
    // A file cannot name the file to read instead of it.
    const bool known =
        item.name == "source" || (option != nullptr && option->everywhere && item.name != "config");
    if (!item.parents.empty() || !known) {
      throw refuse(fmt::format("there is no setting {}", core::quoted(full_name)));
    }
    if (item.inputs.size() != 1) {
      throw refuse(fmt::format("{} needs one value", core::quoted(full_name)));
    }
    if (values.contains(item.name)) {
      throw refuse(fmt::format("{} needs one value", core::quoted(full_name)));
    }
    values[item.name] = with_hashes_shown(item.inputs.front());
  }
  return values;
}

std::string help_text() {
  std::string text =
      "Usage: momentcut [SOURCE] --start TIME (--end TIME | --duration TIME) ...\n\n";
  text += fmt::format("{}\n\n  SOURCE{}", kDescription, wrapped(kSourceHelp, 8));
  std::string_view group;
  for (const auto& option : kOptions) {
    if (option.group != group) text += fmt::format("\n{}:\n", option.group);
    group = option.group;
    text += help_entry(option);
  }
  return text + "\n" + std::string(kFooter) + "\n";
}

}  // namespace momentcut::cli
