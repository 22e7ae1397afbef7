#include "momentcut/cli/progress.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <sys/ioctl.h>

#include "momentcut/cli/json.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/core/time.hpp"

namespace momentcut::cli {
namespace {

constexpr std::chrono::milliseconds kBarInterval{100};
constexpr std::chrono::milliseconds kPlainInterval{3'000};
constexpr std::chrono::milliseconds kJsonInterval{500};

std::size_t terminal_columns(std::FILE* stream) {
  winsize size{};
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

// "  3.2x  0:12 left", as far as it is known.
std::string pace(const pipeline::Progress& progress) {
  std::string text;
  if (progress.speed > 0) text += fmt::format("  {:.1f}x", progress.speed);
  if (progress.left) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(*progress.left);
    text += fmt::format("  {} left", core::format_timecode(left));
  }
  return text;
}

int percent(double fraction) {
  return static_cast<int>(std::floor(fraction * 100));
}

}  // namespace

std::string bar_line(const pipeline::Progress& progress, std::size_t columns) {
  constexpr std::size_t kMostCells = 30;
  const auto label = fmt::format("{:<8}", pipeline::stage_name(progress.stage));
  const auto after = fmt::format(" {:3}%{}", percent(progress.fraction), pace(progress));
  const auto taken = label.size() + after.size() + 3;
  const auto cells = columns > taken ? std::min(columns - taken, kMostCells) : 0;
  const auto full = static_cast<std::size_t>(progress.fraction * static_cast<double>(cells));
  auto line = fmt::format("{}[{}{}]{}", label, std::string(full, '#'),
                          std::string(cells - full, ' '), after);
  line.resize(std::min(line.size(), columns > 0 ? columns - 1 : 0));
  return line;
}

std::string plain_line(const pipeline::Progress& progress) {
  return fmt::format("{} {}%{}", pipeline::stage_name(progress.stage), percent(progress.fraction),
                     pace(progress));
}

std::string json_line(const pipeline::Progress& progress) {
  auto line = fmt::format(R"({{"stage":"{}","fraction":{:.4f})",
                          pipeline::stage_name(progress.stage), progress.fraction);
  if (progress.speed > 0) line += fmt::format(R"(,"speed":{:.2f})", progress.speed);
  if (progress.left) line += fmt::format(R"(,"left":{})", core::format_seconds(*progress.left));
  return line + "}";
}

ProgressPainter::ProgressPainter(std::FILE* stream, bool is_terminal, ProgressMode mode,
                                 int verbosity)
    : stream_(stream), mode_(mode), verbosity_(verbosity) {
  if (mode_ == ProgressMode::automatic) {
    mode_ = is_terminal && verbosity >= 0 ? ProgressMode::bar : ProgressMode::none;
  }
  if (verbosity < 0) mode_ = ProgressMode::none;
}

ProgressPainter::~ProgressPainter() {
  wipe();
}

pipeline::Observer ProgressPainter::observer() {
  pipeline::Observer observer;
  observer.progress = [this](const pipeline::Progress& progress) { paint(progress); };
  if (verbosity_ >= 0) {
    observer.note = [this](const std::string& text) { print("note", "momentcut: note: ", text); };
  }
  if (verbosity_ >= 1) {
    observer.detail = [this](const std::string& text) { print("detail", "", text); };
  }
  if (verbosity_ >= 2) {
    observer.command = [this](const std::vector<std::string>& argv) {
      print("command", "+ ", core::shell_quoted(argv));
    };
  }
  return observer;
}

void ProgressPainter::paint(const pipeline::Progress& progress) {
  const auto now = Clock::now();
  const auto interval = mode_ == ProgressMode::bar     ? kBarInterval
                        : mode_ == ProgressMode::plain ? kPlainInterval
                                                       : kJsonInterval;
  const bool new_stage = progress.stage != last_stage_;
  const bool due = now - last_ >= interval || progress.fraction >= 1;
  // A plain log has a line for every few seconds, not for every quick stage.
  if (!due && (!new_stage || mode_ == ProgressMode::plain)) return;
  last_stage_ = progress.stage;
  last_ = now;
  switch (mode_) {
    case ProgressMode::bar:
      write(fmt::format("\r{}\x1b[K", bar_line(progress, terminal_columns(stream_))));
      bar_shown_ = true;
      return;
    case ProgressMode::plain:
      print_line(plain_line(progress));
      return;
    case ProgressMode::json:
      print_line(json_line(progress));
      return;
    case ProgressMode::automatic:
    case ProgressMode::none:
      return;
  }
}

// With JSON progress every line is an object, so that a program can read them all.
void ProgressPainter::print(const char* kind, const char* prefix, const std::string& text) {
  if (mode_ == ProgressMode::json) {
    auto line = line_of({{kind, text}});
    line.pop_back();
    print_line(line);
  } else {
    print_line(prefix + core::printable(text));
  }
}

void ProgressPainter::print_line(const std::string& text) {
  wipe();
  write(text + "\n");
}

// A stderr that cannot be written (closed, full, its terminal gone) is no reason to fail.
void ProgressPainter::write(const std::string& text) {
  (void)std::fwrite(text.data(), 1, text.size(), stream_);
  (void)std::fflush(stream_);
}

void ProgressPainter::wipe() {
  if (!bar_shown_) return;
  write("\r\x1b[K");
  bar_shown_ = false;
}

}  // namespace momentcut::cli
