// Completion scripts.
#include "momentcut/cli/completion.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "io/folder.hpp"
#include "momentcut/cli/options.hpp"
#include "momentcut/io/process.hpp"
#include "print.hpp"

using namespace momentcut;
using namespace std::chrono_literals;

namespace {

// Runs a shell with a script on it; its lines.
io::Outcome run_shell(std::vector<std::string> argv, std::vector<std::string>& lines) {
  io::Interrupt interrupt;
  return io::run({std::move(argv), [&](std::string_view line) { lines.emplace_back(line); }, 60s},
                 interrupt);
}

bool has_bash() {
  return std::system("bash --version >/dev/null 2>&1") == 0;  // NOLINT: no other thread here
}

// What bash completes the last of `words` to.
std::vector<std::string> completed(const std::string& words, int index) {
  const io::Folder folder;
  const auto script =
      folder.write("test", cli::completion_script("bash") + "COMP_WORDS=(" + words +
                               ")\nCOMP_CWORD=" + std::to_string(index) +
                               "\n_momentcut\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n");
  std::vector<std::string> lines;
  CHECK(run_shell({"bash", script}, lines).ok());
  return lines;
}

}  // namespace

TEST_CASE("every option is in every shell's script") {
  const auto bash = cli::completion_script("bash");
  const auto fish = cli::completion_script("fish");
  const auto zsh = cli::completion_script("zsh");
  for (const auto& option : cli::options()) {
    const std::string name(option.name);
    CAPTURE(name);
    CHECK((bash.find(" --" + name + " ") != std::string::npos ||
           bash.find("'--" + name + " ") != std::string::npos ||
           bash.find(" --" + name + "'") != std::string::npos));
    CHECK(fish.find(" -l " + name + " ") != std::string::npos);
    CHECK(zsh.find("--" + name + "[") != std::string::npos);
    if (option.letter == '\0') continue;
    CHECK(fish.find(" -l " + name + " -s " + option.letter + " ") != std::string::npos);
    CHECK(zsh.find(std::string("-") + option.letter + "[") != std::string::npos);
  }
}

TEST_CASE("a script for another shell is not there") {
  for (const std::string shell : {"", "tcsh", "Bash", "bash "}) {
    const auto error = core::thrown_by([&] { cli::completion_script(shell); });
    CHECK(error.kind() == core::ErrorKind::usage);
    CHECK(error.line() ==
          "--completion: \"" + shell + "\" is not one of bash, fish, zsh; see momentcut --help");
  }
}

TEST_CASE("quotes in a script are balanced on every line of fish's") {
  std::istringstream script(cli::completion_script("fish"));
  for (std::string line; std::getline(script, line);) {
    CAPTURE(line);
    CHECK(std::count(line.begin(), line.end(), '\'') % 2 == 0);
  }
}

TEST_CASE("an option whose value may be missing does not claim the next word") {
  CHECK(cli::completion_script("bash").find("--presign-result)") == std::string::npos);
  CHECK(cli::completion_script("fish").find(" -l presign-result -d ") != std::string::npos);
  CHECK(cli::completion_script("zsh").find("]::TTL:()'") != std::string::npos);
}

TEST_CASE("zsh offers an option again that may be repeated") {
  const auto zsh = cli::completion_script("zsh");
  CHECK(zsh.find("'*--header[") != std::string::npos);
  CHECK(zsh.find("'*--metadata[") != std::string::npos);
  CHECK(zsh.find("'--acl[") != std::string::npos);
}

TEST_CASE("quotes and colons of a value's name stay out of zsh's own") {
  const auto zsh = cli::completion_script("zsh");
  CHECK(zsh.find("]:K\\: V:()'") != std::string::npos);
  std::istringstream script(zsh);
  for (std::string line; std::getline(script, line);) {
    CAPTURE(line);
    CHECK(std::count(line.begin(), line.end(), '\'') % 2 == 0);
  }
}

TEST_CASE("bash takes its script" * doctest::skip(!has_bash())) {
  const io::Folder folder;
  const auto script = folder.write("momentcut", cli::completion_script("bash"));
  std::vector<std::string> lines;
  const auto outcome = run_shell({"bash", "-n", script}, lines);
  CHECK(outcome.ok());
  CHECK(outcome.stderr_tail.empty());
}

TEST_CASE("bash completes options, and the values that are known" * doctest::skip(!has_bash())) {
  CHECK(completed("momentcut --dur", 1) == std::vector<std::string>{"--duration"});
  CHECK(completed("momentcut --ff", 1) == std::vector<std::string>{"--ffmpeg", "--ffprobe"});
  CHECK(completed("momentcut --preset very", 2) ==
        std::vector<std::string>{"veryfast", "veryslow"});
  CHECK(completed("momentcut -r w", 2) == std::vector<std::string>{"worst"});
  CHECK(completed("momentcut --progress no", 2) == std::vector<std::string>{"none"});
  CHECK(completed("momentcut --acl bucket-owner-f", 2) ==
        std::vector<std::string>{"bucket-owner-full-control"});
  CHECK(completed("momentcut --presign-result --no-c", 2) ==
        std::vector<std::string>{"--no-clobber"});
  CHECK(completed("momentcut --header x --head", 3) == std::vector<std::string>{"--header"});
  CHECK(completed("momentcut --profile d", 2) == std::vector<std::string>{""});
}
