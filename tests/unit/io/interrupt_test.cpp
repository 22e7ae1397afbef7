// Signals as something to poll for.
#include "momentcut/io/interrupt.hpp"

#include <csignal>
#include <optional>

#include <doctest/doctest.h>
#include <poll.h>

#include "core/thrown.hpp"
#include "momentcut/core/error.hpp"
#include "print.hpp"

using momentcut::core::Error;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;
using momentcut::io::Interrupt;

namespace {

bool is_blocked(int signal) {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return sigismember(&mask, signal) == 1;
}

bool is_readable(const Interrupt& interrupt) {
  pollfd fd{interrupt.fd(), POLLIN, 0};
  return poll(&fd, 1, 0) == 1;
}

// The signal that check() tells of.
std::optional<int> told_by(Interrupt& interrupt) {
  try {
    interrupt.check();
  } catch (const Error& error) {
    return error.signal();
  }
  return {};
}

// Ignores a signal for as long as it lives.
class Ignored {
 public:
  explicit Ignored(int signal) : signal_(signal), before_(std::signal(signal, SIG_IGN)) {}
  ~Ignored() { std::signal(signal_, before_); }
  Ignored(const Ignored&) = delete;
  Ignored& operator=(const Ignored&) = delete;

 private:
  int signal_;
  void (*before_)(int);
};

}  // namespace

TEST_CASE("without a signal there is nothing to tell") {
  Interrupt interrupt;
  CHECK_FALSE(is_readable(interrupt));
  CHECK_NOTHROW(interrupt.check());
  CHECK_NOTHROW(interrupt.check());
}

TEST_CASE("each of the three signals makes the descriptor readable and check() throw every time") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    CAPTURE(signal);
    Interrupt interrupt;
    std::raise(signal);
    CHECK(is_readable(interrupt));
    const auto error = thrown_by([&] { interrupt.check(); });
    CHECK(error.kind() == ErrorKind::interrupted);
    CHECK(error.signal() == signal);
    CHECK(told_by(interrupt) == signal);
    CHECK(told_by(interrupt) == signal);
  }
}

TEST_CASE("the first signal is the one that is told") {
  Interrupt interrupt;
  std::raise(SIGTERM);
  CHECK(told_by(interrupt) == SIGTERM);
  std::raise(SIGHUP);
  CHECK(told_by(interrupt) == SIGTERM);
  // What came meanwhile must not end the test when the mask goes back.
  std::signal(SIGHUP, SIG_IGN);
  std::signal(SIGHUP, SIG_DFL);
}

TEST_CASE("signals are blocked while an interrupt lives, and as they were afterwards") {
  REQUIRE_FALSE(is_blocked(SIGINT));
  {
    const Interrupt interrupt;
    CHECK(is_blocked(SIGINT));
    CHECK(is_blocked(SIGTERM));
    CHECK(is_blocked(SIGHUP));
    CHECK_FALSE(is_blocked(SIGUSR1));
  }
  CHECK_FALSE(is_blocked(SIGINT));
  CHECK_FALSE(is_blocked(SIGTERM));
  CHECK_FALSE(is_blocked(SIGHUP));
}

TEST_CASE("a signal that was blocked before stays blocked afterwards") {
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &term, nullptr);
  { const Interrupt interrupt; }
  CHECK(is_blocked(SIGTERM));
  pthread_sigmask(SIG_UNBLOCK, &term, nullptr);
}

TEST_CASE("a signal that was ignored when the program started stays ignored") {
  const Ignored hangup(SIGHUP);
  Interrupt interrupt;
  std::raise(SIGHUP);
  REQUIRE(told_by(interrupt) == std::nullopt);
  CHECK_FALSE(is_readable(interrupt));
  std::raise(SIGTERM);
  CHECK(told_by(interrupt) == SIGTERM);
}

TEST_CASE("an interrupt can follow another") {
  {
    Interrupt first;
    std::raise(SIGTERM);
    CHECK(told_by(first) == SIGTERM);
  }
  Interrupt second;
  CHECK(told_by(second) == std::nullopt);
}
