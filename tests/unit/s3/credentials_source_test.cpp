// Where credentials come from, and in which order.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "print.hpp"
#include "s3/aws_world.hpp"

using namespace momentcut::s3;
using momentcut::core::ErrorKind;

namespace {

const Environment kKeys = {{"AWS_ACCESS_KEY_ID", "AKIDENV"},
                           {"AWS_SECRET_ACCESS_KEY", "hunter2env"}};

std::string keys_in(const std::string& section, const std::string& access_key) {
  return "[" + section + "]\naws_access_key_id = " + access_key +
         "\naws_secret_access_key = hunter2" + access_key + "\n";
}

// The access key that comes of it.
std::string access_key(const World& world) {
  return world.source<Credentials>().access_key;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("the environment's keys come first, with their token") {
  World world{{}, kKeys, keys_in("default", "AKIDCONFIG"), keys_in("default", "AKIDSHARED")};
  world.environment["AWS_SESSION_TOKEN"] = "token==";
  const auto found = world.source<Credentials>();
  CHECK(found.access_key == "AKIDENV");
  CHECK(found.secret_key == "hunter2env");
  CHECK(found.session_token == "token==");
  CHECK_FALSE(found.expires);
  CHECK(world.settings().source_name == "environment");
}

TEST_CASE("the token is AWS_SESSION_TOKEN's alone") {
  World world{{}, kKeys, "", ""};
  world.environment["AWS_SECURITY_TOKEN"] = "old";
  CHECK(world.source<Credentials>().session_token == "");
}

TEST_CASE("variables that are empty are not set") {
  World world{{}, {}, "", keys_in("default", "AKIDSHARED")};
  world.environment = {{"AWS_ACCESS_KEY_ID", ""},
                       {"AWS_SECRET_ACCESS_KEY", ""},
                       {"AWS_SESSION_TOKEN", ""},
                       {"AWS_PROFILE", ""},
                       {"AWS_WEB_IDENTITY_TOKEN_FILE", ""},
                       {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", ""},
                       {"AWS_CONTAINER_CREDENTIALS_FULL_URI", ""}};
  CHECK(access_key(world) == "AKIDSHARED");
}

TEST_CASE("the option's profile goes before the environment's keys, AWS_PROFILE does not") {
  World world{{}, kKeys, "", keys_in("p", "AKIDSHARED")};
  world.environment["AWS_PROFILE"] = "p";
  CHECK(access_key(world) == "AKIDENV");
  world.environment.erase("AWS_PROFILE");
  world.options.profile = "p";
  CHECK(access_key(world) == "AKIDSHARED");
  CHECK(world.settings().source_name == "profile \"p\"");
}

TEST_CASE("the option's profile goes before the environment's half of a pair, too") {
  World world{{}, {{"AWS_ACCESS_KEY_ID", "AKIDENV"}}, "", keys_in("p", "AKIDSHARED")};
  world.options.profile = "p";
  CHECK(access_key(world) == "AKIDSHARED");
}

TEST_CASE("a profile that is named has to be there even beside the environment's keys") {
  World world{{}, kKeys, "", ""};
  world.environment["AWS_PROFILE"] = "gone";
  CHECK(world.refusal().starts_with("no AWS profile \"gone\", which AWS_PROFILE names"));
  world.options.no_sign_request = true;
  CHECK(world.refusal().starts_with("no AWS profile \"gone\""));
}

TEST_CASE("requests go unsigned where the user says so, whatever else there is") {
  World world{{}, kKeys, keys_in("default", "AKIDCONFIG"), ""};
  world.options.no_sign_request = true;
  (void)world.source<Anonymous>();
  CHECK(world.settings().source_name == "nowhere: requests go unsigned");
  world.environment.erase("AWS_SECRET_ACCESS_KEY");
  world.config = "[default]\nrole_arn = arn:a\nregion = eu-west-1\n";
  (void)world.source<Anonymous>();
  CHECK(world.settings().region == "eu-west-1");
}

TEST_CASE("the credentials file goes before the process, and that before the config file") {
  World world{{}, {}, keys_in("default", "AKIDCONFIG"), ""};
  CHECK(access_key(world) == "AKIDCONFIG");
  world.config += "credential_process = get-keys\n";
  CHECK(world.source<ProcessCredentials>().argv == Words{"get-keys"});
  world.credentials = keys_in("default", "AKIDSHARED") + "aws_session_token = token\n";
  CHECK(access_key(world) == "AKIDSHARED");
  CHECK(world.source<Credentials>().session_token == "token");
}

TEST_CASE("a session token of thousands of characters is kept whole") {
  const std::string token(5'000, 't');
  const World world{{}, {}, "", keys_in("default", "AKID") + "aws_session_token = " + token + "\n"};
  CHECK(world.source<Credentials>().session_token == token);
}

TEST_CASE("a process's words are split as a shell would") {
  World world{{}, {}, "", ""};
  const auto words = [&](const std::string& text) {
    world.config = "[default]\ncredential_process = " + text + "\n";
    return world.source<ProcessCredentials>().argv;
  };
  CHECK(words("/opt/get keys --as 'night shift'") ==
        Words{"/opt/get", "keys", "--as", "night shift"});
  CHECK(words("\"/opt/my tools/get\" \"\" a\\ b") == Words{"/opt/my tools/get", "", "a b"});
  CHECK(words("get\n  --more\n  words") == Words{"get", "--more", "words"});
  CHECK(words("get $HOME;x") == Words{"get", "$HOME;x"});
}

TEST_CASE("a process may stand in the credentials file") {
  const World world{{}, {}, "", "[default]\ncredential_process = get\n"};
  CHECK(world.source<ProcessCredentials>().argv == Words{"get"});
  CHECK(world.settings().source_name == "profile \"default\"");
}

TEST_CASE("a web identity of the environment goes before all that a profile has") {
  World world{{}, {}, "[default]\nrole_arn = arn:p\nsource_profile = x\n", ""};
  world.credentials = keys_in("default", "AKIDSHARED");
  world.environment = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token"},
                       {"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"},
                       {"AWS_ROLE_SESSION_NAME", "night@shift"}};
  const auto found = world.source<WebIdentity>();
  CHECK(found.token_file == "/run/token");
  CHECK(found.role_arn == "arn:aws:iam::1:role/r");
  CHECK(found.session_name == "night@shift");
  CHECK(world.settings().source_name == "web identity of the environment");
  world.environment.insert(kKeys.begin(), kKeys.end());
  CHECK(access_key(world) == "AKIDENV");
}

TEST_CASE("a session has momentcut's name unless it is given one") {
  const World world{{}, {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}, {"AWS_ROLE_ARN", "arn:a"}}, "", ""};
  CHECK(world.source<WebIdentity>().session_name == "momentcut");
}

TEST_CASE("a profile's web identity goes before its keys") {
  World world{{}, {}, "", keys_in("p", "AKIDSHARED")};
  world.config =
      "[profile p]\nrole_arn = arn:p\nweb_identity_token_file = /p/token\n"
      "role_session_name = profiled\nsource_profile = x\nsso_role_name = r\n";
  world.environment["AWS_PROFILE"] = "p";
  auto found = world.source<WebIdentity>();
  CHECK(found.role_arn == "arn:p");
  CHECK(found.token_file == "/p/token");
  CHECK(found.session_name == "profiled");
  CHECK(world.settings().source_name == "profile \"p\"");
  world.environment["AWS_ROLE_SESSION_NAME"] = "env";
  CHECK(world.source<WebIdentity>().session_name == "env");
}

TEST_CASE("the option's profile goes before the environment's web identity") {
  World world{{}, {}, "", keys_in("p", "AKIDSHARED")};
  world.environment = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"},
                       {"AWS_ROLE_ARN", "arn:env"},
                       {"AWS_ROLE_SESSION_NAME", "env"}};
  world.options.profile = "p";
  CHECK(access_key(world) == "AKIDSHARED");
  world.config = "[profile p]\nrole_arn = arn:p\nweb_identity_token_file = /p/token\n";
  CHECK(world.source<WebIdentity>().role_arn == "arn:p");
  CHECK(world.source<WebIdentity>().token_file == "/p/token");
  CHECK(world.source<WebIdentity>().session_name == "momentcut");
}

TEST_CASE("a role's name alone asks for nothing") {
  const World world{{}, {{"AWS_ROLE_ARN", "arn:a"}}, "", keys_in("default", "AKIDSHARED")};
  CHECK(access_key(world) == "AKIDSHARED");
}

TEST_CASE("the container endpoint comes after the profile, and its path before its URL") {
  World world{{}, {}, "", ""};
  world.environment = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost:8080/x?y=1"}};
  CHECK(world.source<ContainerEndpoint>().url == "http://localhost:8080/x?y=1");
  CHECK(world.settings().source_name == "container endpoint");
  world.environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/4e-5f";
  CHECK(world.source<ContainerEndpoint>().url == "http://169.254.170.2/v2/credentials/4e-5f");
  world.credentials = keys_in("default", "AKIDSHARED");
  CHECK(access_key(world) == "AKIDSHARED");
}

TEST_CASE("a container's token and its file go with the endpoint") {
  World world{{}, {}, "", ""};
  world.environment = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/"},
                       {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic hunter2"},
                       {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/run/token"}};
  CHECK(world.source<ContainerEndpoint>().token == "Basic hunter2");
  CHECK(world.source<ContainerEndpoint>().token_file == "/run/token");
}

TEST_CASE("instance metadata comes last, at its usual address or the one given") {
  World world;
  CHECK(world.source<InstanceMetadata>().url == "http://169.254.169.254");
  CHECK(world.settings().source_name == "instance metadata");
  world.environment["AWS_EC2_METADATA_DISABLED"] = "false";
  world.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = "IPv4";
  CHECK(world.source<InstanceMetadata>().url == "http://169.254.169.254");
  world.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = "IPv6";
  CHECK(world.source<InstanceMetadata>().url == "http://[fd00:ec2::254]");
  world.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:1338/";
  CHECK(world.source<InstanceMetadata>().url == "http://127.0.0.1:1338");
  world.environment.clear();
  world.config = "[default]\nec2_metadata_service_endpoint_mode = ipv6\n";
  CHECK(world.source<InstanceMetadata>().url == "http://[fd00:ec2::254]");
  world.config += "ec2_metadata_service_endpoint = http://127.0.0.1\n";
  CHECK(world.source<InstanceMetadata>().url == "http://127.0.0.1");
}

TEST_CASE("a named profile without credentials leaves the container and the instance") {
  World world{{}, {}, "[profile p]\nregion = eu-west-1\n", ""};
  world.options.profile = "p";
  (void)world.source<InstanceMetadata>();
  world.environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  (void)world.source<ContainerEndpoint>();
}

TEST_CASE("where there is no way left, the ways are named") {
  World world;
  for (const std::string yes : {"true", "TRUE", "True"}) {
    world.environment["AWS_EC2_METADATA_DISABLED"] = yes;
    CHECK(world.refusal(ErrorKind::no_permission) ==
          "no AWS credentials found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a "
          "profile with --profile, or run `aws configure`; --no-sign-request reads public buckets");
  }
}
