// SIGINT, SIGTERM and SIGHUP as something to poll for, so that every stage can end in order.
#pragma once

#include <chrono>
#include <csignal>

namespace momentcut::io {

// While one lives, the three signals are blocked and arrive at fd() instead (signalfd(2)). A signal
// that was ignored when the program started (nohup) stays ignored. At most one at a time.
class Interrupt {
 public:
  // Throws core::Error(internal) when the kernel gives no signalfd.
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // Readable once a signal has come; for poll(2).
  [[nodiscard]] int fd() const noexcept { return fd_; }

  // Throws core::Error::interrupted_by(signal) if one has come, now and at every later call.
  void check();

  // Does nothing until then, unless a signal comes: then throws as check() does.
  void sleep_until(std::chrono::steady_clock::time_point until);

 private:
  int fd_ = -1;
  int signal_ = 0;
  sigset_t before_{};
};

}  // namespace momentcut::io
