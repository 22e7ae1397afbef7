// The settings about servers, S3 and uploads.
#include "momentcut/cli/network.hpp"

#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "print.hpp"

using namespace momentcut::cli;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;
using Pairs = std::vector<std::pair<std::string, std::string>>;

namespace {

Settings with(Values command_line, Values environment = {}, Values configuration = {}) {
  return {std::move(command_line), std::move(environment), std::move(configuration), "c.toml"};
}

std::string refusal(Values command_line, Values environment = {}, Values configuration = {}) {
  const auto settings =
      with(std::move(command_line), std::move(environment), std::move(configuration));
  const auto error = thrown_by([&] { (void)network_options(settings); });
  CHECK(error.kind() == ErrorKind::usage);
  return error.line();
}

Pairs headers(const std::string& lines) {
  return network_options(with({{"header", lines}})).headers;
}

}  // namespace

TEST_CASE("with nothing set, servers are asked as the defaults have it") {
  const auto options = network_options(with({}));
  CHECK(options.connections == 8);
  CHECK_FALSE(options.retries);
  CHECK(options.connect_timeout == 10s);
  CHECK_FALSE(options.allow_http);
  CHECK(options.headers.empty());
  CHECK(options.user_agent.empty());
  CHECK_FALSE(options.sign);
  CHECK_FALSE(options.request_payer);
  CHECK(options.aws.profile.empty());
  CHECK(options.aws.region.empty());
  CHECK(options.aws.endpoint_url.empty());
  CHECK_FALSE(options.aws.no_sign_request);
  CHECK(options.environment.empty());
}

TEST_CASE("everything about servers can be set") {
  const auto options = network_options(with({{"connections", "16"},
                                             {"retries", "9"},
                                             {"timeout", "2.5"},
                                             {"allow-http", "1"},
                                             {"header", "A: b\nC: d"},
                                             {"user-agent", "me/1 (x)"},
                                             {"sign", "1"},
                                             {"request-payer", "1"},
                                             {"profile", "p"},
                                             {"region", "eu-west-1"},
                                             {"endpoint-url", "http://127.0.0.1:9000"},
                                             {"no-sign-request", "1"}},
                                            {{"AWS_REGION", "us-east-2"}}));
  CHECK(options.connections == 16);
  CHECK(options.retries == 9U);
  CHECK(options.connect_timeout == 2'500ms);
  CHECK(options.allow_http);
  CHECK(options.headers == Pairs{{"A", "b"}, {"C", "d"}});
  CHECK(options.user_agent == "me/1 (x)");
  CHECK(options.sign);
  CHECK(options.request_payer);
  CHECK(options.aws.profile == "p");
  CHECK(options.aws.region == "eu-west-1");
  CHECK(options.aws.endpoint_url == "http://127.0.0.1:9000");
  CHECK(options.aws.no_sign_request);
  CHECK(options.environment.at("AWS_REGION") == "us-east-2");
}

TEST_CASE("transfers at once are 1 to 64") {
  const auto connections = [](const std::string& number) {
    return network_options(with({{"connections", number}})).connections;
  };
  CHECK(connections("1") == 1);
  CHECK(connections("64") == 64);
  CHECK(refusal({{"connections", "0"}}) ==
        "--connections: \"0\" is not a whole number from 1 to 64");
  CHECK(refusal({}, {{"MOMENTCUT_CONNECTIONS", "65"}}) ==
        "MOMENTCUT_CONNECTIONS: \"65\" is not a whole number from 1 to 64");
}

TEST_CASE("no retries is a number of retries") {
  CHECK(network_options(with({{"retries", "0"}})).retries == 0U);
  CHECK(network_options(with({{"retries", "100"}})).retries == 100U);
  CHECK(refusal({{"retries", "101"}}) == "--retries: \"101\" is not a whole number from 0 to 100");
  CHECK(refusal({{"retries", "-1"}}).starts_with("--retries: \"-1\" is not"));
}

TEST_CASE("a connection gets some time") {
  CHECK(network_options(with({{"timeout", "0.0001"}})).connect_timeout == 1ms);
  CHECK(refusal({{"timeout", "0"}}).starts_with("--timeout: \"0\" is not a length of time"));
}

TEST_CASE("a header is a name, a colon and a value") {
  CHECK(headers("Authorization: Bearer a:b=c") == Pairs{{"Authorization", "Bearer a:b=c"}});
  CHECK(headers("X-A:b") == Pairs{{"X-A", "b"}});
  CHECK(headers("X-A :  b\t") == Pairs{{"X-A", "b"}});
  CHECK(headers("X-A:") == Pairs{{"X-A", ""}});
  CHECK(headers("X-A: 1\nX-A: 2") == Pairs{{"X-A", "1"}, {"X-A", "2"}});
  CHECK(headers("X-A: größe") == Pairs{{"X-A", "größe"}});
}

TEST_CASE("a header in another form is refused without showing it") {
  for (const std::string odd : {"hush", "Bearer hush", "Bearer hush: x", ": hush", "\nA: b",
                                "A: b\nhush", "größe: hush", "\"A\": hush", "A: b\n"}) {
    CAPTURE(odd);
    CHECK(refusal({{"header", odd}}) == "--header needs the form 'Name: value'");
  }
  CHECK(refusal({{"header", std::string("A: hush\x1b[31m")}}) ==
        "--header: a control character in the value of \"A\"");
  CHECK(refusal({{"header", "A: hush\r"}}) ==
        "--header: a control character in the value of \"A\"");
}

TEST_CASE("a header that is refused is told with where it was said") {
  CHECK(refusal({}, {{"MOMENTCUT_HEADER", "hush"}}) ==
        "MOMENTCUT_HEADER needs the form 'Name: value'");
  CHECK(refusal({}, {}, {{"header", "A: b\nhush"}}) ==
        "header in c.toml needs the form 'Name: value'");
}

TEST_CASE("headers that say what is sent and how are not for the user to say") {
  CHECK(refusal({{"header", "Host: hush"}}) == "--header: \"Host\" is not for you to say");
  CHECK(refusal({}, {{"MOMENTCUT_HEADER", "A: b\nrange: bytes=0-9"}}) ==
        "MOMENTCUT_HEADER: \"range\" is not for you to say");
  for (const std::string name : {"IF-MATCH", "If-None-Match", "If-Range", "If-Modified-Since",
                                 "If-Unmodified-Since", "Accept-Encoding", "Expect", "Upgrade",
                                 "Content-Length", "Transfer-Encoding", "TE", "Connection"}) {
    CHECK(refusal({{"header", name + ": x"}}) ==
          "--header: \"" + name + "\" is not for you to say");
  }
  CHECK(headers("User-Agent: me") == Pairs{{"User-Agent", "me"}});
}

TEST_CASE("who asks is plain text") {
  CHECK(refusal({{"user-agent", "gr\xc3\xb6\xc3\x9f"}}).starts_with("--user-agent: "));
  CHECK(refusal({{"user-agent", "a\r\nB: c"}}).ends_with(" is not plain ASCII text"));
  CHECK(refusal({{"user-agent", ""}}) == "--user-agent is empty");
}

TEST_CASE("a text that is empty is a slip") {
  for (const std::string option : {"profile", "region", "endpoint-url", "header"}) {
    CHECK(refusal({{option, ""}}) == "--" + option + " is empty");
  }
}
