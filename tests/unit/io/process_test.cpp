// Children that do as they are told.
#include "momentcut/io/process.hpp"

#include <cerrno>
#include <csignal>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>

#include "core/thrown.hpp"
#include "io/folder.hpp"
#include "momentcut/io/descriptor.hpp"
#include "print.hpp"

using namespace momentcut::io;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;

namespace {

using Lines = std::vector<std::string>;

Command puppet(std::vector<std::string> steps) {
  steps.insert(steps.begin(), MOMENTCUT_PUPPET);
  return {std::move(steps), {}, 60s};
}

// Runs a puppet and checks that nothing is left of it.
Outcome outcome_of(const Command& command) {
  Interrupt interrupt;
  auto outcome = run(command, interrupt);
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
  return outcome;
}

Lines lines_of(std::vector<std::string> steps) {
  Lines lines;
  auto command = puppet(std::move(steps));
  command.on_line = [&](std::string_view line) { lines.emplace_back(line); };
  CHECK(outcome_of(command).ok());
  return lines;
}

}  // namespace

TEST_CASE("a child's lines come without their ends, in order") {
  CHECK(lines_of({"line", "one", "line", "two words", "line", "three"}) ==
        Lines{"one", "two words", "three"});
  CHECK(lines_of({}).empty());
}

TEST_CASE("a last line counts without its end") {
  CHECK(lines_of({"line", "one", "text", "half"}) == Lines{"one", "half"});
  CHECK(lines_of({"text", "ha", "sleep", "20", "text", "lf\nnext"}) == Lines{"half", "next"});
}

TEST_CASE("an empty line is a line") {
  CHECK(lines_of({"line", "one", "line", "", "line", "three"}) == Lines{"one", "", "three"});
}

TEST_CASE("a child's exit status and its signal are told apart") {
  const auto good = outcome_of(puppet({"exit", "0"}));
  CHECK(good.ok());
  CHECK(good.exit_status == 0);
  const auto bad = outcome_of(puppet({"exit", "7"}));
  CHECK_FALSE(bad.ok());
  CHECK(bad.exit_status == 7);
  CHECK(bad.signal == 0);
  CHECK_FALSE(bad.hung);
  for (const int signal : {SIGKILL, SIGSEGV, SIGTERM, SIGPIPE}) {
    const auto killed = outcome_of(puppet({"raise", std::to_string(signal)}));
    CHECK_FALSE(killed.ok());
    CHECK(killed.signal == signal);
    CHECK(killed.exit_status == -1);
    CHECK_FALSE(killed.hung);
  }
}

TEST_CASE("what a child says on stderr is kept") {
  CHECK(outcome_of(puppet({"error", "first\n", "line", "x", "error", "last"})).stderr_tail ==
        "first\nlast");
  CHECK(outcome_of(puppet({"line", "x"})).stderr_tail.empty());
}

TEST_CASE("of a flood on stderr the last words are kept") {
  const auto outcome = outcome_of(puppet({"flood-errors", "5", "error", "the end"}));
  CHECK(outcome.ok());
  CHECK(outcome.stderr_tail.size() == 16U << 10U);
  CHECK(outcome.stderr_tail.ends_with("e\nthe end"));
}

TEST_CASE("a flood on both pipes beside each other is read to its end") {
  std::size_t lines = 0;
  bool whole = true;
  auto command = puppet({"flood", "3", "flood-errors", "3", "flood", "2"});
  command.on_line = [&](std::string_view line) {
    ++lines;
    whole = whole && line == std::string(99, 'o');
  };
  CHECK(outcome_of(command).ok());
  CHECK(lines == 50'000);
  CHECK(whole);
}

TEST_CASE("a line without end does not fill the memory") {
  const auto lines = lines_of({"endless", "20", "text", "\nnext\n"});
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].size() < 2U << 20U);
  CHECK(lines[1] == "next");
}

TEST_CASE("lines nobody wants are read all the same") {
  CHECK(outcome_of(puppet({"flood", "2"})).ok());
}

TEST_CASE("a child that closes its outputs early is waited for") {
  const auto outcome =
      outcome_of(puppet({"line", "x", "close-outputs", "sleep", "100", "exit", "3"}));
  CHECK(outcome.exit_status == 3);
}

TEST_CASE("a program that is not there is unavailable") {
  Interrupt interrupt;
  const auto missing = thrown_by([&] { run({{"/no/such/program"}, {}, 60s}, interrupt); });
  CHECK(missing.kind() == ErrorKind::unavailable);
  CHECK(missing.line() == "cannot run \"/no/such/program\": No such file or directory");
  CHECK(thrown_by([&] {
          run({{"momentcut-no-such-program"}, {}, 60s}, interrupt);
        }).kind() == ErrorKind::unavailable);
  CHECK(thrown_by([&] { run({{""}, {}, 60s}, interrupt); }).kind() == ErrorKind::unavailable);
}

TEST_CASE("what cannot be executed is unavailable") {
  Interrupt interrupt;
  const Folder folder;
  const auto text = folder.write("text", "echo no shell\n");
  CHECK(thrown_by([&] { run({{text}, {}, 60s}, interrupt); }).kind() == ErrorKind::unavailable);
  std::filesystem::permissions(text, std::filesystem::perms::owner_all);
  CHECK(thrown_by([&] { run({{text}, {}, 60s}, interrupt); }).kind() == ErrorKind::unavailable);
  CHECK(thrown_by([&] {
          run({{folder.path()}, {}, 60s}, interrupt);
        }).kind() == ErrorKind::unavailable);
}

TEST_CASE("a bare name is looked up on the path, and no shell reads its arguments") {
  Interrupt interrupt;
  std::string said;
  const Command command{{"printf", "%s|", "$HOME", "`id`", "a b", "*", ""},
                        [&](std::string_view line) { said = line; },
                        60s};
  CHECK(run(command, interrupt).ok());
  CHECK(said == "$HOME|`id`|a b|*||");
}

TEST_CASE("a child reads nothing") {
  CHECK(lines_of({"stdin"}) == Lines{"0 bytes"});
}

TEST_CASE("a child has no descriptor of ours but its pipes") {
  const Descriptor leaky(open("/dev/null", O_RDONLY));  // NOLINT: without O_CLOEXEC on purpose
  REQUIRE(leaky.open());
  const Descriptor high(fcntl(leaky.get(), F_DUPFD, 500));
  REQUIRE(high.open());
  const auto found = lines_of({"descriptors"});
  CHECK(std::set<std::string>(found.begin(), found.end()) == std::set<std::string>{"0", "1", "2"});
}

TEST_CASE("a child's signals are as in a fresh shell, whatever ours are") {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  const auto usr1 = std::signal(SIGUSR1, SIG_IGN);
  const auto found = lines_of({"signals"});
  std::signal(SIGPIPE, before);
  std::signal(SIGUSR1, usr1);
  REQUIRE(found.size() == 2);
  CHECK(found[0] == "SigBlk:\t0000000000000000");
  // Signals 32 and 33 are glibc's own, which posix_spawn leaves ignored.
  const auto ignored = std::stoull(found[1].substr(found[1].find('\t')), nullptr, 16);
  CHECK((ignored & ~0x180000000ULL) == 0);
}

TEST_CASE("a child leads a process group of its own") {
  CHECK(lines_of({"group"}) == Lines{"own group"});
}

TEST_CASE("children run beside each other, and their outcomes stand in their order") {
  // Each waits for what the other makes us do: one by one, neither would end.
  const Folder folder;
  auto first = puppet({"line", "x", "await", folder / "second", "exit", "1"});
  auto second = puppet({"line", "x", "await", folder / "first", "exit", "2"});
  first.on_line = [&](std::string_view) { folder.write("first", ""); };
  second.on_line = [&](std::string_view) { folder.write("second", ""); };
  first.silence_limit = second.silence_limit = 20s;
  Interrupt interrupt;
  const auto outcomes = run_all({first, second, puppet({"exit", "3"})}, interrupt);
  REQUIRE(outcomes.size() == 3);
  CHECK(outcomes[0].exit_status == 1);
  CHECK(outcomes[1].exit_status == 2);
  CHECK(outcomes[2].exit_status == 3);
  CHECK(run_all({}, interrupt).empty());
}

TEST_CASE("commands run while nobody waits for them, and are heard in full afterwards") {
  Interrupt interrupt;
  Lines lines;
  auto talkative = puppet({"line", "one", "line", "two", "exit", "4"});
  talkative.on_line = [&](std::string_view line) { lines.emplace_back(line); };
  Running running({talkative});
  poll(nullptr, 0, 300);
  CHECK(lines.empty());
  const auto outcomes = running.wait(interrupt);
  CHECK(lines == Lines{"one", "two"});
  CHECK(outcomes.front().exit_status == 4);
}

TEST_CASE("commands that nobody waits for any more are ended") {
  { const Running running({puppet({"sleep", "100000"}), puppet({"hang"})}); }
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
}

TEST_CASE("many children leave nothing behind") {
  std::vector<Command> commands;
  for (int i = 0; i < 20; ++i)
    commands.push_back(puppet({"flood", "1", "exit", std::to_string(i)}));
  const int lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);
  close(lowest);
  {
    Interrupt interrupt;
    const auto outcomes = run_all(commands, interrupt);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      CHECK(outcomes[i].exit_status == static_cast<int>(i));
    }
  }
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
  const int now = open("/dev/null", O_RDONLY | O_CLOEXEC);
  close(now);
  CHECK(now == lowest);
}
