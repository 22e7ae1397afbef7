// Many requests beside each other, and what playlists may lead to.
#include "momentcut/pipeline/remote.hpp"

#include <chrono>
#include <csignal>
#include <functional>
#include <string>
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

const s3::Location kSecure{s3::Scheme::https, "https://h/r/p.m3u8"};

}  // namespace

TEST_CASE("answers come in the order of what was asked") {
  Network network(Network::Answering(
      [](const io::Asked& asked) -> Answer { return answer(200, asked.line().substr(4, 2)); }));
  network.request.network.connections = 3;
  std::vector<Ask> asks;
  for (const auto* path : {"/a", "/b", "/c", "/d", "/e"}) {
    asks.push_back(Network::ask_for(network.at(path)));
  }
  std::string order;
  for (const auto& reply : network.remote().ask(std::move(asks))) order += reply.body;
  CHECK(order == "/a/b/c/d/e");
  CHECK(network.server().connections() == 3);
  CHECK(network.remote().connections() == 3);
}

TEST_CASE("the first that cannot be had ends all the others") {
  const io::ScriptedServer server([](io::Connection& connection) {
    while (connection.hear()) {
      if (connection.number() == 0) {
        connection.pause(100ms);
        connection.say(answer(404));
      } else {
        connection.wait_for_end();
      }
    }
  });
  World world;
  std::vector<Ask> asks;
  for (const auto* path : {"/a", "/b"}) {
    asks.push_back(Network::ask_for({s3::Scheme::http, server.url(path)}));
  }
  CHECK(thrown_by([&] { world.remote.ask(std::move(asks)); }).kind() == ErrorKind::not_found);
}

TEST_CASE("a signal ends what is under way, and not what must not stop half-way") {
  Network network(Network::Answering([](const io::Asked&) { return Answer(answer(200, "body")); }));
  const auto ask = Network::ask_for(network.at("/x"));
  auto& remote = network.remote();
  std::raise(SIGTERM);
  CHECK(thrown_by([&] { remote.ask(ask); }).kind() == ErrorKind::interrupted);
  const auto reply = remote.ask_undisturbed(ask, 10s);
  REQUIRE(reply);
  CHECK(reply->body == "body");
}

TEST_CASE("what must not stop half-way has its limit") {
  const io::ScriptedServer server([](io::Connection& connection) { connection.wait_for_end(); });
  World world;
  const auto ask = Network::ask_for({s3::Scheme::http, server.url()});
  CHECK_FALSE(world.remote.ask_undisturbed(ask, 200ms));
}

TEST_CASE("AWS settings are looked at only where S3 is spoken to") {
  Network network({answer(200, "body")});
  network.request.network.environment = {{"AWS_PROFILE", "missing"}};
  CHECK(network.get().body == "body");
  CHECK(thrown_by([&] { network.get_object(); }).kind() == ErrorKind::configuration);
}

TEST_CASE("where S3 will be spoken to, wrong AWS settings are told at once") {
  const auto refused = [](const std::function<void(Request&)>& change) {
    Request request;
    request.network.environment = {{"AWS_PROFILE", "missing"}};
    change(request);
    return thrown_by([&] { const World world(request); }).kind();
  };
  CHECK(refused([](Request& r) { r.source = "s3://rec/p.m3u8"; }) == ErrorKind::configuration);
  CHECK(refused([](Request& r) { r.upload.emplace(); }) == ErrorKind::configuration);
  CHECK(refused([](Request& r) {
          r.source = "https://h/p";
          r.network.sign = true;
        }) == ErrorKind::configuration);
  Request local;
  local.source = "p.m3u8";
  local.network.sign = true;
  local.network.environment = {{"AWS_PROFILE", "missing"}};
  CHECK_NOTHROW(World{local});
}

TEST_CASE("a CA bundle that is not there is told where it is needed") {
  Network network(std::vector<Answer>{});
  network.request.network.environment = {{"AWS_CA_BUNDLE", "/no/such.pem"}};
  const auto error = thrown_by([&] { network.get(); });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(error.line() == "no such CA bundle: \"/no/such.pem\"");
}

TEST_CASE("a playlist over https may not lead to http, unless that is permitted") {
  World world;
  CHECK(world.remote.follow(kSecure, "0.ts", "x").text == "https://h/r/0.ts");
  for (const std::string reference : {"http://h/0.ts", "HTTP://h/0.ts"}) {
    const auto error = thrown_by([&] { world.remote.follow(kSecure, reference, "p:7"); });
    CHECK(error.kind() == ErrorKind::bad_data);
    CHECK(error.hint() == "permit it with --allow-http");
    CHECK(error.line().starts_with("p:7: it leads from https to "));
  }
  const s3::Location plain{s3::Scheme::http, "http://h/p"};
  CHECK(world.remote.follow(plain, "//o/0.ts", "x").text == "http://o/0.ts");
  const s3::Location local{s3::Scheme::file, "/r/p.m3u8"};
  CHECK(world.remote.follow(local, "http://h/0.ts", "x").text == "http://h/0.ts");
  Request permitting;
  permitting.network.allow_http = true;
  World permitted(permitting);
  CHECK(permitted.remote.follow(kSecure, "http://h/0.ts", "x").text == "http://h/0.ts");
}

TEST_CASE("an S3 endpoint is as secure as its URL") {
  Network plain(std::vector<Answer>{});
  plain.speak_s3();
  CHECK(thrown_by([&] { plain.remote().follow(kSecure, "s3://rec/0.ts", "x"); }).kind() ==
        ErrorKind::bad_data);
  Network secure(std::vector<Answer>{});
  secure.speak_s3();
  secure.request.network.aws.endpoint_url = "";
  CHECK(secure.remote().follow(kSecure, "s3://rec/0.ts", "x").text == "s3://rec/0.ts");
  const auto base = Network::object("p.m3u8");
  CHECK(thrown_by([&] { secure.remote().follow(base, "http://h/0.ts", "x"); }).kind() ==
        ErrorKind::bad_data);
}

TEST_CASE("what a playlist may not name is told with its place") {
  World world;
  const auto error =
      thrown_by([&] { world.remote.follow(kSecure, "file:///etc/passwd", "p.m3u8:7"); });
  CHECK(error.kind() == ErrorKind::bad_data);
  CHECK(error.line() ==
        "p.m3u8:7: a remote playlist may not name a local file: \"file:///etc/passwd\"");
}

TEST_CASE("URLs of S3 objects are signed where that is wanted, and only there") {
  const s3::Location url{s3::Scheme::https, "https://rec.s3.eu-west-1.amazonaws.com/a%20b/0.ts?x"};
  const s3::Location other{s3::Scheme::https, "https://cdn.example/0.ts"};
  Network network(std::vector<Answer>{});
  network.speak_s3();
  network.request.network.aws.endpoint_url = "";
  CHECK(network.remote().signed_if_wanted(url) == url);
  Network signing(std::vector<Answer>{});
  signing.speak_s3();
  signing.request.network.aws.endpoint_url = "";
  signing.request.network.sign = true;
  CHECK(signing.remote().signed_if_wanted(url) == Network::object("a b/0.ts"));
  CHECK(signing.remote().signed_if_wanted(other) == other);
  CHECK(signing.remote().follow(url, "1.ts", "x") == Network::object("a b/1.ts"));
  // The region that the URL says is the one that is signed for.
  CHECK(signing.remote().shared_url({"rec", "0.ts"}, 60s).find("eu-west-1%2Fs3") !=
        std::string::npos);
}

TEST_CASE("a URL for others lives as long as was said, and shows no secret") {
  Network network(std::vector<Answer>{});
  network.speak_s3();
  const auto url = network.remote().shared_url({"rec", "a b.mp4"}, 3600s);
  CHECK(url.starts_with(network.at("/rec/a%20b.mp4?").text));
  CHECK(url.find("X-Amz-Expires=3600") != std::string::npos);
  CHECK(url.find("hunter2") == std::string::npos);
  CHECK(network.asked().empty());
}
