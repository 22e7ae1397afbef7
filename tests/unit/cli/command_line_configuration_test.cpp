// The configuration file.
#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "momentcut/cli/command_line.hpp"
#include "print.hpp"

using namespace momentcut::cli;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;

namespace {

Values read(const std::string& text) {
  return parse_configuration(text, "c.toml");
}

std::string refusal(const std::string& text) {
  CAPTURE(text);
  const auto error = thrown_by([&] { read(text); });
  CHECK(error.kind() == ErrorKind::configuration);
  CHECK(error.hint() == "see CONFIGURATION in momentcut(1)");
  CHECK(std::string(error.what()).starts_with("c.toml: "));
  return error.what();
}

}  // namespace

TEST_CASE("a configuration file sets options by their names") {
  CHECK(read("source = \"/data/rec\"\ncrf = 20\npreset = \"slow\"\nforce = true\n") ==
        Values{{"source", "/data/rec"}, {"crf", "20"}, {"preset", "slow"}, {"force", "true"}});
  CHECK(read("").empty());
  CHECK(read("\n\n# a comment\n  # another\n").empty());
  CHECK(read("crf=20") == Values{{"crf", "20"}});
  CHECK(read("  crf  =  20  \n") == Values{{"crf", "20"}});
}

TEST_CASE("quoted values stay whole") {
  CHECK(read("output = \"a b, c.mp4\"") == Values{{"output", "a b, c.mp4"}});
  CHECK(read("output = 'it is.mp4'") == Values{{"output", "it is.mp4"}});
  CHECK(read("output = \"{name} {start}.mp4\"") == Values{{"output", "{name} {start}.mp4"}});
  CHECK(read("rendition = \"720p60\"") == Values{{"rendition", "720p60"}});
}

TEST_CASE("times in a configuration file need no quotes") {
  CHECK(read("start = 1:30") == Values{{"start", "1:30"}});
  CHECK(read("start = -30") == Values{{"start", "-30"}});
  CHECK(read("stall-timeout = 90s") == Values{{"stall-timeout", "90s"}});
}

TEST_CASE("a setting that does not exist is refused by name") {
  CHECK(refusal("crv = 20\n") == "c.toml: there is no setting \"crv\"");
  CHECK(refusal("crf = 20\nCRF = 20\n") == "c.toml: there is no setting \"CRF\"");
  CHECK(refusal("audio_bitrate = 96\n") == "c.toml: there is no setting \"audio_bitrate\"");
}

TEST_CASE("what only the command line may say is refused in a file") {
  for (const std::string name : {"inspect", "dry-run", "completion", "version", "help", "config"}) {
    CHECK(refusal(name + " = true\n") == "c.toml: there is no setting \"" + name + "\"");
  }
}

TEST_CASE("sections are refused") {
  CHECK(refusal("[encoding]\ncrf = 20\n").find("there is no setting \"encoding") !=
        std::string::npos);
  CHECK(refusal("encoding.crf = 20\n") == "c.toml: there is no setting \"encoding.crf\"");
}

TEST_CASE("a setting needs exactly one value") {
  CHECK(refusal("crf = [18, 20]\n") == "c.toml: \"crf\" needs one value");
  CHECK(refusal("crf = 18\ncrf = 20\n") == "c.toml: \"crf\" needs one value");
  CHECK(refusal("output = a b.mp4\n") == "c.toml: \"output\" needs one value");
}

TEST_CASE("a setting that stands twice is refused, wherever it does") {
  CHECK(refusal("crf = 18\npreset = slow\ncrf = 20\n") == "c.toml: \"crf\" needs one value");
}

TEST_CASE("a comment may follow a value") {
  CHECK(read("crf = 20 # good enough\n") == Values{{"crf", "20"}});
  CHECK(read("preset = \"slow\" # small\n") == Values{{"preset", "slow"}});
}

TEST_CASE("a name in a refusal cannot drive a terminal") {
  const auto line = refusal("\x1b[31m = 1\n");
  CHECK(line.find('\x1b') == std::string::npos);
}

TEST_CASE("a setting that may be repeated is a list, or one value") {
  CHECK(read("header = [\"A: b\", \"C: d\"]\n") == Values{{"header", "A: b\nC: d"}});
  CHECK(read("header = [\"A: b, c\", 'D: e']\n") == Values{{"header", "A: b, c\nD: e"}});
  CHECK(read("header = \"A: b\"\n") == Values{{"header", "A: b"}});
  CHECK(read("header = [\"A: b\"]\n") == Values{{"header", "A: b"}});
  CHECK(read("metadata = [\"a=1\", \"b=2\"]\n") == Values{{"metadata", "a=1\nb=2"}});
  CHECK(read("header = [\"A: #1\", \"C: d\"] # two\n") == Values{{"header", "A: #1\nC: d"}});
}

TEST_CASE("a list may stand on several lines") {
  const Values wanted{{"header", "A: b\nC: d"}, {"crf", "20"}};
  CHECK(read("header = [\n  \"A: b\",\n  \"C: d\"\n]\ncrf = 20\n") == wanted);
  CHECK(read("header = [\"A: b\",\n  \"C: d\"] # two\ncrf = 20\n") == wanted);
  CHECK(read("header = [ # [one]\n  'A: b', # \"or\n\n  # two\n  'C: d'\n]\ncrf = 20 # 1\n") ==
        wanted);
  CHECK(read("header = [\n  \"A: [b\",\n]\ncrf = 20\n").at("crf") == "20");
  CHECK(read("output = a[1.mp4\ncrf = 20\n") == Values{{"output", "a[1.mp4"}, {"crf", "20"}});
  CHECK(read("start = 1:30 # [\nend = 5 # ]\n") == Values{{"start", "1:30"}, {"end", "5"}});
  CHECK(refusal("header = [\"A: b\"\ncrf = 20\n") == "c.toml: a list is not closed");
}

TEST_CASE("a setting that may be repeated may stand twice, wherever it does") {
  const Values wanted{{"header", "A: b\nC: d"}, {"crf", "20"}};
  CHECK(read("header = \"A: b\"\nheader = \"C: d\"\ncrf = 20\n") == wanted);
  CHECK(read("header = \"A: b\"\ncrf = 20\nheader = \"C: d\"\n") == wanted);
}

TEST_CASE("the settings of the network stand in a file like any other") {
  CHECK(read("connections = 16\nupload = \"s3://b/{name}/\"\npresign-result = \"24h\"\n"
             "endpoint-url = \"http://127.0.0.1:9000\"\nno-clobber = true\n") ==
        Values{{"connections", "16"},
               {"upload", "s3://b/{name}/"},
               {"presign-result", "24h"},
               {"endpoint-url", "http://127.0.0.1:9000"},
               {"no-clobber", "true"}});
}
