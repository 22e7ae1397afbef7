// Many transfers beside each other: order, places, further attempts, and the end of them all.
#include "momentcut/io/http.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "io/fetched.hpp"
#include "io/folder.hpp"
#include "io/scripted_server.hpp"
#include "momentcut/core/error.hpp"
#include "print.hpp"

using namespace momentcut::io;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;

namespace {

using Clock = std::chrono::steady_clock;
using Delay = std::optional<std::chrono::milliseconds>;

// Answers each request with its path, after a while.
void echo(Connection& connection) {
  Asked asked;
  while (connection.hear_head(asked)) {
    connection.pause(20ms);
    const auto line = asked.line();
    connection.say(answer(200, line.substr(4, line.rfind(' ') - 4)));
  }
}

// Answers "/" at once, hears everything else and says nothing.
void answer_the_root(Connection& connection) {
  Asked asked;
  while (connection.hear_head(asked)) {
    if (asked.line() == "GET / HTTP/1.1") connection.say(answer(200, "root"));
  }
}

// Transfers of `count` different paths of the server.
std::vector<HttpTransfer> transfers_of(const ScriptedServer& server, std::vector<Fetched>& into,
                                       std::size_t count) {
  into.resize(count);
  std::vector<HttpTransfer> transfers;
  for (std::size_t i = 0; i < count; ++i) {
    transfers.push_back(transfer_of(request_for(server.url("/" + std::to_string(i))), into[i]));
  }
  return transfers;
}

}  // namespace

TEST_CASE("transfers begin in their order, and never more at once than allowed") {
  ScriptedServer server(echo);
  std::vector<Fetched> fetched;
  auto transfers = transfers_of(server, fetched, 20);
  std::vector<std::size_t> begun;
  std::size_t under_way = 0;
  std::size_t most = 0;
  for (std::size_t i = 0; i < transfers.size(); ++i) {
    transfers[i].prepare = [&, i, prepare = transfers[i].prepare] {
      begun.push_back(i);
      most = std::max(most, ++under_way);
      return prepare();
    };
    transfers[i].on_end = [&, on_end = transfers[i].on_end](const HttpOutcome& outcome) {
      --under_way;
      return on_end(outcome);
    };
  }
  Interrupt interrupt;
  Http http(impatient(), interrupt);
  http.run(transfers, 4);
  CHECK(most == 4);
  CHECK(std::is_sorted(begun.begin(), begun.end()));
  CHECK(begun.size() == 20);
  for (std::size_t i = 0; i < fetched.size(); ++i) {
    CHECK(fetched[i].events == "phbe");
    CHECK(fetched[i].body == "/" + std::to_string(i));
  }
  CHECK(server.connections() <= 4);
}

TEST_CASE("no transfers are done at once, and no place is one") {
  ScriptedServer server(echo);
  Interrupt interrupt;
  Http http(impatient(), interrupt);
  http.run({}, 4);
  std::vector<Fetched> fetched;
  http.run(transfers_of(server, fetched, 3), 0);
  CHECK(fetched[2].body == "/2");
}

TEST_CASE("a connection is used again, also by the next run") {
  ScriptedServer server(echo);
  Interrupt interrupt;
  Http http(impatient(), interrupt);
  for (int i = 0; i < 3; ++i) {
    std::vector<Fetched> fetched;
    http.run(transfers_of(server, fetched, 3), 1);
    CHECK(fetched[2].outcome.failure == HttpFailure::none);
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("a transfer is attempted as often as its end asks for, each time with a new request") {
  ScriptedServer server({answer(503), answer(500, "no"), answer(200, "yes")});
  Interrupt interrupt;
  Http http(impatient(), interrupt);
  Fetched fetched;
  auto transfer = transfer_of({}, fetched);
  int attempts = 0;
  transfer.prepare = [&] { return request_for(server.url("/" + std::to_string(++attempts))); };
  std::vector<int> statuses;
  transfer.on_end = [&](const HttpOutcome& outcome) {
    statuses.push_back(outcome.head.status);
    return outcome.head.status == 200 ? Delay() : Delay(0ms);
  };
  http.run({transfer}, 1);
  CHECK(statuses == std::vector<int>{503, 500, 200});
  CHECK(server.asked().at(2).line() == "GET /3 HTTP/1.1");
  CHECK(fetched.body == "noyes");
}

TEST_CASE("a further attempt waits for its time without holding a place, and without work") {
  ScriptedServer server(echo);
  Interrupt interrupt;
  Http http(impatient(), interrupt);
  std::vector<Fetched> fetched;
  auto transfers = transfers_of(server, fetched, 3);
  std::string ends;
  Clock::time_point first;
  Clock::time_point second;
  transfers[0].on_end = [&](const HttpOutcome&) {
    ends += '0';
    (ends.size() == 1 ? first : second) = Clock::now();
    return ends.size() == 1 ? Delay(600ms) : Delay();
  };
  for (const std::size_t i : {1U, 2U}) {
    transfers[i].on_end = [&ends, i](const HttpOutcome&) {
      ends += std::to_string(i);
      return Delay();
    };
  }
  const auto cpu = std::clock();
  http.run(transfers, 1);
  CHECK(ends == "0120");
  CHECK((second - first >= 600ms));
  CHECK((second - first < 5s));
  CHECK(std::clock() - cpu < CLOCKS_PER_SEC / 4);
}

TEST_CASE("a body that is enough ends its transfer well") {
  ScriptedServer server({answer(200, std::string(3'000'000, 'x')), answer(200, "next")});
  Interrupt interrupt;
  Http http(impatient(), interrupt);
  Fetched fetched;
  auto transfer = transfer_of(request_for(server.url()), fetched);
  int calls = 0;
  transfer.on_body = [&](std::string_view bytes) {
    fetched.body += bytes;
    return ++calls < 2;
  };
  http.run({transfer}, 1);
  CHECK(calls == 2);
  CHECK(fetched.events == "phe");
  CHECK(fetched.outcome.failure == HttpFailure::none);
  CHECK(fetched.outcome.head.status == 200);
  CHECK(fetched.outcome.received == fetched.body.size());
  CHECK(fetched.body.size() < 3'000'000);
}

TEST_CASE("a transfer may leave out every callback but the first") {
  ScriptedServer server({answer(200, "dropped")});
  Interrupt interrupt;
  Http http(impatient(), interrupt);
  http.run({{[&] { return request_for(server.url()); }, {}, {}, {}}}, 1);
  CHECK(server.asked().size() == 1);
}

TEST_CASE("what a callback throws ends all transfers and comes through, and no callback follows") {
  const std::runtime_error no_more("no more");
  for (const std::string thrower : {"prepare", "on_head", "on_body", "on_end"}) {
    CAPTURE(thrower);
    ScriptedServer server(echo);
    std::vector<Fetched> fetched;
    auto transfers = transfers_of(server, fetched, 8);
    bool thrown = false;
    int late = 0;
    const auto may_throw = [&](std::size_t i, const std::string& where) {
      late += thrown ? 1 : 0;
      if (i == 3 && where == thrower) {
        thrown = true;
        throw no_more;
      }
    };
    for (std::size_t i = 0; i < transfers.size(); ++i) {
      transfers[i].prepare = [&, i, prepare = transfers[i].prepare] {
        may_throw(i, "prepare");
        return prepare();
      };
      transfers[i].on_head = [&, i](const HttpHead&) { may_throw(i, "on_head"); };
      transfers[i].on_body = [&, i](std::string_view) {
        may_throw(i, "on_body");
        return true;
      };
      transfers[i].on_end = [&, i](const HttpOutcome&) {
        may_throw(i, "on_end");
        return Delay();
      };
    }
    Interrupt interrupt;
    Http http(impatient(), interrupt);
    CHECK_THROWS_WITH_AS(http.run(transfers, 4), "no more", std::runtime_error);
    CHECK(thrown);
    CHECK(late == 0);
    // It is as good as new.
    std::vector<Fetched> again;
    http.run(transfers_of(server, again, 8), 4);
    for (const auto& one : again) CHECK(one.events == "phbe");
    CHECK(late == 0);
  }
}

TEST_CASE("a callback may run what it needs itself") {
  ScriptedServer server(echo);
  Interrupt interrupt;
  Http http(impatient(), interrupt);
  std::vector<Fetched> fetched;
  auto transfers = transfers_of(server, fetched, 4);
  std::vector<Fetched> inner(3);
  const auto run_inner = [&](std::size_t i) {
    http.run({transfer_of(request_for(server.url("/inner")), inner[i])}, 1);
  };
  transfers[1].prepare = [&, prepare = transfers[1].prepare] {
    run_inner(0);
    return prepare();
  };
  transfers[2].on_head = [&](const HttpHead&) { run_inner(1); };
  transfers[3].on_end = [&](const HttpOutcome&) {
    run_inner(2);
    return Delay();
  };
  http.run(transfers, 4);
  for (const auto& one : inner) CHECK(one.body == "/inner");
  for (const auto& one : fetched) CHECK(one.body.size() == 2);
}

TEST_CASE("a signal ends all transfers at once") {
  ScriptedServer server(answer_the_root);
  Interrupt interrupt;
  Http http(impatient(), interrupt);
  std::vector<Fetched> fetched;
  auto transfers = transfers_of(server, fetched, 6);
  Fetched raising;
  transfers.push_back(transfer_of(request_for(server.url()), raising));
  transfers.back().on_end = [](const HttpOutcome&) {
    std::raise(SIGTERM);
    return Delay();
  };
  const auto before = Clock::now();
  const auto error = thrown_by([&] { http.run(transfers, 7); });
  CHECK(error.kind() == ErrorKind::interrupted);
  CHECK(error.signal() == SIGTERM);
  CHECK((Clock::now() - before < 5s));
  for (const auto& one : fetched) CHECK(one.events == "p");
  // And no other is begun.
  CHECK(thrown_by([&] { http.run(transfers, 7); }).kind() == ErrorKind::interrupted);
  for (const auto& one : fetched) CHECK(one.events == "p");
}

TEST_CASE("a signal ends a wait for a further attempt") {
  ScriptedServer server({answer(503)});
  Interrupt interrupt;
  Http http(impatient(), interrupt);
  Fetched fetched;
  auto transfer = transfer_of(request_for(server.url()), fetched);
  transfer.on_end = [](const HttpOutcome&) {
    std::raise(SIGHUP);
    return Delay(std::chrono::milliseconds::max());
  };
  CHECK(thrown_by([&] { http.run({transfer}, 1); }).signal() == SIGHUP);
}

TEST_CASE("what is to be cleaned up is, while a signal waits") {
  ScriptedServer server(echo);
  Interrupt interrupt;
  Http http(impatient(), interrupt);
  std::raise(SIGTERM);
  std::vector<Fetched> fetched;
  http.run_undisturbed(transfers_of(server, fetched, 20), 20s);
  for (const auto& one : fetched) CHECK(one.events == "phbe");
  CHECK(thrown_by([&] { interrupt.check(); }).signal() == SIGTERM);
}

TEST_CASE("cleaning up is ended by its limit, without busy waiting") {
  ScriptedServer server(answer_the_root);
  Interrupt interrupt;
  Http http(impatient(), interrupt);
  std::raise(SIGTERM);
  std::vector<Fetched> fetched;
  auto transfers = transfers_of(server, fetched, 2);
  Fetched quick;
  transfers.push_back(transfer_of(request_for(server.url()), quick));
  const auto before = Clock::now();
  const auto cpu = std::clock();
  http.run_undisturbed(transfers, 500ms);
  CHECK((Clock::now() - before >= 500ms));
  CHECK((Clock::now() - before < 5s));
  CHECK(std::clock() - cpu < CLOCKS_PER_SEC / 4);
  CHECK(quick.events == "phbe");
  for (const auto& one : fetched) CHECK(one.events == "p");
  // Without any time, nothing is begun.
  Fetched late;
  http.run_undisturbed({transfer_of(request_for(server.url()), late)}, 0ms);
  CHECK(late.events.empty());
  // Or the signal would end the tests.
  CHECK(thrown_by([&] { interrupt.check(); }).signal() == SIGTERM);
}

TEST_CASE("one transfer's stall is not another's") {
  ScriptedServer server(answer_the_root);
  Interrupt interrupt;
  Http http(impatient(300ms), interrupt);
  std::vector<Fetched> fetched;
  auto transfers = transfers_of(server, fetched, 1);
  Fetched good;
  transfers.push_back(transfer_of(request_for(server.url()), good));
  http.run(transfers, 2);
  CHECK(fetched[0].outcome.failure == HttpFailure::stalled);
  CHECK(good.outcome.failure == HttpFailure::none);
}

TEST_CASE("what comes while a callback takes its time is no silence") {
  ScriptedServer server([](Connection& connection) {
    Asked asked;
    connection.hear_head(asked);
    if (asked.line() != "GET / HTTP/1.1") connection.pause(100ms);
    connection.say(answer(200));
  });
  Interrupt interrupt;
  Http http(impatient(500ms), interrupt);
  Fetched slow;
  std::vector<Fetched> fetched;
  auto transfers = transfers_of(server, fetched, 2);
  transfers.push_back(transfer_of(request_for(server.url()), slow));
  transfers.back().on_end = [](const HttpOutcome&) {
    std::this_thread::sleep_for(800ms);
    return Delay();
  };
  http.run(transfers, 3);
  for (const auto& one : fetched) CHECK(one.outcome.failure == HttpFailure::none);
}

TEST_CASE("a CA bundle has to be there") {
  Interrupt interrupt;
  HttpSettings settings;
  settings.ca_bundle = "/no/such/bundle.pem";
  const auto error = thrown_by([&] { const Http http(settings, interrupt); });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(error.line() == "no such CA bundle: \"/no/such/bundle.pem\"");
}

TEST_CASE("what uses a CA bundle that holds no certificate fails as TLS") {
  const Folder folder;
  ScriptedServer server(echo);
  auto settings = impatient();
  settings.ca_bundle = folder.write("empty.pem", "");
  const auto fetched = fetch(request_for("https://" + server.authority() + "/"), settings);
  CHECK(fetched.outcome.failure == HttpFailure::tls);
}
