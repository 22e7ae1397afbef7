#include "momentcut/pipeline/tools.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <string.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

// Even a loaded machine starts a program within this.
constexpr std::chrono::milliseconds kStartTimeout{20'000};

bool is_crash(int signal) {
  return signal == SIGSEGV || signal == SIGABRT || signal == SIGBUS || signal == SIGILL ||
         signal == SIGFPE;
}

void require_success(const io::Outcome& outcome, const std::string& program, std::string_view doing,
                     std::chrono::milliseconds stall_timeout) {
  if (outcome.ok()) return;
  const auto name = std::filesystem::path(program).filename().native();
  if (outcome.hung) {
    throw Error(ErrorKind::temporary,
                fmt::format("{} hung: nothing heard from it for {} s while it was to {}", name,
                            core::format_seconds(stall_timeout), doing),
                "try again, or allow more with --stall-timeout");
  }
  if (outcome.signal != 0) {
    const auto text = fmt::format("{} was ended by {} while it was to {}", name,
                                  strsignal(outcome.signal), doing);
    if (is_crash(outcome.signal)) throw Error(ErrorKind::internal, text);
    throw Error(ErrorKind::temporary, text, "try again; was the machine out of memory?");
  }
  const auto failure = cut::explain_failure(outcome.stderr_tail);
  throw Error(failure.kind,
              fmt::format("{} failed (exit status {}) to {}{}{}", name, outcome.exit_status, doing,
                          failure.reason.empty() ? "" : ": ", failure.reason),
              failure.kind == ErrorKind::io ? "make room on the disk" : "");
}

Error unusable(std::string_view program, const std::string& path, std::string_view why) {
  return {ErrorKind::unavailable, fmt::format("{} {}", core::quoted(path, 400), why),
          fmt::format("install ffmpeg {}.{} or newer, or say where {} is with --{}",
                      cut::kOldestMajor, cut::kOldestMinor, program, program)};
}

cut::ToolVersion usable_version(std::string_view program, const std::string& path,
                                const io::Outcome& outcome, const std::string& first_line) {
  const auto version = cut::parse_version(first_line);
  if (outcome.hung) throw unusable(program, path, "does not answer");
  if (!outcome.ok() || !version) throw unusable(program, path, "does not say its version");
  if (!version->at_least(cut::kOldestMajor, cut::kOldestMinor)) {
    throw unusable(program, path, fmt::format("is version {}, too old", version->text));
  }
  return *version;
}

}  // namespace

ToolCheck::ToolCheck(const Request& request, Context& context)
    : request_(request), context_(context) {
  const auto ask = [](const std::string& program, std::string& line) {
    return io::Command{{program, "-version"},
                       [&line](std::string_view text) {
                         if (line.empty()) line = text;
                       },
                       kStartTimeout};
  };
  std::vector<io::Command> commands{ask(request.ffmpeg, ffmpeg_line_),
                                    ask(request.ffprobe, ffprobe_line_)};
  for (const auto& command : commands) context.command(command.argv);
  try {
    running_ = std::make_unique<io::Running>(std::move(commands));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unavailable) throw;
    throw Error(error.kind(), error.what(),
                "install ffmpeg, or say where it is with --ffmpeg and --ffprobe");
  }
}

const Tools& ToolCheck::tools() {
  if (!tools_) {
    const auto outcomes = running_->wait(context_.interrupt());
    usable_version("ffprobe", request_.ffprobe, outcomes[1], ffprobe_line_);
    tools_ = {request_.ffmpeg, request_.ffprobe,
              usable_version("ffmpeg", request_.ffmpeg, outcomes[0], ffmpeg_line_)};
  }
  return *tools_;
}

std::vector<cut::Probe> probe_all(const std::vector<std::vector<std::string>>& calls,
                                  std::string_view doing, Context& context) {
  std::vector<cut::ProbeReader> readers(calls.size());
  std::vector<io::Command> commands;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    context.command(calls[i]);
    commands.push_back({calls[i], [&reader = readers[i]](std::string_view l) { reader.line(l); },
                        context.stall_timeout()});
  }
  const auto outcomes = io::run_all(std::move(commands), context.interrupt());
  std::vector<cut::Probe> probes;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    require_success(outcomes[i], calls[i][0], doing, context.stall_timeout());
    probes.push_back(readers[i].finish());
  }
  return probes;
}

Program::Program(const std::vector<std::string>& argv, std::string_view doing,
                 std::function<void(std::string_view)> on_line, Context& context)
    : path_(argv[0]), doing_(doing), context_(context) {
  context.command(argv);
  if (!on_line) on_line = [](std::string_view) {};
  running_ = std::make_unique<io::Running>(
      std::vector{io::Command{argv, std::move(on_line), context.stall_timeout()}});
}

std::string Program::finish() {
  const auto outcome = running_->wait(context_.interrupt()).front();
  if (!outcome.stderr_tail.empty()) {
    for (const auto line : core::split(outcome.stderr_tail, '\n')) {
      if (!line.empty()) context_.detail("ffmpeg: " + core::printable(line));
    }
  }
  require_success(outcome, path_, doing_, context_.stall_timeout());
  return outcome.stderr_tail;
}

std::string run_program(const std::vector<std::string>& argv, std::string_view doing,
                        std::function<void(std::string_view)> on_line, Context& context) {
  return Program(argv, doing, std::move(on_line), context).finish();
}

}  // namespace momentcut::pipeline
