// Child processes: argument vectors, no shell, output by lines, and an end to every one of them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "momentcut/io/interrupt.hpp"

namespace momentcut::io {

// What to run. The child reads /dev/null, has no descriptor of ours but its pipes, and default
// signal handling; it leads a process group of its own, which is ended as a whole.
struct Command {
  std::vector<std::string> argv;  // argv[0] is looked up on PATH unless it holds a slash
  // Given each line of stdout without its end, as it comes. May throw; the child is ended then.
  std::function<void(std::string_view)> on_line;
  // A child that says nothing on stdout or stderr for this long is taken as hung, and ended.
  std::chrono::milliseconds silence_limit{60'000};
};

struct Outcome {
  int exit_status = -1;     // of a child that exited
  int signal = 0;           // that ended it, else 0
  bool hung = false;        // ended by us for its silence
  std::string stderr_tail;  // its last words, 16 KiB at most

  [[nodiscard]] bool ok() const { return exit_status == 0 && signal == 0 && !hung; }
};

// Commands that run beside each other and beside us. However this goes (also by an exception), no
// child is left: SIGTERM, and SIGKILL two seconds later.
class Running {
 public:
  // Starts them. Throws core::Error: unavailable when a program is not there or not executable,
  // internal when the kernel refuses.
  explicit Running(std::vector<Command> commands);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  // Waits until all have ended; outcomes are in their order. Callbacks are called here alone.
  // Throws core::Error(interrupted) on a signal, and what a callback throws.
  std::vector<Outcome> wait(Interrupt& interrupt);

 private:
  class Child;
  std::vector<Command> commands_;
  std::vector<std::unique_ptr<Child>> children_;
};

// Starts commands and waits for them.
std::vector<Outcome> run_all(std::vector<Command> commands, Interrupt& interrupt);

// The same for one.
Outcome run(const Command& command, Interrupt& interrupt);

}  // namespace momentcut::io
