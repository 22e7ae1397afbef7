// The definition of the options, and the help that follows from it.
#include "momentcut/cli/options.hpp"

#include <set>
#include <string>

#include <doctest/doctest.h>

#include "momentcut/core/text.hpp"
#include "print.hpp"

using namespace momentcut::cli;

TEST_CASE("an environment variable is called like its option") {
  CHECK(environment_name("crf") == "MOMENTCUT_CRF");
  CHECK(environment_name("audio-bitrate") == "MOMENTCUT_AUDIO_BITRATE");
  CHECK(environment_name("source") == "MOMENTCUT_SOURCE");
}

TEST_CASE("options are found by their long names") {
  REQUIRE(find_option("output") != nullptr);
  CHECK(find_option("output")->letter == 'o');
  CHECK(find_option("o") == nullptr);
  CHECK(find_option("") == nullptr);
  CHECK(find_option("source") == nullptr);
}

TEST_CASE("no two options share a name, a letter or a variable") {
  std::set<std::string> names;
  std::set<std::string> variables;
  std::multiset<char> letters;
  for (const auto& option : options()) {
    CHECK(names.emplace(option.name).second);
    CHECK(variables.insert(environment_name(option.name)).second);
    if (option.letter != '\0') letters.insert(option.letter);
    CHECK_FALSE(option.help.empty());
  }
  for (const char letter : letters) CHECK(letters.count(letter) == 1);
}

TEST_CASE("a value that may be missing is one, and a list is no flag") {
  for (const auto& option : options()) {
    CAPTURE(option.name);
    if (option.may_stand_alone || option.repeatable) CHECK_FALSE(option.placeholder.empty());
    if (option.countable) CHECK(option.placeholder.empty());
  }
}

TEST_CASE("help lists every option, in lines that fit a terminal") {
  const auto help = help_text();
  for (const auto& option : options()) {
    CAPTURE(option.name);
    const auto names = option.letter == '\0'
                           ? "      --" + std::string(option.name)
                           : std::string("  -") + option.letter + ", --" + std::string(option.name);
    const auto at = help.find("\n" + names);
    REQUIRE(at != std::string::npos);
    const auto end = help.find('\n', at + 1);
    const auto line = help.substr(at + 1, end - at - 1);
    if (!option.placeholder.empty()) {
      const auto value = std::string(option.placeholder);
      CHECK(line.starts_with(names + " " + (option.may_stand_alone ? "[" + value + "]" : value)));
    }
    // Every word of its help follows, on its lines.
    const auto first_word = option.help.substr(0, option.help.find(' '));
    CHECK(help.find(first_word, at) != std::string::npos);
  }
  for (const auto line : momentcut::core::split(help, '\n')) {
    CAPTURE(line);
    CHECK(line.size() <= 80);
    CHECK((line.empty() || line.back() != ' '));
  }
  CHECK(help.starts_with("Usage: momentcut [SOURCE] --start TIME"));
  CHECK(help.ends_with("\n"));
}
