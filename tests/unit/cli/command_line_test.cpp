// The words of the command line.
#include "momentcut/cli/command_line.hpp"

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
  CHECK(parsed({"--output=", "rec"}) == Values{{"output", ""}, {"source", "rec"}});
  CHECK(parsed({"--header=", "rec"}) == Values{{"header", ""}, {"source", "rec"}});
}

TEST_CASE("of an empty value and another one, the last one counts") {
  CHECK(parsed({"--output=a", "--output="}) == Values{{"output", ""}});
  CHECK(parsed({"--output=", "--output=a"}) == Values{{"output", "a"}});
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

TEST_CASE("the values of an option that may be repeated are lines") {
  CHECK(parsed({"--header", "A: b"}) == Values{{"header", "A: b"}});
  CHECK(parsed({"--header", "A: b", "rec", "--header=C: d"}) ==
        Values{{"header", "A: b\nC: d"}, {"source", "rec"}});
  CHECK(parsed({"--metadata", "a=1", "--metadata=b=2", "--metadata", "c=3"}) ==
        Values{{"metadata", "a=1\nb=2\nc=3"}});
  // Each takes one word, not all that follow.
  CHECK(parsed({"--header", "A: b", "rec"}) == Values{{"header", "A: b"}, {"source", "rec"}});
  for (const std::string odd : {"[A: b]", "A: b, c", "A: \"q\"", "--force", "{}"}) {
    CAPTURE(odd);
    CHECK(parsed({"--header", odd, "--header", "C: d"}) == Values{{"header", odd + "\nC: d"}});
  }
  check_refused({"--header"});
}

TEST_CASE("--presign-result may stand alone, wherever it stands") {
  const Values alone{{"presign-result", ""}};
  CHECK(parsed({"--presign-result"}) == alone);
  CHECK(parsed({"--presign-result="}) == alone);
  CHECK(parsed({"--presign-result", "s3://b/rec"}) ==
        Values{{"presign-result", ""}, {"source", "s3://b/rec"}});
  CHECK(parsed({"--presign-result", "--force"}) == Values{{"presign-result", ""}, {"force", "1"}});
  CHECK(parsed({"--presign-result", "-r", "best"}) ==
        Values{{"presign-result", ""}, {"rendition", "best"}});
  CHECK(parsed({"rec", "--presign-result"}) == Values{{"presign-result", ""}, {"source", "rec"}});
}

TEST_CASE("--presign-result takes the next word where that is a length of time") {
  CHECK(parsed({"--presign-result", "10m"}) == Values{{"presign-result", "10m"}});
  CHECK(parsed({"--presign-result=10m"}) == Values{{"presign-result", "10m"}});
  CHECK(parsed({"--presign-result", "3600", "rec"}) ==
        Values{{"presign-result", "3600"}, {"source", "rec"}});
  CHECK(parsed({"--presign-result", "1:30:00", "-f"}) ==
        Values{{"presign-result", "1:30:00"}, {"force", "1"}});
  // What is said with an equals sign is its value, whatever it is.
  CHECK(parsed({"--presign-result=soon", "10m"}) ==
        Values{{"presign-result", "soon"}, {"source", "10m"}});
  CHECK(parsed({"--presign-result=", "10m"}) == Values{{"presign-result", ""}, {"source", "10m"}});
}

TEST_CASE("two dashes keep a SOURCE like a time from --presign-result") {
  CHECK(parsed({"--presign-result", "--", "10m"}) ==
        Values{{"presign-result", ""}, {"source", "10m"}});
  CHECK(parsed({"--", "--presign-result"}) == Values{{"source", "--presign-result"}});
}

TEST_CASE("of several --presign-result the last one counts, also where it stands alone") {
  CHECK(parsed({"--presign-result", "10m", "--presign-result"}) == Values{{"presign-result", ""}});
  CHECK(parsed({"--presign-result", "--presign-result=10m"}) == Values{{"presign-result", "10m"}});
}

TEST_CASE("an option's value may look like an option, or like the end of them") {
  CHECK(parsed({"--output", "--presign-result"}) == Values{{"output", "--presign-result"}});
  CHECK(parsed({"-o", "--presign-result", "10m"}) ==
        Values{{"output", "--presign-result"}, {"source", "10m"}});
  CHECK(parsed({"-fo", "--presign-result"}) ==
        Values{{"force", "1"}, {"output", "--presign-result"}});
  CHECK(parsed({"--output", "--header="}) == Values{{"output", "--header="}});
  CHECK(parsed({"--output", "--", "--presign-result"}) ==
        Values{{"output", "--"}, {"presign-result", ""}});
  CHECK(parsed({"-ox", "--presign-result"}) == Values{{"output", "x"}, {"presign-result", ""}});
}

TEST_CASE("connections have a letter") {
  CHECK(parsed({"-j", "4"}) == Values{{"connections", "4"}});
  CHECK(parsed({"-j4", "rec"}) == Values{{"connections", "4"}, {"source", "rec"}});
  CHECK(parsed({"--connections=4"}) == Values{{"connections", "4"}});
  check_refused({"-j"});
}

TEST_CASE("words that are too many are not shown: they may be pieces of a password") {
  const auto refusal = [](const std::vector<std::string>& arguments) {
    return thrown_by([&] { parse_command_line(arguments); }).line();
  };
  CHECK(refusal({"--header", "Authorization:", "Bearer", "hush"}) ==
        "more than one SOURCE is given; a value with spaces needs quotes; see momentcut --help");
  CHECK(refusal({"a", "https://h/b?X-Amz-Signature=hush"}).find("hush") == std::string::npos);
  CHECK(refusal({"--token=hush"}) == "there is no option \"--token\"; see momentcut --help");
  CHECK(refusal({"a", "hush", "--tokn", "hush"}) ==
        "there is no option \"--tokn\"; see momentcut --help");
}
