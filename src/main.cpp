// The program: settings to invocation, invocation to result, every failure to one line and a code.
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "momentcut/cli/command_line.hpp"
#include "momentcut/cli/completion.hpp"
#include "momentcut/cli/inspection.hpp"
#include "momentcut/cli/options.hpp"
#include "momentcut/cli/progress.hpp"
#include "momentcut/cli/report.hpp"
#include "momentcut/cli/request.hpp"
#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/core/version.hpp"
#include "momentcut/io/files.hpp"
#include "momentcut/io/interrupt.hpp"
#include "momentcut/pipeline/deliver.hpp"
#include "momentcut/pipeline/run.hpp"

namespace {

using namespace momentcut;
using core::Error;
using core::ErrorKind;

constexpr std::size_t kMostConfigurationBytes = 1U << 20U;

cli::Values environment_values() {
  cli::Values values;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) {
      values.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return values;
}

void load_configuration(cli::Settings& settings) {
  const auto file = cli::configuration_file(settings);
  if (file.path.empty() || (!file.required && !io::file_size(file.path))) return;
  try {
    settings.configuration_name = file.path;
    settings.configuration =
        cli::parse_configuration(io::read_file(file.path, kMostConfigurationBytes), file.path);
  } catch (const Error& error) {
    throw Error(ErrorKind::configuration, error.what(), error.hint());
  }
}

// stdout is the result: it is all written, or that is an error.
void print_result(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw Error(ErrorKind::io, "cannot write the result to stdout");
  }
}

std::string result_of(const cli::Invocation& invocation, const pipeline::Observer& observer) {
  io::Interrupt interrupt;
  if (invocation.action == cli::Action::inspect) {
    const auto inspection =
        pipeline::inspect_source(invocation.request, !invocation.json, observer, interrupt);
    return invocation.json ? cli::inspection_json(inspection) : cli::inspection_text(inspection);
  }
  if (invocation.action == cli::Action::plan) {
    const auto plan = pipeline::plan_moment(invocation.request, observer, interrupt);
    return invocation.json ? cli::plan_json(plan) : cli::plan_text(plan);
  }
  const auto receipt = pipeline::cut_moment(invocation.request, observer, interrupt);
  if (pipeline::is_stdout(receipt.output)) return "";
  return invocation.json ? cli::receipt_json(receipt) : cli::receipt_text(receipt);
}

void run(const cli::Invocation& invocation) {
  const bool to_stdout =
      invocation.request.output && pipeline::is_stdout(*invocation.request.output);
  if (to_stdout && invocation.action == cli::Action::cut && isatty(STDOUT_FILENO) == 1) {
    throw Error(ErrorKind::usage, "the clip cannot go to a terminal", "pipe it, or name a file");
  }
  std::string result;
  {
    cli::ProgressPainter painter(stderr, isatty(STDERR_FILENO) == 1, invocation.progress,
                                 invocation.verbosity);
    result = result_of(invocation, painter.observer());
  }
  print_result(result);
}

void main_or_throw(const std::vector<std::string>& arguments) {
  cli::Settings settings;
  settings.command_line = cli::parse_command_line(arguments);
  if (settings.command_line.contains("help")) return print_result(cli::help_text());
  if (settings.command_line.contains("version")) {
    return print_result(fmt::format("momentcut {}\n", core::version()));
  }
  if (const auto shell = settings.command_line.find("completion");
      shell != settings.command_line.end()) {
    return print_result(cli::completion_script(shell->second));
  }
  settings.environment = environment_values();
  load_configuration(settings);
  run(cli::make_invocation(settings));
}

// A caller may have closed stdin, stdout or stderr: a file of ours must not take their place.
// Writing there still fails, as it would have.
void occupy_standard_descriptors() {
  for (int fd = open("/dev/null", O_RDONLY); fd >= 0; fd = open("/dev/null", O_RDONLY)) {
    if (fd <= STDERR_FILENO) continue;
    close(fd);
    return;
  }
}

int fail(const std::string& line, int status) noexcept {
  (void)std::fprintf(stderr, "momentcut: %s\n", core::printable(line).c_str());
  return status;
}

// Everything is cleaned up; end as the signal ends a program, so that a shell knows.
[[noreturn]] void end_by(int signal) {
  (void)std::signal(signal, SIG_DFL);
  (void)std::raise(signal);
  std::_Exit(128 + signal);
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that goes away, or a file that may not grow, is an error to report, not a reason to
  // vanish with files left behind.
  (void)std::signal(SIGPIPE, SIG_IGN);
  (void)std::signal(SIGXFSZ, SIG_IGN);
  occupy_standard_descriptors();
  try {
    main_or_throw({argv + 1, argv + argc});
    return 0;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::interrupted) return fail(error.line(), error.exit_code());
    fail(error.line(), 0);
    end_by(error.signal());
  } catch (const std::filesystem::filesystem_error& error) {
    const bool denied = error.code() == std::errc::permission_denied;
    return fail(error.code().message() + ": " + core::quoted(error.path1().native(), 400),
                denied ? 77 : 74);
  } catch (const std::bad_alloc&) {
    return fail("out of memory", 70);
  } catch (const std::exception& error) {
    return fail(std::string("internal error: ") + error.what(), 70);
  }
}
