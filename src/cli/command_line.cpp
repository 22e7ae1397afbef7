#include "momentcut/cli/command_line.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/core/time.hpp"

namespace momentcut::cli {
namespace {

using core::Error;
using core::ErrorKind;

// CLI11 reads the words; values stay text, so that every message about them is momentcut's own.
class Parser {
 public:
  Parser() : app_("", "momentcut") {
    app_.set_help_flag();  // --help is an option like the others
    app_.add_option("SOURCE", source_);
    for (const auto& option : options()) add(option);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  CLI::App& app() { return app_; }

  Values values() {
    Values values;
    if (app_.get_option("SOURCE")->count() > 0) values["source"] = source_;
    for (const auto& option : options()) {
      const auto* parsed = app_.get_option("--" + std::string(option.name));
      if (parsed->count() == 0) continue;
      values[std::string(option.name)] = option.countable             ? counted(*parsed)
                                         : option.placeholder.empty() ? flag_value(*parsed)
                                         : option.repeatable
                                             ? fmt::format("{}", fmt::join(parsed->results(), "\n"))
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
    } else if (option.repeatable) {
      app_.add_option(names, lists_[option.name])->allow_extra_args(false);
    } else {
      app_.add_option(names, texts_[option.name])
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
  }

  CLI::App app_;
  std::string source_;
  std::map<std::string_view, std::string> texts_;
  std::map<std::string_view, std::vector<std::string>> lists_;
};

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

// Each list on one line: CLI11 2.1 wants a value beside the bracket that opens it, and takes
// everything for a list that is not closed. nullopt: one is not. Comments go.
std::optional<std::string> with_lists_joined(std::string_view text) {
  std::string joined;
  bool open = false;
  for (auto line : core::split(text, '\n')) {
    line = line.substr(0, line.find('#'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = core::trimmed(line);
    const auto equals = line.find('=');
    const bool opens =
        equals != std::string_view::npos && core::trimmed(line.substr(equals + 1)).starts_with('[');
    open = (open || opens) && !line.ends_with(']');
    joined += line;
    joined += open ? ' ' : '\n';
  }
  return open ? std::nullopt : std::optional(std::move(joined));
}

// Whether `word` is an option whose value is the next word, whatever that is.
bool wants_next(std::string_view word) {
  if (word.starts_with("--")) {
    const auto* option = find_option(word.substr(2));
    return option != nullptr && !option->placeholder.empty() && !option->may_stand_alone;
  }
  if (!word.starts_with('-')) return false;
  for (std::size_t i = 1; i < word.size(); ++i) {
    const auto all = options();
    const auto option = std::find_if(all.begin(), all.end(),
                                     [&](const Option& each) { return each.letter == word[i]; });
    if (option == all.end()) return false;
    if (!option->placeholder.empty()) return i + 1 == word.size();
  }
  return false;
}

// CLI11 takes "--name=" for "--name", which would then swallow the next word, and so would an
// option that may stand alone: both get their empty value as a word of its own.
std::vector<std::string> with_empty_values(const std::vector<std::string>& arguments) {
  std::vector<std::string> words;
  for (auto word = arguments.begin(); word != arguments.end(); ++word) {
    if (*word == "--") {
      words.insert(words.end(), word, arguments.end());
      break;
    }
    const auto next = std::next(word);
    const bool has_next = next != arguments.end();
    if (wants_next(*word)) {
      words.push_back(*word);
      if (has_next) words.push_back(*++word);
      continue;
    }
    const bool ends_empty = word->ends_with('=');
    const bool is_long = word->starts_with("--");
    const auto name = is_long ? word->substr(2, word->size() - (ends_empty ? 3 : 2)) : "";
    const auto* option = find_option(name);
    const bool takes_value = option != nullptr && !option->placeholder.empty();
    if (!takes_value || (!ends_empty && has_next && core::parse_length(*next))) {
      words.push_back(*word);
    } else {
      words.push_back("--" + name);
      words.emplace_back();
    }
  }
  return words;
}

// What stands on the command line and means nothing. Of a word that is no option nothing is shown:
// where quotes were forgotten, it is a piece of a value, and that may be a password.
Error refusal_of(const std::vector<std::string>& unknown) {
  constexpr auto kHint = "see momentcut --help";
  for (const auto& word : unknown) {
    if (!word.starts_with('-')) continue;
    return {ErrorKind::usage, "there is no option " + core::quoted(word.substr(0, word.find('='))),
            kHint};
  }
  return {ErrorKind::usage, "more than one SOURCE is given; a value with spaces needs quotes",
          kHint};
}

std::string with_hashes_shown(std::string text) {
  std::replace(text.begin(), text.end(), kHiddenHash, '#');
  return text;
}

}  // namespace

Values parse_command_line(const std::vector<std::string>& arguments) {
  Parser parser;
  try {
    auto words = with_empty_values(arguments);
    std::reverse(words.begin(), words.end());  // CLI11 takes the words from the back
    parser.app().parse(std::move(words));
    return parser.values();
  } catch (const CLI::ExtrasError&) {
    throw refusal_of(parser.app().remaining());
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorKind::usage, core::printable(error.what()), "see momentcut --help");
  }
}

Values parse_configuration(const std::string& text, const std::string& name) {
  const auto refuse = [&](const std::string& reason) {
    return Error(ErrorKind::configuration, name + ": " + reason,
                 "see CONFIGURATION in momentcut(1)");
  };
  Values values;
  const auto lines = with_lists_joined(with_hashes_hidden(text));
  if (!lines) throw refuse("a list is not closed");
  std::istringstream stream(*lines);
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
    const bool is_list = option != nullptr && option->repeatable && !item.inputs.empty();
    if (item.inputs.size() != 1 && !is_list) {
      throw refuse(fmt::format("{} needs one value", core::quoted(full_name)));
    }
    const auto value = with_hashes_shown(fmt::format("{}", fmt::join(item.inputs, "\n")));
    if (const auto [place, is_new] = values.try_emplace(item.name, value); !is_new) {
      if (!is_list) throw refuse(fmt::format("{} needs one value", core::quoted(full_name)));
      place->second += '\n' + value;
    }
  }
  return values;
}

}  // namespace momentcut::cli
