// Credentials from programs and endpoints, asked for when they are needed and not more often.
#include "momentcut/pipeline/credentials.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "pipeline/served.hpp"
#include "print.hpp"

using namespace momentcut;
using namespace momentcut::pipeline;
using namespace std::chrono_literals;
using core::ErrorKind;
using core::thrown_by;
using io::answer;

namespace {

const auto kNow = *core::parse_wall_time("2030-01-01T00:00:00Z");

// What an endpoint serves, good until `expires`.
std::string served(const std::string& key, const std::string& expires = "2030-01-01T06:00:00Z") {
  return answer(200, R"({"Code": "Success", "AccessKeyId": ")" + key +
                         R"(", "SecretAccessKey": "hunter2", "Token": "t", "Expiration": ")" +
                         expires + "\"}");
}

// A provider beside a server, for sources that are made of the server's URL.
struct Bench {
  explicit Bench(std::vector<Answer> answers = {}) : network(std::move(answers)) {}

  CredentialProvider& provider(s3::CredentialSource source) {
    made.emplace(std::move(source), network.server().url("/sts"), io::HttpSettings{},
                 network.world().context);
    return *made;
  }
  // The line of the error that the source ends in, which shows no secret.
  std::string refusal(s3::CredentialSource source, ErrorKind kind) {
    const auto error = thrown_by([&] { (void)provider(std::move(source)).get(kNow); });
    CHECK(error.kind() == kind);
    CHECK(error.line().find("hunter2") == std::string::npos);
    return error.line();
  }
  // A shell script that counts its runs in "count".
  s3::ProcessCredentials process(const std::string& script) {
    const auto file = network.folder().write(
        "keys", "echo run >> " + (network.folder() / "count").native() + "\n" + script + "\n");
    return {{"/bin/sh", file.native(), "hunter2"}};
  }

  Network network;
  std::optional<CredentialProvider> made;
};

}  // namespace

TEST_CASE("fixed credentials and none at all are as they are") {
  Bench bench;
  auto& fixed = bench.provider(s3::Credentials{"AKID", "hunter2", "t", {}});
  REQUIRE(fixed.get(kNow));
  CHECK(fixed.get(kNow)->access_key == "AKID");
  CHECK_FALSE(fixed.renew());
  CHECK(fixed.get(kNow)->session_token == "t");
  auto& none = bench.provider(s3::Anonymous{});
  CHECK_FALSE(none.get(kNow));
  CHECK_FALSE(none.renew());
}

TEST_CASE("a program is asked once, until what it said is about to end") {
  Bench bench;
  auto& provider = bench.provider(bench.process(
      R"(echo '{"Version": 1, "AccessKeyId": "AKID", "SecretAccessKey": "hunter2",'
         echo '"Expiration": "2030-01-01T01:00:00Z"}')"));
  CHECK(bench.network.process_runs() == 0);
  CHECK(provider.get(kNow)->access_key == "AKID");
  CHECK(provider.get(kNow + 54min)->secret_key == "hunter2");
  CHECK(bench.network.process_runs() == 1);
  (void)provider.get(kNow + 56min);
  CHECK(bench.network.process_runs() == 2);
  CHECK(provider.renew());
  (void)provider.get(kNow);
  CHECK(bench.network.process_runs() == 3);
}

TEST_CASE("a program that fails is named, and neither its words nor what it says are shown") {
  Bench bench;
  CHECK(bench.refusal(bench.process("echo hunter2; echo hunter2 >&2; exit 3"),
                      ErrorKind::no_permission) ==
        "credential_process \"/bin/sh\" failed (exit status 3); run it by hand to see why");
  CHECK(bench.refusal(bench.process("kill -9 $$"), ErrorKind::no_permission) ==
        "credential_process \"/bin/sh\" was ended by signal 9; run it by hand to see why");
  (void)bench.refusal(bench.process("echo hunter2"), ErrorKind::configuration);
  const auto missing =
      bench.refusal(s3::ProcessCredentials{{"/no/such/program"}}, ErrorKind::configuration);
  CHECK(missing.starts_with("credential_process: "));
}

TEST_CASE("a program that hangs is ended") {
  Bench bench;
  Context impatient(bench.network.world().observer, bench.network.world().interrupt, 200ms);
  CredentialProvider provider(bench.process("exec sleep 20"), "", {}, impatient);
  CHECK(thrown_by([&] { (void)provider.get(kNow); }).line().find(" hung; ") != std::string::npos);
}

TEST_CASE("a container's endpoint is given its token, the file's before the variable's") {
  Bench bench({served("AKID1"), served("AKID2"), served("AKID3")});
  const auto url = bench.network.at("/creds?x=1").text;
  const auto file = bench.network.folder().write("token", "from file\r\n");
  CHECK(bench.provider(s3::ContainerEndpoint{url, "", ""}).get(kNow)->access_key == "AKID1");
  CHECK(bench.provider(s3::ContainerEndpoint{url, "", "given"}).get(kNow)->session_token == "t");
  (void)bench.provider(s3::ContainerEndpoint{url, file.native(), "given"}).get(kNow);
  const auto asked = bench.network.asked();
  REQUIRE(asked.size() == 3);
  CHECK(asked[0].line() == "GET /creds?x=1 HTTP/1.1");
  CHECK(asked[0].field("authorization") == "(none)");
  CHECK(asked[1].field("authorization") == "given");
  CHECK(asked[2].field("authorization") == "from file");
}

TEST_CASE("a token file that holds no token is told before anybody is asked") {
  Bench bench;
  const auto url = bench.network.at("/creds").text;
  for (const std::string content : {"", "\n", "a\r\nX-Injected: hunter2"}) {
    const auto file = bench.network.folder().write("token", content);
    const auto line =
        bench.refusal(s3::ContainerEndpoint{url, file.native(), ""}, ErrorKind::configuration);
    CHECK(line == "AWS credentials: \"" + file.native() + "\" holds no token");
  }
  const auto missing = bench.network.folder() / "missing";
  (void)bench.refusal(s3::ContainerEndpoint{url, missing.native(), ""}, ErrorKind::configuration);
  CHECK(bench.network.asked().empty());
}

TEST_CASE("an endpoint out of order is asked again, one that refuses is not") {
  Bench again({answer(503), served("AKID")});
  CHECK(again.provider(s3::ContainerEndpoint{again.network.at("/c").text, "", ""})
            .get(kNow)
            ->access_key == "AKID");
  Bench refusing({answer(404, "hunter2"), served("AKID")});
  CHECK(refusing.refusal(s3::ContainerEndpoint{refusing.network.at("/c").text, "", ""},
                         ErrorKind::no_permission) ==
        "no AWS credentials from the container's endpoint: HTTP status 404; check the role and the "
        "token");
  CHECK(refusing.network.asked().size() == 1);
}

TEST_CASE("where nobody answers there is no container and no instance") {
  Bench bench;
  const auto gone = [] { return io::ScriptedServer(std::vector<std::string>()).url(""); }();
  const auto line = bench.refusal(s3::InstanceMetadata{gone}, ErrorKind::no_permission);
  CHECK(line.starts_with("no AWS credentials from the instance's metadata: "));
  CHECK(line.find("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY") != std::string::npos);
}

TEST_CASE("an instance gives a session's token, then its role, then the credentials") {
  Bench bench({answer(200, "session"), answer(200, "my role/x\nother"), served("AKID")});
  CHECK(
      bench.provider(s3::InstanceMetadata{bench.network.server().url("")}).get(kNow)->access_key ==
      "AKID");
  const auto asked = bench.network.asked();
  REQUIRE(asked.size() == 3);
  CHECK(asked[0].line() == "PUT /latest/api/token HTTP/1.1");
  CHECK(asked[0].field("x-aws-ec2-metadata-token-ttl-seconds") == "21600");
  CHECK(asked[1].line() == "GET /latest/meta-data/iam/security-credentials/ HTTP/1.1");
  CHECK(asked[1].field("x-aws-ec2-metadata-token") == "session");
  CHECK(asked[2].line() == "GET /latest/meta-data/iam/security-credentials/my%20role%2Fx HTTP/1.1");
  CHECK(asked[2].field("x-aws-ec2-metadata-token") == "session");
}

TEST_CASE("a session's token that is no header's value is refused") {
  for (const std::string token : {"", "a\r\nX-Injected: 1"}) {
    Bench bench({answer(200, token)});
    CHECK(bench.refusal(s3::InstanceMetadata{bench.network.server().url("")},
                        ErrorKind::protocol) == "the instance's metadata gave no session token");
    CHECK(bench.network.asked().size() == 1);
  }
}

TEST_CASE("a web identity is turned into credentials by STS") {
  Bench bench({answer(
      200,
      "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
      "<AccessKeyId>AKID</AccessKeyId><SecretAccessKey>hunter2</SecretAccessKey>"
      "<SessionToken>t</SessionToken><Expiration>2030-01-01T01:00:00Z</Expiration></Credentials>"
      "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>")});
  const auto file = bench.network.folder().write("jwt", "ey.J+=\n");
  const auto credentials =
      bench.provider(s3::WebIdentity{"arn:aws:iam::1:role/r", file.native(), "me"}).get(kNow);
  CHECK(credentials->access_key == "AKID");
  const auto asked = bench.network.asked().at(0);
  CHECK(asked.line() == "POST /sts HTTP/1.1");
  CHECK(asked.field("content-type") == "application/x-www-form-urlencoded");
  CHECK(asked.body ==
        "Action=AssumeRoleWithWebIdentity&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&"
        "RoleSessionName=me&Version=2011-06-15&WebIdentityToken=ey.J%2B%3D");
}

TEST_CASE("why STS refuses is told by its code alone") {
  Bench bench({answer(400,
                      "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredTokenException</Code>"
                      "<Message>hunter2</Message></Error></ErrorResponse>")});
  const auto file = bench.network.folder().write("jwt", "hunter2");
  CHECK(bench.refusal(s3::WebIdentity{"arn:aws:iam::1:role/r", file.native(), "me"},
                      ErrorKind::no_permission) ==
        "no AWS credentials from the web identity's role: HTTP status 400, ExpiredTokenException; "
        "check the role and the token");
}

TEST_CASE("credentials that never end are cut off") {
  Bench bench({Answer("HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n{\"AccessKeyId\": \"" +
                      std::string(100U << 10U, 'x'))});
  (void)bench.refusal(s3::ContainerEndpoint{bench.network.at("/c").text, "", ""},
                      ErrorKind::protocol);
}
