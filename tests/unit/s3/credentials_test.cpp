// AWS settings: where region, endpoint and the rest come from, and in which order.
#include "momentcut/s3/credentials.hpp"

#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "print.hpp"
#include "s3/aws_world.hpp"

using namespace momentcut::s3;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::parse_wall_time;

TEST_CASE("the shared files lie at home, or where the environment says") {
  const auto usual = shared_file_paths({{"HOME", "/home/m"}});
  CHECK(usual.config == "/home/m/.aws/config");
  CHECK(usual.credentials == "/home/m/.aws/credentials");
  const auto given = shared_file_paths({{"HOME", "/home/m"},
                                        {"AWS_CONFIG_FILE", "/etc/aws"},
                                        {"AWS_SHARED_CREDENTIALS_FILE", "~/keys"}});
  CHECK(given.config == "/etc/aws");
  CHECK(given.credentials == "/home/m/keys");
  const auto empty = shared_file_paths({{"HOME", "/home/m"}, {"AWS_CONFIG_FILE", ""}});
  CHECK(empty.config == "/home/m/.aws/config");
}

TEST_CASE("without a home there are no shared files but those that are named") {
  CHECK(shared_file_paths({}).config == "");
  CHECK(shared_file_paths({{"HOME", ""}}).credentials == "");
  CHECK(shared_file_paths({{"AWS_CONFIG_FILE", "~/c"}}).config == "~/c");
}

TEST_CASE("the region is the option's, AWS_REGION's, AWS_DEFAULT_REGION's or the profile's") {
  World world;
  CHECK(world.settings().region == "us-east-1");
  CHECK_FALSE(world.settings().region_is_given);
  world.config = "[default]\nregion = eu-west-1\n";
  CHECK(world.settings().region == "eu-west-1");
  CHECK(world.settings().region_is_given);
  world.environment["AWS_DEFAULT_REGION"] = "eu-west-2";
  CHECK(world.settings().region == "eu-west-2");
  world.environment["AWS_REGION"] = "cn-north-1";
  CHECK(world.settings().region == "cn-north-1");
  world.options.region = "us-gov-west-1";
  CHECK(world.settings().region == "us-gov-west-1");
}

TEST_CASE("us-east-1 that is asked for counts as given") {
  World world;
  world.options.region = "us-east-1";
  CHECK(world.settings().region_is_given);
}

TEST_CASE("what is no region is refused") {
  World world;
  world.environment["AWS_REGION"] = "Hunter2";
  CHECK(world.refusal() == "AWS_REGION is no AWS region; write it as in eu-west-1");
  world.environment["AWS_REGION"] = "hunter2/x";
  CHECK(world.refusal() == "AWS_REGION is no AWS region; write it as in eu-west-1");
  world.environment.erase("AWS_REGION");
  world.config = "[default]\nregion = eu.hunter2\n";
  CHECK(world.refusal() ==
        "region of profile \"default\" is no AWS region; write it as in eu-west-1");
  world.options.region = "EU";
  CHECK(world.refusal(ErrorKind::usage) ==
        "--region \"EU\" is no AWS region; write it as in eu-west-1");
}

TEST_CASE("the endpoint is the first of option, variables, services section and profile") {
  World world;
  CHECK(world.settings().endpoint.url == "");
  world.config =
      "[default]\nendpoint_url = http://e\nservices = y\n"
      "[services y]\ns3 =\n  endpoint_url = http://d\nsts =\n  endpoint_url = http://no\n";
  CHECK(world.settings().endpoint.url == "http://d");
  world.environment["AWS_ENDPOINT_URL"] = "http://c";
  CHECK(world.settings().endpoint.url == "http://c");
  world.environment["AWS_ENDPOINT_URL_S3"] = "http://b";
  CHECK(world.settings().endpoint.url == "http://b");
  world.options.endpoint_url = "http://a:9000/path";
  CHECK(world.settings().endpoint.url == "http://a:9000/path");
}

TEST_CASE("a services section without s3 leaves the profile's endpoint") {
  World world;
  world.config =
      "[default]\nendpoint_url = http://e\nservices = y\n"
      "[services y]\nsts =\n  endpoint_url = http://no\n";
  CHECK(world.settings().endpoint.url == "http://e");
}

TEST_CASE("configured endpoints can be ignored, the option's cannot") {
  World world;
  world.config = "[default]\nendpoint_url = http://e\nservices = gone\n";
  world.environment = {{"AWS_EC2_METADATA_DISABLED", "false"},
                       {"AWS_ENDPOINT_URL", "http://c"},
                       {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE"}};
  CHECK(world.settings().endpoint.url == "");
  world.options.endpoint_url = "http://a";
  CHECK(world.settings().endpoint.url == "http://a");
}

TEST_CASE("a profile can have the files' endpoints ignored, and the environment undo it") {
  World world;
  world.config = "[default]\nendpoint_url = http://e\nignore_configured_endpoint_urls = True\n";
  CHECK(world.settings().endpoint.url == "");
  world.environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "false";
  CHECK(world.settings().endpoint.url == "http://e");
  world.environment = {{"AWS_ENDPOINT_URL", "http://c"}};
  CHECK(world.settings().endpoint.url == "http://c");
}

TEST_CASE("an endpoint that is no URL is refused, by who gave it") {
  World world;
  world.options.endpoint_url = "localhost:9000";
  CHECK(world.refusal(ErrorKind::usage).starts_with("--endpoint-url"));
  world.options.endpoint_url.clear();
  world.environment["AWS_ENDPOINT_URL_S3"] = "ftp://h";
  CHECK(world.refusal().starts_with("AWS_ENDPOINT_URL_S3"));
  world.environment = {{"AWS_ENDPOINT_URL", "http://user:hunter2@h"}};
  CHECK(world.refusal().starts_with("AWS_ENDPOINT_URL "));
  world.environment.clear();
  world.config = "[default]\nendpoint_url = h\n";
  CHECK(world.refusal().starts_with("endpoint_url of profile \"default\""));
  world.config = "[default]\nservices = y\n[services y]\ns3 =\n  endpoint_url = h\n";
  CHECK(world.refusal().starts_with("endpoint_url of s3 in the services of profile \"default\""));
  world.config = "[default]\nservices = gone\n";
  CHECK(world.refusal().starts_with("services of profile \"default\" names"));
}

TEST_CASE("the addressing style stands in the profile's s3 block") {
  World world;
  const auto style = [&](const std::string& text) {
    world.config = "[default]\ns3 =\n  addressing_style = " + text + "\n";
    return world.settings().endpoint.style;
  };
  CHECK(style("path") == AddressingStyle::path);
  CHECK(style("virtual") == AddressingStyle::virtual_host);
  CHECK(style("auto") == AddressingStyle::automatic);
  CHECK(style("") == AddressingStyle::automatic);
  world.config = "[default]\naddressing_style = path\n";
  CHECK(world.settings().endpoint.style == AddressingStyle::automatic);
  world.config = "[default]\ns3 =\n  addressing_style = hunter2\n";
  CHECK(world.refusal() ==
        "s3.addressing_style of profile \"default\" is none of auto, path and virtual");
}

TEST_CASE("the certificates are AWS_CA_BUNDLE's or the profile's") {
  World world;
  CHECK(world.settings().ca_bundle == "");
  world.config = "[default]\nca_bundle = /etc/a.pem\n";
  CHECK(world.settings().ca_bundle == "/etc/a.pem");
  world.environment["AWS_CA_BUNDLE"] = "/etc/b.pem";
  CHECK(world.settings().ca_bundle == "/etc/b.pem");
}

TEST_CASE("attempts are AWS_MAX_ATTEMPTS's or the profile's, from 1 to 100") {
  World world;
  CHECK(world.settings().max_attempts == std::nullopt);
  world.config = "[default]\nmax_attempts = 7\n";
  CHECK(world.settings().max_attempts == 7);
  for (const std::string number : {"1", "100"}) {
    world.environment["AWS_MAX_ATTEMPTS"] = number;
    CHECK(world.settings().max_attempts == std::stoul(number));
  }
  for (const std::string number : {"0", "101", "-1", "1.5", "3x", " ", "99999999999999999999"}) {
    CAPTURE(number);
    world.environment["AWS_MAX_ATTEMPTS"] = number;
    CHECK(world.refusal() == "AWS_MAX_ATTEMPTS is no number from 1 to 100");
  }
  world.environment.clear();
  world.config = "[default]\nmax_attempts = many\n";
  CHECK(world.refusal() == "max_attempts of profile \"default\" is no number from 1 to 100");
}

TEST_CASE("settings are those of the profile in force, under its name") {
  World world;
  world.config = "[default]\nregion = eu-west-1\n[profile p]\nregion = eu-west-2\n";
  CHECK(world.settings().profile == "default");
  world.options.profile = "p";
  CHECK(world.settings().profile == "p");
  CHECK(world.settings().region == "eu-west-2");
}

TEST_CASE("a slip of indentation does not show the secret below") {
  World world;
  for (const std::string key : {"region", "endpoint_url", "ca_bundle", "max_attempts", "services",
                                "aws_access_key_id", "web_identity_token_file"}) {
    CAPTURE(key);
    world.config = "[default]\n" + key + " = eu-west-1\n aws_secret_access_key = hunter2\n";
    CHECK(world.refusal().starts_with(key + " of profile \"default\""));
  }
}

TEST_CASE("credentials are due five minutes before they end") {
  Credentials credentials;
  const auto end = *parse_wall_time("2024-05-06T07:08:09Z");
  CHECK_FALSE(is_due(credentials, end + 1h));
  credentials.expires = end;
  CHECK_FALSE(is_due(credentials, end - 5min - 1us));
  CHECK(is_due(credentials, end - 5min));
  CHECK(is_due(credentials, end));
  CHECK(is_due(credentials, end + 1h));
}
