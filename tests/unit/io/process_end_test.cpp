// Children that have to be ended.
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/thrown.hpp"
#include "momentcut/core/error.hpp"
#include "momentcut/io/process.hpp"
#include "print.hpp"

using namespace momentcut::io;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;

namespace {

Command puppet(std::vector<std::string> steps, std::chrono::milliseconds limit = 60s) {
  steps.insert(steps.begin(), MOMENTCUT_PUPPET);
  return {std::move(steps), {}, limit};
}

void check_no_child_left() {
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
}

// Whether a process is gone, or a zombie for somebody else to reap, within five seconds.
bool goes_away(pid_t pid) {
  for (int i = 0; i < 500; ++i) {
    char state = 'X';
    const auto path = "/proc/" + std::to_string(pid) + "/stat";
    if (std::FILE* file = std::fopen(path.c_str(), "re")) {
      if (std::fscanf(file, "%*d %*s %c", &state) != 1) state = 'X';
      std::fclose(file);
    }
    if (state == 'X' || state == 'Z') return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

// Takes a process id off a puppet's first line.
Command with_grandchild(std::vector<std::string> steps, pid_t& grandchild,
                        std::chrono::milliseconds limit = 60s) {
  auto command = puppet(std::move(steps), limit);
  command.on_line = [&grandchild](std::string_view line) {
    grandchild = static_cast<pid_t>(std::stol(std::string(line)));
  };
  return command;
}

}  // namespace

TEST_CASE("a child that says nothing for too long is ended as hung") {
  Interrupt interrupt;
  const auto outcome = run(puppet({"error", "last words", "hang"}, 500ms), interrupt);
  CHECK(outcome.hung);
  CHECK_FALSE(outcome.ok());
  CHECK(outcome.signal == SIGTERM);
  CHECK(outcome.stderr_tail == "last words");
  check_no_child_left();
}

TEST_CASE("a child that ends well when it is told to has hung all the same") {
  Interrupt interrupt;
  const auto outcome =
      run({{"sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.01; done"}, {}, 500ms}, interrupt);
  CHECK(outcome.hung);
  CHECK_FALSE(outcome.ok());
  check_no_child_left();
}

TEST_CASE("a child that closes its outputs and goes on has said nothing since") {
  Interrupt interrupt;
  CHECK(run(puppet({"close-outputs", "hang"}, 200ms), interrupt).hung);
  check_no_child_left();
}

TEST_CASE("a child that says something now and then has not hung") {
  // Longer than the limit in all, on stdout and stderr by turns.
  std::vector<std::string> steps;
  for (int i = 0; i < 15; ++i) {
    steps.insert(steps.end(), {"sleep", "100", i % 2 == 0 ? "line" : "error", "x"});
  }
  Interrupt interrupt;
  const auto outcome = run(puppet(steps, 1s), interrupt);
  CHECK_FALSE(outcome.hung);
  CHECK(outcome.ok());
}

TEST_CASE("each child has its own limit of silence") {
  Interrupt interrupt;
  const auto outcomes =
      run_all({puppet({"hang"}, 100ms), puppet({"sleep", "400", "line", "x"}, 60s)}, interrupt);
  CHECK(outcomes[0].hung);
  CHECK(outcomes[1].ok());
  check_no_child_left();
}

TEST_CASE("a child that ignores SIGTERM is killed") {
  Interrupt interrupt;
  const auto outcome = run(puppet({"ignore-sigterm", "hang"}, 500ms), interrupt);
  CHECK(outcome.hung);
  CHECK(outcome.signal == SIGKILL);
  check_no_child_left();
}

TEST_CASE("a child that is stopped is killed") {
  Interrupt interrupt;
  const auto outcome = run(puppet({"raise", std::to_string(SIGSTOP), "hang"}, 100ms), interrupt);
  CHECK(outcome.hung);
  CHECK(outcome.signal == SIGKILL);
  check_no_child_left();
}

TEST_CASE("what a line makes go wrong ends the child and comes through") {
  Interrupt interrupt;
  auto command = puppet({"line", "x", "hang"});
  command.on_line = [](std::string_view) { throw std::runtime_error("no more"); };
  CHECK_THROWS_WITH_AS(run(command, interrupt), "no more", std::runtime_error);
  check_no_child_left();
}

TEST_CASE("what a last line makes go wrong comes through as well") {
  Interrupt interrupt;
  auto command = puppet({"text", "half", "exit", "0"});
  command.on_line = [](std::string_view) { throw std::runtime_error("no more"); };
  CHECK_THROWS_WITH_AS(run(command, interrupt), "no more", std::runtime_error);
  check_no_child_left();
}

TEST_CASE("where one program is missing the ones that run are ended") {
  Interrupt interrupt;
  const auto error = thrown_by([&] {
    run_all({puppet({"hang"}), {{"/no/such/program"}, {}, 60s}}, interrupt);
  });
  CHECK(error.kind() == ErrorKind::unavailable);
  check_no_child_left();
}

TEST_CASE("a signal ends every child at once") {
  Interrupt interrupt;
  auto command = puppet({"line", "x", "hang"});
  command.on_line = [](std::string_view) { std::raise(SIGTERM); };
  const auto error = thrown_by([&] {
    run_all({puppet({"hang"}), command, puppet({"hang"})}, interrupt);
  });
  CHECK(error.kind() == ErrorKind::interrupted);
  CHECK(error.signal() == SIGTERM);
  check_no_child_left();
  // And no other is started.
  CHECK(thrown_by([&] { run(puppet({"exit", "0"}), interrupt); }).kind() == ErrorKind::interrupted);
}

TEST_CASE("what a child leaves behind is ended with it") {
  pid_t grandchild = 0;
  Interrupt interrupt;
  const auto outcome = run(with_grandchild({"grandchild", "exit", "5"}, grandchild), interrupt);
  CHECK(outcome.exit_status == 5);
  REQUIRE(grandchild > 0);
  CHECK(goes_away(grandchild));
  check_no_child_left();
}

TEST_CASE("a hung child's own children are ended with it, also the stubborn ones") {
  pid_t grandchild = 0;
  Interrupt interrupt;
  const auto outcome =
      run(with_grandchild({"stubborn-grandchild", "hang"}, grandchild, 500ms), interrupt);
  CHECK(outcome.hung);
  REQUIRE(grandchild > 0);
  CHECK(goes_away(grandchild));
}

TEST_CASE("an interrupted child's own children are ended with it") {
  pid_t grandchild = 0;
  Interrupt interrupt;
  auto command = puppet({"grandchild", "hang"});
  command.on_line = [&](std::string_view line) {
    grandchild = static_cast<pid_t>(std::stol(std::string(line)));
    std::raise(SIGINT);
  };
  CHECK(thrown_by([&] { run(command, interrupt); }).signal() == SIGINT);
  REQUIRE(grandchild > 0);
  CHECK(goes_away(grandchild));
}
