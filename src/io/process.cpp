#include "momentcut/io/process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/io/descriptor.hpp"

namespace momentcut::io {
namespace {

using Clock = std::chrono::steady_clock;
using core::Error;
using core::ErrorKind;

constexpr std::size_t kMostLine = 1U << 20U;
constexpr std::size_t kMostStderr = 16U << 10U;
constexpr std::chrono::milliseconds kGrace{2'000};
constexpr std::chrono::milliseconds kSuspended{500};

Error system_error(const std::string& what) {
  return {ErrorKind::internal, what + ": " + std::strerror(errno)};
}

struct Pipe {
  Descriptor read_end, write_end;
};

Pipe make_pipe() {
  std::array<int, 2> fds{};
  if (pipe2(fds.data(), O_CLOEXEC) != 0) throw system_error("cannot make a pipe");
  Pipe pipe{Descriptor(fds[0]), Descriptor(fds[1])};
  fcntl(fds[0], F_SETFL, O_NONBLOCK);
  return pipe;
}

// posix_spawn's two argument objects, freed in every case.
class SpawnSetup {
 public:
  SpawnSetup(int out, int err) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

}  // namespace

// One running child. Its destructor ends it if it still runs.
class Running::Child {
 public:
  explicit Child(const Command& command) : command_(&command) {
    auto out = make_pipe();
    auto err = make_pipe();
    SpawnSetup setup(out.write_end.get(), err.write_end.get());
    std::vector<char*> argv;
    argv.reserve(command.argv.size() + 1);
    // posix_spawn takes char* for C's sake and writes to none of them.
    for (const auto& word : command.argv) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const int status =
        posix_spawnp(&pid_, argv[0], &setup.actions, &setup.attributes, argv.data(), environ);
    if (status != 0) {
      pid_ = -1;
      throw Error(ErrorKind::unavailable,
                  "cannot run " + core::quoted(command.argv[0]) + ": " + std::strerror(status));
    }
    // glibc 2.36 declares pidfd_open() for C alone.
    pidfd_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    if (!pidfd_.open()) {
      finish(SIGKILL);
      throw system_error("cannot watch a child process");
    }
    out_ = std::move(out.read_end);
    err_ = std::move(err.read_end);
    last_sign_of_life_ = Clock::now();
  }
  ~Child() {
    if (pid_ > 0) finish(SIGTERM);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] bool done() const { return pid_ < 0 && !out_.open() && !err_.open(); }
  [[nodiscard]] Clock::time_point deadline() const {
    return last_sign_of_life_ + command_->silence_limit;
  }
  // Time in which we could not listen is no silence of the child's.
  void excuse(Clock::duration time) { last_sign_of_life_ += time; }
  [[nodiscard]] Outcome outcome() { return std::move(outcome_); }

  void add_descriptors(std::vector<pollfd>& fds) const {
    for (const auto* fd : {&out_, &err_, &pidfd_}) {
      if (fd->open()) fds.push_back({fd->get(), POLLIN, 0});
    }
  }

  // Takes what has come, without waiting.
  void advance() {
    if (out_.open()) drain(out_, [this](std::string_view text) { take_output(text); });
    if (err_.open()) drain(err_, [this](std::string_view text) { take_stderr(text); });
    if (pid_ > 0 && has_exited()) {
      reap();
      // A grandchild may hold the pipes open for ever; what the child itself wrote has arrived.
      if (out_.open()) drain(out_, [this](std::string_view text) { take_output(text); });
      if (err_.open()) drain(err_, [this](std::string_view text) { take_stderr(text); });
      if (!line_.empty()) give_line();  // a last line without an end
      out_.reset();
      err_.reset();
    }
    if (pid_ > 0 && Clock::now() >= deadline()) {
      outcome_.hung = true;
      finish(SIGTERM);
      out_.reset();
      err_.reset();
    }
  }

 private:
  template <typename Take>
  void drain(Descriptor& fd, Take take) {
    std::array<char, 64U << 10U> buffer;
    for (;;) {
      const auto count = ::read(fd.get(), buffer.data(), buffer.size());
      if (count > 0) {
        last_sign_of_life_ = Clock::now();
        take(std::string_view(buffer.data(), static_cast<std::size_t>(count)));
        continue;
      }
      if (count < 0 && errno == EINTR) continue;
      if (count == 0 || errno != EAGAIN) fd.reset();
      return;
    }
  }

  void take_output(std::string_view text) {
    while (!text.empty()) {
      const auto end = text.find('\n');
      if (line_.size() < kMostLine) line_ += text.substr(0, end);
      if (end == std::string_view::npos) return;
      give_line();
      text.remove_prefix(end + 1);
    }
  }

  void give_line() {
    if (command_->on_line) command_->on_line(line_);
    line_.clear();
  }

  void take_stderr(std::string_view text) {
    outcome_.stderr_tail += text;
    if (outcome_.stderr_tail.size() > kMostStderr) {
      outcome_.stderr_tail.erase(0, outcome_.stderr_tail.size() - kMostStderr);
    }
  }

  [[nodiscard]] bool has_exited() const {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == pid_;
  }

  void reap() {
    // Whatever the child started and left behind goes with it, while the group is still ours.
    kill(-pid_, SIGKILL);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status)) outcome_.exit_status = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) outcome_.signal = WTERMSIG(status);
    // Killed is not gone: who looks after us shall find nobody.
    for (int i = 0; i < 200 && kill(-pid_, 0) == 0; ++i) poll(nullptr, 0, 1);
    pid_ = -1;
    pidfd_.reset();
  }

  void finish(int signal) {
    kill(-pid_, signal);
    pollfd exited{pidfd_.get(), POLLIN, 0};
    if (signal != SIGKILL && poll(&exited, 1, static_cast<int>(kGrace.count())) <= 0) {
      kill(-pid_, SIGKILL);
    }
    reap();
  }

  const Command* command_;
  pid_t pid_ = -1;
  Descriptor pidfd_, out_, err_;
  std::string line_;
  Outcome outcome_;
  Clock::time_point last_sign_of_life_;
};

Running::Running(std::vector<Command> commands) : commands_(std::move(commands)) {
  children_.reserve(commands_.size());
  for (const auto& command : commands_) children_.push_back(std::make_unique<Child>(command));
}

Running::~Running() = default;

std::vector<Outcome> Running::wait(Interrupt& interrupt) {
  const auto running = [](const auto& child) { return !child->done(); };
  while (std::any_of(children_.begin(), children_.end(), running)) {
    std::vector<pollfd> fds{{interrupt.fd(), POLLIN, 0}};
    auto next = Clock::now() + std::chrono::hours(1);
    for (const auto& child : children_) {
      child->add_descriptors(fds);
      if (!child->done()) next = std::min(next, child->deadline());
    }
    const auto before = Clock::now();
    const auto limit = std::max(std::chrono::ceil<std::chrono::milliseconds>(next - before),
                                std::chrono::milliseconds(0));
    if (poll(fds.data(), fds.size(), static_cast<int>(limit.count())) < 0 && errno != EINTR) {
      throw system_error("cannot wait for a child process");
    }
    interrupt.check();
    // Woken long after the time was up: the whole job was suspended (SIGSTOP, a batch system).
    if (const auto late = Clock::now() - before - limit; late > kSuspended) {
      for (const auto& child : children_) child->excuse(late + kSuspended);
    }
    for (const auto& child : children_) {
      if (!child->done()) child->advance();
    }
  }
  std::vector<Outcome> outcomes;
  outcomes.reserve(children_.size());
  for (const auto& child : children_) outcomes.push_back(child->outcome());
  return outcomes;
}

std::vector<Outcome> run_all(std::vector<Command> commands, Interrupt& interrupt) {
  interrupt.check();
  return Running(std::move(commands)).wait(interrupt);
}

Outcome run(const Command& command, Interrupt& interrupt) {
  return std::move(run_all({command}, interrupt).front());
}

}  // namespace momentcut::io
