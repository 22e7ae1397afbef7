// Names of outputs.
#include "momentcut/pipeline/naming.hpp"

#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "io/folder.hpp"
#include "print.hpp"

using namespace momentcut::pipeline;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::parse_wall_time;
using momentcut::core::thrown_by;

namespace {

NameFields fields() {
  return {"stream",
          "EyEKX6dRDP81",
          "720p60",
          {60s, 90'250ms},
          parse_wall_time("2020-08-03T23:59:59.999Z")};
}

std::string expanded(std::string_view pattern) {
  return expand_template(pattern, fields());
}

std::string refusal(std::string_view pattern) {
  const auto error = thrown_by([&] { check_template(pattern); });
  CHECK(error.kind() == ErrorKind::usage);
  CHECK(error.hint() ==
        "fields are {name} {start} {end} {duration} {rendition} {date} {id}, a brace is {{");
  // What is refused before the work is what would be refused after it.
  CHECK(std::string(thrown_by([&] { expanded(pattern); }).what()) == error.what());
  return error.what();
}

}  // namespace

TEST_CASE("every field of a template is filled in") {
  CHECK(expanded("{name}") == "stream");
  CHECK(expanded("{id}") == "EyEKX6dRDP81");
  CHECK(expanded("{rendition}") == "720p60");
  CHECK(expanded("{start}") == "00h01m00s");
  CHECK(expanded("{end}") == "00h01m30.250s");
  CHECK(expanded("{duration}") == "00h00m30.250s");
  CHECK(expanded("{date}") == "2020-08-03");
  CHECK(expanded("{date}/{id}-{name}_{start}-{end}.mp4") ==
        "2020-08-03/EyEKX6dRDP81-stream_00h01m00s-00h01m30.250s.mp4");
  CHECK(expanded("plain.mp4") == "plain.mp4");
  CHECK(expanded("") == "");
}

TEST_CASE("doubled braces are braces") {
  CHECK(expanded("{{name}}") == "{name}");
  CHECK(expanded("{{{name}}}") == "{stream}");
  CHECK(expanded("{{}}") == "{}");
  CHECK(expanded("a{{b}}c") == "a{b}c");
}

TEST_CASE("a template that does not hold together is refused") {
  CHECK(refusal("{nam}") == "output name \"{nam}\": there is no field \"nam\"");
  CHECK(refusal("{Name}") == "output name \"{Name}\": there is no field \"Name\"");
  CHECK(refusal("{}") == "output name \"{}\": there is no field \"\"");
  CHECK(refusal("{ name }").find("there is no field \" name \"") != std::string::npos);
  CHECK(refusal("{name:02}").find("there is no field \"name:02\"") != std::string::npos);
  CHECK(refusal("{name") == "output name \"{name\": a brace is not closed");
  CHECK(refusal("a{").find("a brace is not closed") != std::string::npos);
  CHECK(refusal("a}").find("a brace is not closed") != std::string::npos);
  CHECK(refusal("{name}}").find("a brace is not closed") != std::string::npos);
  CHECK(refusal("{na{me}}").find("there is no field \"na{me\"") != std::string::npos);
}

TEST_CASE("a good template passes its check") {
  for (const auto* pattern : {"", "-", "o.mp4", "{name}-{start}-{end}.mp4", "{{}}", "{date}/"}) {
    CHECK_NOTHROW(check_template(pattern));
  }
}

TEST_CASE("a date that is not known is refused where it is asked for") {
  auto without = fields();
  without.date.reset();
  CHECK_NOTHROW(check_template("{date}"));
  const auto error = thrown_by([&] { expand_template("{date}.mp4", without); });
  CHECK(error.kind() == ErrorKind::usage);
  CHECK(std::string(error.what()) == "output name \"{date}.mp4\": the recording has no date");
  CHECK(expand_template("{name}", without) == "stream");
}

TEST_CASE("what comes from a recording is part of one file's name") {
  const std::pair<std::string, std::string> names[] = {
      {"a/b", "a_b"},       {"../../etc/passwd", "_.._.._etc_passwd"},
      {"..", "_.."},        {".hidden", "_.hidden"},
      {"-rf", "_-rf"},      {"", "_"},
      {"a\nb\x1b", "a_b_"}, {"what?", "what_"},
      {"/", "_"},           {"a b", "a b"},
      {"größe", "größe"},   {"{start}", "{start}"},
  };
  for (const auto& [raw, safe] : names) {
    CAPTURE(raw);
    auto odd = fields();
    odd.name = odd.id = odd.rendition = raw;
    CHECK(expand_template("{name}", odd) == safe);
    CHECK(expand_template("{id}", odd) == safe);
    CHECK(expand_template("x/{rendition}.mp4", odd) == "x/" + safe + ".mp4");
  }
}

TEST_CASE("without an output the default name lies in the working folder") {
  CHECK(output_path({}, fields(), false) == "stream-00h01m00s-00h01m30.250s.mp4");
  CHECK(output_path({}, fields(), true) == "stream-00h01m00s-00h01m30.250s.m4a");
}

TEST_CASE("an output that is a file or stdout is taken as it is") {
  CHECK(output_path("o.mp4", fields(), false) == "o.mp4");
  CHECK(output_path("/no/such/folder/o.mp4", fields(), true) == "/no/such/folder/o.mp4");
  CHECK(output_path("-", fields(), false) == "-");
  CHECK(output_path("./-", fields(), false) == "./-");
  CHECK(output_path("{rendition}/{name}.mp4", fields(), false) == "720p60/stream.mp4");
}

TEST_CASE("an output that is a folder takes the default name") {
  const momentcut::io::Folder folder;
  const auto name = "stream-00h01m00s-00h01m30.250s.mp4";
  CHECK(output_path(folder.path().native(), fields(), false) == (folder / name).native());
  CHECK(output_path("new/", fields(), false) == std::string("new/") + name);
  CHECK(output_path("{date}/", fields(), false) == std::string("2020-08-03/") + name);
  CHECK(output_path(".", fields(), false) == std::string("./") + name);
  CHECK(output_path("..", fields(), false) == std::string("../") + name);
  CHECK(output_path("new/", fields(), true) ==
        std::string("new/stream-00h01m00s-00h01m30.250s.m4a"));
}

TEST_CASE("an upload goes to the key that is named, its template filled in") {
  const auto object = [](const std::string& url, bool audio_only = false) {
    return upload_object({momentcut::s3::Scheme::s3, url}, fields(), audio_only);
  };
  using momentcut::s3::Object;
  CHECK(object("s3://rec/a b%20.mp4") == Object{"rec", "a b%20.mp4"});
  CHECK(object("s3://rec/{date}/{name}.mp4") == Object{"rec", "2020-08-03/stream.mp4"});
  const std::string name = "stream-00h01m00s-00h01m30.250s";
  CHECK(object("s3://rec/clips/") == Object{"rec", "clips/" + name + ".mp4"});
  CHECK(object("s3://rec/{id}/", true) == Object{"rec", "EyEKX6dRDP81/" + name + ".m4a"});
  CHECK(object("s3://rec") == Object{"rec", name + ".mp4"});
  CHECK(object("s3://rec/") == Object{"rec", name + ".mp4"});
  CHECK(default_name(fields(), true) == name + ".m4a");
}

TEST_CASE("a key that grew too long, and a field that there is not, are refused") {
  const auto refused = [](const std::string& url) {
    return thrown_by([&] {
             upload_object({momentcut::s3::Scheme::s3, url}, fields(), false);
           })
        .kind();
  };
  // With a name in it, it is longer than what was written.
  CHECK(refused("s3://rec/" + std::string(1010, 'k') + "/{name}{name}{name}") == ErrorKind::usage);
  CHECK(refused("s3://rec/" + std::string(1020, 'k') + "/") == ErrorKind::usage);
  CHECK(refused("s3://rec/{nam}") == ErrorKind::usage);
  CHECK(refused("s3://{name}/k") == ErrorKind::usage);
}

TEST_CASE("the default name of a recording with a long name can be created") {
  auto odd = fields();
  odd.name = std::string(250, 'n');
  CHECK(output_path({}, odd, false).size() <= 255);
}
