// The words of the command line and of a configuration file.
#include "momentcut/cli/options.hpp"

#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "momentcut/core/text.hpp"
#include "print.hpp"

using namespace momentcut::cli;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;

namespace {

Values parsed(const std::vector<std::string>& arguments) {
  return parse_command_line(arguments);
}

void check_refused(const std::vector<std::string>& arguments) {
  CAPTURE(momentcut::core::shell_quoted(arguments));
  const auto error = thrown_by([&] { parse_command_line(arguments); });
  CHECK(error.kind() == ErrorKind::usage);
  CHECK(error.hint() == "see momentcut --help");
}

}  // namespace

TEST_CASE("a command line is a source and options in any order") {
  const Values wanted{{"source", "rec"},
                      {"start", "60"},
                      {"end", "120"},
                      {"output", "o.mp4"},
                      {"rendition", "720p60"}};
  CHECK(parsed({"rec", "--start", "60", "--end", "120", "-o", "o.mp4", "-r", "720p60"}) == wanted);
  CHECK(parsed({"--start", "60", "-r720p60", "--end", "120", "rec", "-oo.mp4"}) == wanted);
  CHECK(parsed({"--start=60", "--end=120", "--output=o.mp4", "--rendition=720p60", "rec"}) ==
        wanted);
  CHECK(parsed({"-o", "o.mp4", "-r", "720p60", "--start", "60", "--end", "120", "--", "rec"}) ==
        wanted);
  CHECK(parsed({}).empty());
}

TEST_CASE("a time may be negative") {
  CHECK(parsed({"--start", "-30"}) == Values{{"start", "-30"}});
  CHECK(parsed({"--start=-30"}) == Values{{"start", "-30"}});
  CHECK(parsed({"--start", "-1:30", "--end", "-0.5", "rec"}) ==
        Values{{"start", "-1:30"}, {"end", "-0.5"}, {"source", "rec"}});
  CHECK(parsed({"--end", "end", "--start", "-1h2m"}) == Values{{"end", "end"}, {"start", "-1h2m"}});
}

TEST_CASE("a dash alone is a value, and a source") {
  CHECK(parsed({"-o", "-"}) == Values{{"output", "-"}});
  CHECK(parsed({"--output", "-", "rec"}) == Values{{"output", "-"}, {"source", "rec"}});
  CHECK(parsed({"-o-"}) == Values{{"output", "-"}});
}

TEST_CASE("what follows two dashes is the source, however it begins") {
  CHECK(parsed({"--force", "--", "-odd-name"}) == Values{{"force", "1"}, {"source", "-odd-name"}});
}

TEST_CASE("a flag is on, and the countable one says how often") {
  CHECK(parsed({"-v"}) == Values{{"verbose", "1"}});
  CHECK(parsed({"-vv"}) == Values{{"verbose", "2"}});
  CHECK(parsed({"-v", "--verbose", "-v"}) == Values{{"verbose", "3"}});
  CHECK(parsed({"-fq"}) == Values{{"force", "1"}, {"quiet", "1"}});
  CHECK(parsed({"-fo", "x"}) == Values{{"force", "1"}, {"output", "x"}});
  CHECK(parsed({"--force", "--force"}) == Values{{"force", "1"}});
  CHECK(parsed({"--help"}) == Values{{"help", "1"}});
  CHECK(parsed({"-h"}) == Values{{"help", "1"}});
}

TEST_CASE("values stay as they are given") {
  for (const std::string value : {"a b", "", "[a,b]", "{name}.mp4", "a,b", "\"q\"", "'q'", "a=b",
                                  "größe", "%", "a\\b", "--start", "=", "[", "{}", "true"}) {
    CAPTURE(value);
    CHECK(parsed({"--output", value}) == Values{{"output", value}});
    CHECK(parsed({"--force", "--", value + "x"}) ==
          Values{{"force", "1"}, {"source", value + "x"}});
  }
}

TEST_CASE("a value after an equals sign stays as it is given") {
  for (const std::string value : {"a b", "a=b", "-", "--x", "[a,b]", "\"q\""}) {
    CAPTURE(value);
    CHECK(parsed({"--output=" + value, "rec"}) == Values{{"output", value}, {"source", "rec"}});
  }
}

TEST_CASE("an empty value after an equals sign does not swallow the next word") {
  Values values;
  try {
    values = parsed({"--output=", "rec"});
  } catch (const momentcut::core::Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    return;
  }
  CHECK(values == Values{{"output", ""}, {"source", "rec"}});
}

TEST_CASE("a flag that is said to be off is not on") {
  for (const std::string word :
       {"--force=false", "--force=no", "--force=0", "--skip-existing=off"}) {
    CAPTURE(word);
    try {
      const auto values = parsed({word});
      for (const auto& [name, value] : values) CHECK(value == word.substr(word.find('=') + 1));
    } catch (const momentcut::core::Error& error) {
      CHECK(error.kind() == ErrorKind::usage);
    }
  }
}

TEST_CASE("what is no option is refused") {
  check_refused({"--no-such-option"});
  check_refused({"-x"});
  check_refused({"--star", "5"});
  check_refused({"rec", "another"});
  check_refused({"--", "rec", "another"});
  check_refused({"--Start", "5"});
  check_refused({"--source", "rec"});
}

TEST_CASE("an option without its value is refused, and of several values the last one counts") {
  check_refused({"--start"});
  check_refused({"rec", "-o"});
  CHECK(parsed({"--start", "1", "--start", "2"}) == Values{{"start", "2"}});
  CHECK(parsed({"-r", "a", "-r", "b"}) == Values{{"rendition", "b"}});
}

TEST_CASE("an error about the command line is one line") {
  const auto error = thrown_by([] { parse_command_line({"--no\nsuch\x1b[31m"}); });
  CHECK(error.line().find_first_of("\n\x1b") == std::string::npos);
}

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
      CHECK(line.starts_with(names + " " + std::string(option.placeholder)));
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
