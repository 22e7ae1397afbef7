// What every stage is handed: who watches, what interrupts, where temporary files go.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "momentcut/core/time.hpp"
#include "momentcut/io/interrupt.hpp"
#include "momentcut/pipeline/receipt.hpp"

namespace momentcut::pipeline {

enum class Stage { prepare, source, wait, fetch, measure, render, verify, deliver, upload };
std::string_view stage_name(Stage stage);

struct Progress {
  Stage stage = Stage::prepare;
  double fraction = 0;             // of the stage, 0 to 1, never falling within it
  double speed = 0;                // of rendering, times real time; 0: not known
  std::optional<core::Time> left;  // of rendering, wall time
};

// The watcher. Any of them may be empty.
struct Observer {
  std::function<void(const Progress&)> progress;
  std::function<void(const std::string&)> note;    // the clip differs from what was asked for
  std::function<void(const std::string&)> detail;  // how it is done
  std::function<void(const std::vector<std::string>&)> command;  // a child's argv
};

// Passed down by reference through the stages of one run.
class Context {
 public:
  Context(const Observer& observer, io::Interrupt& interrupt,
          std::chrono::milliseconds stall_timeout)
      : observer_(observer), interrupt_(interrupt), stall_timeout_(stall_timeout) {}

  [[nodiscard]] io::Interrupt& interrupt() const { return interrupt_; }
  // How long a child may say nothing before it is taken as hung.
  [[nodiscard]] std::chrono::milliseconds stall_timeout() const { return stall_timeout_; }

  // Begins a stage; its wall time ends where the next one begins.
  void enter(Stage stage);
  // The stage that is under way.
  [[nodiscard]] Stage stage() const {
    return entries_.empty() ? Stage::prepare : entries_.back().stage;
  }
  // The wall times of the stages so far, and "total".
  [[nodiscard]] std::vector<StageTime> stage_times() const;

  void progress(double fraction, double speed = 0, std::optional<core::Time> left = {});
  void note(const std::string& text) const;
  void detail(const std::string& text) const;
  void command(const std::vector<std::string>& argv) const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    Stage stage;
    Clock::time_point at;
  };

  const Observer& observer_;
  io::Interrupt& interrupt_;
  std::chrono::milliseconds stall_timeout_;
  std::vector<Entry> entries_;
  double fraction_ = 0;
};

}  // namespace momentcut::pipeline
