// AWS's INI files: what is read from them, what is refused, and the words within a value.
#include "momentcut/s3/ini.hpp"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "print.hpp"

using namespace momentcut::s3;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;

namespace {

Sections read(const std::string& text) {
  return parse_ini(text, "config");
}

// The value of `key` in section "s" of `lines`.
std::string value(const std::string& lines, const std::string& key = "key") {
  return read("[s]\n" + lines).at("s").at(key);
}

std::string refusal(const std::string& text) {
  const auto error = thrown_by([&] { read(text); });
  CHECK(error.kind() == ErrorKind::configuration);
  return error.line();
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a config file holds profiles and services, a credentials file plain names") {
  const auto sections = read(
      "[default]\nregion = eu-west-1\n\n[profile night shift]\nregion=us-west-2\n"
      "[services local]\ns3 =\n  endpoint_url = http://127.0.0.1:9000\n[plain]\n");
  CHECK(sections.size() == 4);
  CHECK(sections.at("default") == Section{{"region", "eu-west-1"}});
  CHECK(sections.at("profile night shift") == Section{{"region", "us-west-2"}});
  CHECK(sections.at("services local").at("s3.endpoint_url") == "http://127.0.0.1:9000");
  CHECK(sections.at("plain").empty());
}

TEST_CASE("an empty file holds no section") {
  CHECK(read("").empty());
  CHECK(read("\n\n").empty());
  CHECK(read("# only a comment").empty());
  CHECK(read("\xef\xbb\xbf").empty());
}

TEST_CASE("white space around names and values does not count") {
  CHECK(value("key=v") == "v");
  CHECK(value("key = v") == "v");
  CHECK(value("\tkey\t=\tv \t") == "v");
  CHECK(value("key = two  words") == "two  words");
  CHECK(value("key =") == "");
  CHECK(read("[  profile \t x ]\nk = v\n").at("profile x").at("k") == "v");
  CHECK(read("[s]\nk = v").at("s").at("k") == "v");
}

TEST_CASE("a value may have equals signs and colons in it") {
  CHECK(value("key = abc/def+ghi==") == "abc/def+ghi==");
  CHECK(value("key==x") == "=x");
  CHECK(value("key = http://h:1/a=b") == "http://h:1/a=b");
}

TEST_CASE("a colon parts name and value, too") {
  CHECK(value("key: v") == "v");
  CHECK(value("key: a=b") == "a=b");
}

TEST_CASE("names of settings have no case") {
  CHECK(value("KEY = V") == "V");
  CHECK(value("S3 =\n  Addressing_Style = path", "s3.addressing_style") == "path");
  CHECK(read("[Profile X]\n").count("Profile X") == 1);
}

TEST_CASE("lines may end in CR LF, and a file may begin with a byte order mark") {
  const auto sections = read("\xef\xbb\xbf[s]\r\nkey = v\r\ns3 =\r\n  a = b\r\n");
  CHECK(sections.at("s").at("key") == "v");
  CHECK(sections.at("s").at("s3.a") == "b");
}

TEST_CASE("a comment begins a line, or follows white space") {
  CHECK(value("# key = no\n; key = no\n  # key = no\nkey = v") == "v");
  CHECK(value("key = v # rest") == "v");
  CHECK(value("key = v\t; rest") == "v");
  CHECK(value("key = v # one ; two # three") == "v");
  CHECK(value("key = a#b;c") == "a#b;c");
  CHECK(value("key = # all of it") == "");
  CHECK(value("key =#v") == "#v");
  CHECK(read("[s] # rest\nk = v\n").at("s").at("k") == "v");
  CHECK(read("[s]; rest\nk = v\n").at("s").at("k") == "v");
}

TEST_CASE("a nested block's settings bear its name") {
  const auto section = read(
                           "[s]\ns3 =\n    addressing_style = path\n\n  # a comment\n"
                           "\tmax_concurrent_requests=5\nregion = r\nsts =\n  endpoint_url =\n")
                           .at("s");
  CHECK(section.at("s3.addressing_style") == "path");
  CHECK(section.at("s3.max_concurrent_requests") == "5");
  CHECK(section.at("region") == "r");
  CHECK(section.at("sts.endpoint_url") == "");
  CHECK(section.count("addressing_style") == 0);
}

TEST_CASE("a deeper line goes on with the value before it") {
  CHECK(value("key = one\n  two\n  three # rest") == "one\ntwo\nthree");
  CHECK(value("key = one\n  other = two") == "one\nother = two");
}

TEST_CASE("a section that is indented as a whole is read like any other") {
  const auto section = read("  [s]\n  a = 1\n  b = 2\n    more\n c = 3\n").at("s");
  CHECK(section == Section{{"a", "1"}, {"b", "2\nmore"}, {"c", "3"}});
}

TEST_CASE("of what is given twice the last holds, and a section given twice is one") {
  CHECK(value("key = 1\nkey = 2") == "2");
  CHECK(value("key = 1\nKEY = 2") == "2");
  const auto sections = read("[s]\na = 1\nb = 1\n[t]\n[s]\nb = 2\nc = 2\n");
  CHECK(sections.at("s") == Section{{"a", "1"}, {"b", "2"}, {"c", "2"}});
}

TEST_CASE("values of any length are kept whole") {
  const std::string token(100'000, 'x');
  CHECK(value("key = " + token) == token);
  CHECK(value("key = " + token + "\n  " + token) == token + "\n" + token);
}

TEST_CASE("bytes beyond ASCII are kept") {
  CHECK(value("key = größe\xff") == "größe\xff");
}

TEST_CASE("what is no INI file is refused by its line") {
  const std::pair<std::string, std::string> wrong[] = {
      {"hunter2 = x\n[s]", "config:1: a setting before the first section"},
      {"\n\n  hunter2", "config:3: a setting before the first section"},
      {"[hunter2", "config:1: a section without its \"]\""},
      {"[hunter2 # ]x", "config:1: something after a section's \"]\""},
      {"[s]\r\n[", "config:2: a section without its \"]\""},
      {"[]", "config:1: a section without a name"},
      {"[ \t ]", "config:1: a section without a name"},
      {"[s] hunter2", "config:1: something after a section's \"]\""},
      {"[[s]]", "config:1: something after a section's \"]\""},
      {"[s]\nhunter2", "config:2: neither a section nor NAME = VALUE"},
      {"[s]\nhunter2 # = x", "config:2: neither a section nor NAME = VALUE"},
      {"[s]\n= hunter2", "config:2: a setting without a name"},
      {"[s]\ns3 =\n  hunter2", "config:3: not NAME = VALUE within a nested block"},
      {"[s]\ns3 =\n  a = 1\n  [hunter2]", "config:4: not NAME = VALUE within a nested block"},
      {"[s]\ns3 =\n  = hunter2", "config:3: a setting without a name"},
      {std::string("[s]\nkey = hunter2\0", 18), "config:2: a control character"},
      {"[s]\nkey = hunter2\x1b[0m", "config:2: a control character"},
      {"[s]\nkey = a\rhunter2", "config:2: a control character"},
      {"# hunter2\x7f", "config:1: a control character"},
  };
  for (const auto& [text, line] : wrong) {
    CAPTURE(text);
    CHECK(refusal(text) == line);
    CHECK(refusal(text).find("hunter2") == std::string::npos);
  }
}

TEST_CASE("a file's odd name does not break the line of an error") {
  const auto error = thrown_by([] { parse_ini("x", "a\nb\x1b"); });
  CHECK(error.line() == "a?b?:1: a setting before the first section");
}

TEST_CASE("a section is found by its kind and name, which may be quoted") {
  const auto sections = read(
      "[profile x]\nk = 1\n[profile \"two words\"]\nk = 2\n[services x]\nk = 3\n[x]\nk = 4\n"
      "[profile it's]\nk = 5\n[profile a b]\nk = 6\n[profilex]\n");
  const auto found = [&](const char* kind, const char* name) {
    const auto* section = find_section(sections, kind, name);
    return section == nullptr ? std::string("none") : section->at("k");
  };
  CHECK(found("profile", "x") == "1");
  CHECK(found("profile", "two words") == "2");
  CHECK(found("services", "x") == "3");
  CHECK(found("services", "y") == "none");
  CHECK(found("profile", "it's") == "none");
  CHECK(found("profile", "a b") == "none");
  CHECK(found("profile", "") == "none");
}

TEST_CASE("words are split as a shell would, and nothing is expanded") {
  CHECK(split_words("a b\tc\nd") == Words{"a", "b", "c", "d"});
  CHECK(split_words("  a  ") == Words{"a"});
  CHECK(split_words("") == Words{});
  CHECK(split_words(" ") == Words{});
  CHECK(split_words("'a b' \"c d\"") == Words{"a b", "c d"});
  CHECK(split_words("a'b c'd\"e\"") == Words{"ab cde"});
  CHECK(split_words("'' \"\"") == Words{"", ""});
  CHECK(split_words(R"(a\ b \'c\" \\)") == Words{"a b", "'c\"", "\\"});
  CHECK(split_words(R"("a\"b\\c\n\$d" 'e\f')") == Words{R"(a"b\c\n$d)", R"(e\f)"});
  CHECK(split_words("\"it's\" '\"'") == Words{"it's", "\""});
  CHECK(split_words("$HOME ~ *.x `id` $(id) a;b|c>d&") ==
        Words{"$HOME", "~", "*.x", "`id`", "$(id)", "a;b|c>d&"});
}

TEST_CASE("words with an open quote or a lone backslash are none") {
  for (const std::string text : {"'", "\"", "a 'b", "a \"b", "a\\", "\"a\\\"", "'a\\'b'", "\"\\"}) {
    CAPTURE(text);
    CHECK_FALSE(split_words(text));
  }
}
