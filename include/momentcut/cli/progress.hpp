// Paints progress, notes and details on stderr.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "momentcut/cli/request.hpp"
#include "momentcut/pipeline/context.hpp"

namespace momentcut::cli {

// One progress line of each style, without its line end.
std::string bar_line(const pipeline::Progress& progress, std::size_t columns);
std::string plain_line(const pipeline::Progress& progress);
std::string json_line(const pipeline::Progress& progress);

class ProgressPainter {
 public:
  // `automatic` is a bar on a terminal and nothing elsewhere.
  ProgressPainter(std::FILE* stream, bool is_terminal, ProgressMode mode, int verbosity);
  // Wipes the bar off.
  ~ProgressPainter();
  ProgressPainter(const ProgressPainter&) = delete;
  ProgressPainter& operator=(const ProgressPainter&) = delete;

  // The callbacks for a run; they refer to this painter.
  pipeline::Observer observer();

 private:
  using Clock = std::chrono::steady_clock;
  void paint(const pipeline::Progress& progress);
  void print(const char* kind, const char* prefix, const std::string& text);
  void print_line(const std::string& text);
  void write(const std::string& text);
  void wipe();

  std::FILE* stream_;
  ProgressMode mode_;
  int verbosity_;
  bool bar_shown_ = false;
  Clock::time_point last_{};
  pipeline::Stage last_stage_ = pipeline::Stage::prepare;
};

}  // namespace momentcut::cli
