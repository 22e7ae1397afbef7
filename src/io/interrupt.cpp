#include "momentcut/io/interrupt.hpp"

#include <algorithm>
#include <cstdint>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "momentcut/core/error.hpp"

namespace momentcut::io {

Interrupt::Interrupt() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    // A blocked signal is queued even where it is ignored: leave those of nohup and of background
    // jobs alone.
    struct sigaction action {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler != SIG_IGN) sigaddset(&signals, signal);
  }
  fd_ = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd_ < 0) throw core::Error(core::ErrorKind::internal, "cannot watch for signals");
  pthread_sigmask(SIG_BLOCK, &signals, &before_);
}

Interrupt::~Interrupt() {
  close(fd_);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interrupt::check() {
  signalfd_siginfo info{};
  if (signal_ == 0 && read(fd_, &info, sizeof info) == sizeof info) {
    signal_ = static_cast<int>(info.ssi_signo);
  }
  if (signal_ != 0) throw core::Error::interrupted_by(signal_);
}

void Interrupt::sleep_until(std::chrono::steady_clock::time_point until) {
  for (;;) {
    check();
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    pollfd signal{fd_, POLLIN, 0};
    poll(&signal, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
  }
}

}  // namespace momentcut::io
