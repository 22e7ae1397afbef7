// Settings from the command line, the environment and the configuration file, and their values.
#include "momentcut/cli/settings.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "print.hpp"

using namespace momentcut::cli;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::Position;
using momentcut::core::thrown_by;

namespace {

Settings with(Values command_line, Values environment = {}, Values configuration = {}) {
  return {std::move(command_line), std::move(environment), std::move(configuration), "c.toml"};
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a flag understands the usual words") {
  const auto force = [](const std::string& word) {
    return with({}, {{"MOMENTCUT_FORCE", word}}).flag("force");
  };
  for (const std::string word : {"1", "true", "yes", "on", "TRUE", "Yes", "On"}) {
    CAPTURE(word);
    CHECK(force(word));
  }
  for (const std::string word : {"", "0", "false", "no", "off", "FALSE", "No", "OFF"}) {
    CAPTURE(word);
    CHECK_FALSE(force(word));
  }
  for (const std::string word : {"2", "y", "maybe", " yes", "-1"}) {
    CAPTURE(word);
    CHECK(thrown_by([&] { force(word); }).line() ==
          "MOMENTCUT_FORCE: \"" + word + "\" is not yes or no");
  }
  CHECK(thrown_by([] {
          (void)with({}, {}, {{"json", "ja"}}).flag("json");
        }).line() == "json in c.toml: \"ja\" is not yes or no");
  CHECK_FALSE(with({}).flag("force"));
}

TEST_CASE("a setting tells where it comes from") {
  const auto all = with({{"crf", "1"}}, {{"MOMENTCUT_CRF", "2"}, {"MOMENTCUT_TEMP_DIR", "t"}},
                        {{"crf", "3"}, {"preset", "p"}, {"source", "s"}});
  REQUIRE(all.find("crf"));
  CHECK(all.find("crf")->origin == "--crf");
  CHECK(all.find("temp-dir")->origin == "MOMENTCUT_TEMP_DIR");
  CHECK(all.find("preset")->origin == "preset in c.toml");
  CHECK(all.find("source")->origin == "source in c.toml");
  CHECK(all.find("source")->value == "s");
  CHECK_FALSE(all.find("threads"));
}

TEST_CASE("the configuration file is the one that is named, or the user's own") {
  const auto file = [](Values command_line, Values environment) {
    return configuration_file({std::move(command_line), std::move(environment), {}, ""});
  };
  CHECK(file({{"config", "a.toml"}}, {{"MOMENTCUT_CONFIG", "b.toml"}}).path == "a.toml");
  CHECK(file({{"config", "a.toml"}}, {}).required);
  CHECK(file({}, {{"MOMENTCUT_CONFIG", "b.toml"}, {"HOME", "/h"}}).path == "b.toml");
  CHECK(file({}, {{"MOMENTCUT_CONFIG", "b.toml"}}).required);
  CHECK(file({}, {{"XDG_CONFIG_HOME", "/x"}, {"HOME", "/h"}}).path == "/x/momentcut/config.toml");
  CHECK_FALSE(file({}, {{"XDG_CONFIG_HOME", "/x"}}).required);
  CHECK(file({}, {{"HOME", "/h"}}).path == "/h/.config/momentcut/config.toml");
  CHECK(file({}, {{"XDG_CONFIG_HOME", ""}, {"HOME", "/h"}}).path ==
        "/h/.config/momentcut/config.toml");
  CHECK_FALSE(file({}, {{"HOME", "/h"}}).required);
  CHECK(file({}, {}).path.empty());
  CHECK_FALSE(file({}, {}).required);
  CHECK(thrown_by([&] { file({{"config", ""}}, {}); }).line() == "--config is empty");
}

TEST_CASE("what only the command line may say is not looked for elsewhere") {
  const auto all = with({}, {{"MOMENTCUT_INSPECT", "1"}}, {{"dry-run", "1"}});
  CHECK_FALSE(all.find("inspect"));
  CHECK_FALSE(all.find("dry-run"));
  CHECK(with({{"inspect", "1"}}).find("inspect"));
}

TEST_CASE("a setting tells how far away it was said") {
  const auto all =
      with({{"crf", "1"}}, {{"MOMENTCUT_CRF", "2"}, {"MOMENTCUT_ACL", "private"}}, {{"sse", "x"}});
  CHECK(all.find("crf")->distance == 0);
  CHECK(all.find("acl")->distance == 1);
  CHECK(all.find("sse")->distance == 2);
}

TEST_CASE("of two settings that exclude each other, the one nearer to the call counts") {
  CHECK(nearer_of(with({{"end", "1"}}, {{"MOMENTCUT_DURATION", "2"}}), "end", "duration") ==
        Nearer::first);
  CHECK(nearer_of(with({}, {{"MOMENTCUT_DURATION", "2"}}, {{"end", "1"}}), "end", "duration") ==
        Nearer::second);
  CHECK(thrown_by([] {
          (void)nearer_of(with({{"end", "1"}, {"duration", "2"}}), "end", "duration");
        }).line() == "both --end and --duration are given; give one of them");
}

TEST_CASE("a setting that is not there is no value of any form") {
  const auto none = with({});
  CHECK_FALSE(text_of(none, "output"));
  CHECK_FALSE(number_of(none, "crf", 0, 51));
  CHECK_FALSE(position_of(none, "start"));
  CHECK_FALSE(length_of(none, "timeout"));
  CHECK_FALSE(choice_of(none, "preset"));
  CHECK(texts_of(none, "header").empty());
}

TEST_CASE("values are read in their forms") {
  const auto all = with({{"output", "o.mp4"},
                         {"crf", "51"},
                         {"start", "-1:30"},
                         {"timeout", "2m"},
                         {"preset", "slow"}});
  CHECK(text_of(all, "output") == "o.mp4");
  CHECK(number_of(all, "crf", 0, 51) == 51);
  CHECK(position_of(all, "start") == Position{Position::Origin::end, -90s});
  CHECK(length_of(all, "timeout") == 2min);
  CHECK(choice_of(all, "preset") == "slow");
}

TEST_CASE("what is not in its form is told with where it was said") {
  const auto all = with({{"output", ""}}, {{"MOMENTCUT_CRF", "x"}}, {{"timeout", "soon"}});
  const auto refusal = [](auto call) {
    const auto error = thrown_by(call);
    CHECK(error.kind() == ErrorKind::usage);
    return error.line();
  };
  CHECK(refusal([&] { (void)text_of(all, "output"); }) == "--output is empty");
  CHECK(refusal([&] { (void)number_of(all, "crf", 0, 51); }) ==
        "MOMENTCUT_CRF: \"x\" is not a whole number from 0 to 51");
  CHECK(refusal([&] {
          (void)length_of(all, "timeout");
        }).starts_with("timeout in c.toml: \"soon\" is not a length of time; write "));
}

TEST_CASE("a list is read from lines, wherever it is said") {
  const auto from = [](Values command_line, Values environment = {}, Values configuration = {}) {
    return texts_of(with(std::move(command_line), std::move(environment), std::move(configuration)),
                    "header");
  };
  CHECK(from({{"header", "A: b"}}) == Texts{"A: b"});
  CHECK(from({{"header", "A: b\nC: d"}}) == Texts{"A: b", "C: d"});
  CHECK(from({}, {{"MOMENTCUT_HEADER", "A: b\nC: d\n"}}) == Texts{"A: b", "C: d"});
  CHECK(from({}, {{"MOMENTCUT_HEADER", "\n\nA: b\n\n"}}) == Texts{"A: b"});
  CHECK(from({}, {}, {{"header", "A: b\nC: d"}}) == Texts{"A: b", "C: d"});
}

TEST_CASE("a list of nothing is refused like any other empty text") {
  CHECK(thrown_by([] {
          (void)texts_of(with({{"header", ""}}), "header");
        }).line() == "--header is empty");
  CHECK(thrown_by([] {
          (void)texts_of(with({}, {{"MOMENTCUT_HEADER", ""}}), "header");
        }).line() == "MOMENTCUT_HEADER is empty");
}

TEST_CASE("the nearest list is the list: those farther away add nothing to it") {
  CHECK(texts_of(with({{"header", "A: b"}}, {{"MOMENTCUT_HEADER", "C: d"}}, {{"header", "E: f"}}),
                 "header") == Texts{"A: b"});
}

TEST_CASE("an empty text on the command line stays in its list, since it is a slip") {
  CHECK(texts_of(with({{"header", "\nA: b"}}), "header") == Texts{"", "A: b"});
  CHECK(texts_of(with({{"header", "A: b\n"}}), "header") == Texts{"A: b", ""});
}
