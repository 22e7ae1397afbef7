// Which AWS profile is in force, and where its settings are taken from.
#include "momentcut/s3/profile.hpp"

#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"

using namespace momentcut::s3;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;

namespace {

// A profile's world, which has to outlive it.
struct World {
  std::string option;
  Environment environment;
  Sections config;
  Sections credentials;

  [[nodiscard]] Profile profile() const {
    return Profile(option, environment, config, credentials);
  }
  [[nodiscard]] std::string value(const char* key) const {
    return std::string(profile().setting(key).value);
  }
};

World with_config(const std::string& text) {
  return {"", {}, parse_ini(text, "config"), {}};
}

const std::string kThree = "[default]\nk = d\n[profile a]\nk = a\n[profile b]\nk = b\n";

}  // namespace

TEST_CASE("the option names the profile, then AWS_PROFILE, then AWS_DEFAULT_PROFILE") {
  auto world = with_config(kThree);
  CHECK(world.profile().name() == "default");
  CHECK(world.value("k") == "d");
  world.environment["AWS_DEFAULT_PROFILE"] = "b";
  CHECK(world.value("k") == "b");
  world.environment["AWS_PROFILE"] = "a";
  CHECK(world.value("k") == "a");
  world.option = "b";
  CHECK(world.profile().name() == "b");
  CHECK(world.value("k") == "b");
}

TEST_CASE("an empty AWS_PROFILE names none") {
  auto world = with_config(kThree);
  world.environment["AWS_PROFILE"] = "";
  CHECK(world.profile().name() == "default");
}

TEST_CASE("the config file's profile may be called [default] or [profile default]") {
  CHECK(with_config("[default]\nk = 1\n").value("k") == "1");
  CHECK(with_config("[profile default]\nk = 2\n").value("k") == "2");
  CHECK(with_config("[default]\nk = 1\n[profile default]\nk = 2\n").value("k") == "2");
}

TEST_CASE("the config file says \"profile x\", the credentials file \"x\"") {
  auto world = with_config("[x]\nk = no\n");
  world.option = "x";
  CHECK_THROWS_AS((void)world.profile(), momentcut::core::Error);
  world.credentials = parse_ini("[profile x]\nk = no\n", "credentials");
  CHECK_THROWS_AS((void)world.profile(), momentcut::core::Error);
  world.credentials = parse_ini("[x]\nk = yes\n", "credentials");
  CHECK(world.value("k") == "yes");
}

TEST_CASE("a profile that is named has to be there") {
  World world;
  world.option = "gone";
  const auto by_option = thrown_by([&] { (void)world.profile(); });
  CHECK(by_option.kind() == ErrorKind::configuration);
  CHECK(by_option.line() ==
        "no AWS profile \"gone\", which --profile names; `aws configure list-profiles` shows those "
        "there are");
  world.option.clear();
  for (const std::string name : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}) {
    world.environment = {{name, "gone\n"}};
    CHECK(std::string(thrown_by([&] { (void)world.profile(); }).what()) ==
          "no AWS profile \"gone\\x0a\", which " + name + " names");
  }
  world.environment = {{"AWS_PROFILE", "default"}};
  CHECK_THROWS_AS((void)world.profile(), momentcut::core::Error);
}

TEST_CASE("nobody has to have a default profile") {
  const World world;
  CHECK(world.profile().name() == "default");
  CHECK(world.value("k") == "");
}

TEST_CASE("the credentials file's settings go before the config file's") {
  auto world = with_config("[default]\na = 1\nb = 1\nc = 1\n");
  world.credentials = parse_ini("[default]\nb = 2\nc =\nd = 2\n", "credentials");
  CHECK(world.value("a") == "1");
  CHECK(world.value("b") == "2");
  CHECK(world.value("c") == "1");
  CHECK(world.value("d") == "2");
  CHECK(world.profile().setting_in_config("b").value == "1");
  CHECK(world.profile().setting_in_config("d").value == "");
  CHECK(world.profile().setting_in_credentials("b").value == "2");
  CHECK(world.profile().setting_in_credentials("a").value == "");
}

TEST_CASE("variables go before the profile's setting, and empty ones are not set") {
  auto world = with_config("[default]\nk = file\n");
  const auto found = [&] { return world.profile().setting({"ONE", "TWO"}, "k"); };
  CHECK(found().value == "file");
  CHECK(found().origin == "k of profile \"default\"");
  world.environment = {{"ONE", ""}, {"TWO", "2"}};
  CHECK(found().value == "2");
  CHECK(found().origin == "TWO");
  world.environment["ONE"] = "1";
  CHECK(found().value == "1");
  CHECK(found().origin == "ONE");
}

TEST_CASE("messages can tell a profile's two files apart") {
  auto world = with_config(kThree);
  world.option = "a";
  CHECK(world.profile().title() == "profile \"a\"");
  CHECK(world.profile().setting_in_config("k").origin == "k of profile \"a\" in the config file");
  CHECK(world.profile().setting_in_credentials("k").origin ==
        "k of profile \"a\" in the credentials file");
}

TEST_CASE("a value with a control character in it is refused and not shown") {
  auto world = with_config("[default]\nregion = eu-west-1\n  aws_secret_access_key = hunter2\n");
  world.environment["VARIABLE"] = "hunter2\r\n";
  const auto profile = world.profile();
  const auto in_file = thrown_by([&] { (void)profile.setting("region"); });
  CHECK(in_file.kind() == ErrorKind::configuration);
  CHECK(in_file.line() ==
        "region of profile \"default\" has a line break or another control character in it; in a "
        "file, indent no line that begins a setting");
  const auto in_variable = thrown_by([&] { (void)profile.variable("VARIABLE"); });
  CHECK(in_variable.kind() == ErrorKind::configuration);
  CHECK(in_variable.line().starts_with("VARIABLE has a line break"));
  CHECK(in_variable.line().find("hunter2") == std::string::npos);
  CHECK_THROWS_AS((void)profile.setting_in_config("region"), momentcut::core::Error);
  CHECK(profile.text_of("region") == "eu-west-1\naws_secret_access_key = hunter2");
}

TEST_CASE("a service's settings are those of the services section that the profile names") {
  auto world = with_config(
      "[default]\nservices = here\n[services here]\ns3 =\n  endpoint_url = http://a\n"
      "sts =\n  endpoint_url = http://b\n");
  CHECK(world.profile().service_setting("s3", "endpoint_url").value == "http://a");
  CHECK(world.profile().service_setting("sts", "endpoint_url").value == "http://b");
  CHECK(world.profile().service_setting("s3", "other").value == "");
  CHECK(world.profile().service_setting("s3", "endpoint_url").origin ==
        "endpoint_url of s3 in the services of profile \"default\"");
  CHECK(with_config("[services here]\n").profile().service_setting("s3", "k").value == "");
}

TEST_CASE("a services section that is named has to be there") {
  auto world = with_config("[default]\nservices = gone\n");
  const auto profile = world.profile();
  const auto error = thrown_by([&] { (void)profile.service_setting("s3", "endpoint_url"); });
  CHECK(error.kind() == ErrorKind::configuration);
  CHECK(std::string(error.what()) ==
        "services of profile \"default\" names a services section that is not in the config file");
}
