// Credentials that are configured amiss, and refused without being shown.
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "s3/aws_world.hpp"

using namespace momentcut::s3;
using momentcut::core::ErrorKind;

namespace {

World with_environment(Environment environment) {
  return {{}, std::move(environment), "", ""};
}

World with_profile(const std::string& config, const std::string& credentials = "") {
  World world{{}, {}, "[profile p]\n" + config, credentials};
  world.options.profile = "p";
  return world;
}

const std::string kKeys = "aws_access_key_id = AKID\naws_secret_access_key = hunter2\n";

bool is_permitted(const std::string& url) {
  const auto world = with_environment({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url},
                                       {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "hunter2"}});
  try {
    return world.source<ContainerEndpoint>().url == url;
  } catch (const momentcut::core::Error&) {
    CHECK(world.refusal() ==
          "AWS_CONTAINER_CREDENTIALS_FULL_URI is no URL that credentials may be asked for at; use "
          "https, loopback, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]");
    return false;
  }
}

}  // namespace

TEST_CASE("half a pair of keys is refused, by the half that is missing") {
  CHECK(with_environment({{"AWS_ACCESS_KEY_ID", "hunter2"}}).refusal() ==
        "AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not; set both or neither");
  CHECK(with_environment({{"AWS_SECRET_ACCESS_KEY", "hunter2"}, {"AWS_ACCESS_KEY_ID", ""}})
            .refusal() ==
        "AWS_SECRET_ACCESS_KEY is set, and AWS_ACCESS_KEY_ID is not; set both or neither");
  CHECK(
      with_profile("aws_access_key_id = hunter2\n").refusal() ==
      "aws_access_key_id of profile \"p\" in the config file is set, and aws_secret_access_key of "
      "profile \"p\" in the config file is not; set both or neither");
  CHECK(with_profile("", "[p]\naws_secret_access_key = hunter2\naws_access_key_id =\n").refusal() ==
        "aws_secret_access_key of profile \"p\" in the credentials file is set, and "
        "aws_access_key_id of profile \"p\" in the credentials file is not; set both or neither");
}

TEST_CASE("the halves of a pair do not come from two files") {
  CHECK(with_profile("aws_secret_access_key = hunter2\n", "[p]\naws_access_key_id = AKID\n")
            .refusal()
            .starts_with("aws_access_key_id of profile \"p\" in the credentials file is set"));
}

TEST_CASE("keys and tokens with a line break are refused") {
  const Environment good = {{"AWS_ACCESS_KEY_ID", "AKID"},
                            {"AWS_SECRET_ACCESS_KEY", "hunter2"},
                            {"AWS_SESSION_TOKEN", "hunter2"}};
  for (const auto& [name, value] : good) {
    for (const std::string bad : {"\n", "\r", "\x7f", "\x01"}) {
      auto world = with_environment(good);
      world.environment[name] = "hunter2" + bad;
      CHECK(world.refusal().starts_with(name + " has a line break or another control character"));
    }
    (void)value;
  }
  CHECK(with_profile(kKeys + "aws_session_token = hunter2\n  hunter2\n")
            .refusal()
            .starts_with("aws_session_token of profile \"p\" in the config file has a line break"));
}

TEST_CASE("profiles that assume a role are refused with the way out, whatever else they have") {
  const std::string line =
      "profile \"p\" assumes a role (role_arn), which momentcut does not do; give it a "
      "credential_process, or put what `aws configure export-credentials --profile p` says into "
      "the "
      "environment";
  const std::string role = "role_arn = arn:aws:iam::1:role/r\n";
  CHECK(with_profile(role).refusal() == line);
  CHECK(with_profile(role + "source_profile = q\n").refusal() == line);
  CHECK(with_profile(role + "credential_source = Environment\n").refusal() == line);
  CHECK(with_profile(role + "source_profile = q\nmfa_serial = m\n").refusal() == line);
  CHECK(with_profile(role + "credential_process = get\n").refusal() == line);
  CHECK(with_profile(role + kKeys).refusal() == line);
  CHECK(with_profile(role, "[p]\n" + kKeys).refusal() == line);
  CHECK(with_profile(role + "sso_role_name = r\n").refusal() == line);
}

TEST_CASE("profiles that sign in by SSO are refused with the way out, whatever else they have") {
  const std::string line =
      "profile \"p\" signs in by SSO, which momentcut does not do; give it a credential_process, "
      "or "
      "put what `aws configure export-credentials --profile p` says into the environment";
  CHECK(with_profile("sso_account_id = 1\nsso_role_name = r\nsso_session = s\n").refusal() == line);
  CHECK(with_profile("sso_role_name = r\n" + kKeys).refusal() == line);
  CHECK(with_profile("sso_account_id = 1\ncredential_process = get\n").refusal() == line);
  CHECK(with_profile("sso_account_id = 1\n", "[p]\n" + kKeys).refusal() == line);
}

TEST_CASE("a session alone is refused where the profile has nothing else") {
  for (const std::string text : {"sso_session = s\n", "sso_start_url = https://x\n"}) {
    CAPTURE(text);
    CHECK(with_profile(text).refusal().starts_with("profile \"p\" signs in by SSO"));
    CHECK(with_profile(text + kKeys).source<Credentials>().access_key == "AKID");
  }
  CHECK(with_profile("login_session = arn:x\n")
            .refusal()
            .starts_with("profile \"p\" signs in by `aws login`"));
}

TEST_CASE("what a role would need counts for nothing without one") {
  const auto world = with_profile("source_profile = q\nmfa_serial = m\nexternal_id = e\n" + kKeys);
  CHECK(world.source<Credentials>().access_key == "AKID");
}

TEST_CASE("the default profile is held to the same") {
  const World world{{}, {}, "[default]\nrole_arn = arn:a\nsource_profile = q\n", ""};
  CHECK(world.refusal().starts_with("profile \"default\" assumes a role"));
}

TEST_CASE("a profile's odd name can be pasted, and breaks no line") {
  World world{{}, {}, "[profile \"night; rm x\"]\nsso_role_name = r\n", ""};
  world.options.profile = "night; rm x";
  CHECK(world.refusal().find("export-credentials --profile 'night; rm x'`") != std::string::npos);
}

TEST_CASE("the environment's keys spare a profile that cannot be used") {
  const World world{{},
                    {{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "hunter2"}},
                    "[default]\nsso_role_name = r\nrole_arn = arn:a\n",
                    ""};
  CHECK(world.source<Credentials>().access_key == "AKID");
}

TEST_CASE("a process whose words do not end, or that is none, is refused") {
  for (const std::string text : {"get 'hunter2", "get \"hunter2", "hunter2\\"}) {
    CAPTURE(text);
    CHECK(with_profile("credential_process = " + text + "\n").refusal() ==
          "credential_process of profile \"p\" has an unclosed quote, or ends in a backslash");
  }
  for (const std::string text : {"''", "\"\" hunter2"}) {
    CAPTURE(text);
    CHECK(with_profile("credential_process = " + text + "\n").refusal() ==
          "credential_process of profile \"p\" names no program");
  }
}

TEST_CASE("a web identity without a role is refused") {
  CHECK(with_environment({{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}}).refusal() ==
        "AWS_WEB_IDENTITY_TOKEN_FILE is set without a role; set AWS_ROLE_ARN, or role_arn in the "
        "profile");
  CHECK(with_profile("web_identity_token_file = /t\n").refusal() ==
        "web_identity_token_file of profile \"p\" is set without a role; set AWS_ROLE_ARN, or "
        "role_arn in the profile");
}

TEST_CASE("a role that is no ARN and a session name that STS would not take are refused") {
  const Environment good = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}, {"AWS_ROLE_ARN", "arn:a"}};
  auto world = with_environment(good);
  world.environment["AWS_ROLE_ARN"] = "hunter2";
  CHECK(world.refusal() == "AWS_ROLE_ARN is no ARN");
  for (const auto& name : {std::string("x"), std::string("hunter2 y"), std::string(65, 'x'),
                           std::string("hunter2/y"), std::string("hunter2ß")}) {
    CAPTURE(name);
    world = with_environment(good);
    world.environment["AWS_ROLE_SESSION_NAME"] = name;
    CHECK(world.refusal() ==
          "AWS_ROLE_SESSION_NAME is no session name; use 2 to 64 of A-Z a-z 0-9 _ + = , . @ -");
  }
}

TEST_CASE("a container's endpoint is near, or asked by https") {
  for (const std::string url :
       {"http://localhost/x", "http://LOCALHOST:1/x", "http://127.0.0.1:8080/x?y",
        "http://127.9.9.9", "http://[::1]/x", "http://[::1]:80/x", "http://[0:0:0:0:0:0:0:1]/",
        "http://169.254.170.2/x", "http://169.254.170.23/v1/credentials",
        "http://[fd00:ec2::23]/v1/credentials", "http://[FD00:EC2:0::23]:80/", "HTTP://127.0.0.1/",
        "https://example.org/x", "https://192.0.2.1:8443/"}) {
    CAPTURE(url);
    CHECK(is_permitted(url));
  }
}

TEST_CASE("a container's endpoint anywhere else is refused, and gets no token") {
  for (const std::string url : {"http://example.org/",
                                "http://192.0.2.1/",
                                "http://169.254.169.254/",
                                "http://128.0.0.1/",
                                "http://localhost.example.org/",
                                "http://localhost@example.org/",
                                "http://127.0.0.1@h/",
                                "http://h#@127.0.0.1/",
                                "http://127.0.0.1\\@h/",
                                "http://localhost:80@h/",
                                "http://127.1/",
                                "http://2130706433/",
                                "http://0177.0.0.1/",
                                "http://127.0.0.1./",
                                "http://0.0.0.0/",
                                "http://[::]/",
                                "http://[::1",
                                "http://[::ffff:192.0.2.1]/",
                                "http://[fd00:ec2::24]/",
                                "http://[fd00:ec2::254]/",
                                "http://localhost:0/",
                                "http://localhost:65536/",
                                "http://localhost:x/",
                                "http://localhost:/",
                                "http://:80/",
                                "http:///x",
                                "http:",
                                "https://",
                                "https://:443/",
                                "ftp://localhost/",
                                "localhost/x",
                                "//localhost/x",
                                "file:///etc/passwd",
                                "http://localhost/a b",
                                "http://loc%61lhost/",
                                "http://löcalhost/",
                                "https://h\\x/",
                                "x"}) {
    CAPTURE(url);
    CHECK_FALSE(is_permitted(url));
  }
}

TEST_CASE("a container's path begins with a slash and leads nowhere else") {
  for (const std::string path : {"x", "@example.org/", ":80@example.org", ".example.org/", "/a b",
                                 "http://example.org/", "?x", "/\xff"}) {
    CAPTURE(path);
    CHECK(with_environment({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", path}}).refusal() ==
          "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path that begins with \"/\"");
  }
}

TEST_CASE("a container's token with a line break is refused") {
  for (const std::string token : {"hunter2\r\nX: y", "hunter2\n", "hunter2\r"}) {
    CHECK(with_environment({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/"},
                            {"AWS_CONTAINER_AUTHORIZATION_TOKEN", token}})
              .refusal()
              .starts_with("AWS_CONTAINER_AUTHORIZATION_TOKEN has a line break"));
  }
}

TEST_CASE("instance metadata at no URL, or in no mode that is known, is refused") {
  CHECK(with_environment({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "169.254.169.254"}})
            .refusal()
            .starts_with("AWS_EC2_METADATA_SERVICE_ENDPOINT is no http or https URL"));
  CHECK(with_environment({{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv5"}}).refusal() ==
        "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither IPv4 nor IPv6");
  CHECK(with_profile("ec2_metadata_service_endpoint_mode = hunter2\n").refusal() ==
        "ec2_metadata_service_endpoint_mode of profile \"p\" is neither IPv4 nor IPv6");
}
