// The process under the io tests: does as it is told, badly where asked to. Its arguments are
// steps, taken in order.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace {

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = write(fd, text.data(), text.size());
    if (written <= 0) std::_Exit(99);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

[[noreturn]] void hang() {
  for (;;) pause();
}

void sleep_for(long milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

// Megabytes of 100-byte lines on `fd`.
void flood(int fd, long megabytes) {
  const std::string line = std::string(99, fd == STDOUT_FILENO ? 'o' : 'e') + "\n";
  std::string block;
  for (int i = 0; i < 10'000; ++i) block += line;
  for (long i = 0; i < megabytes; ++i) write_all(fd, block);
}

// Megabytes of a line that does not end.
void endless_line(long megabytes) {
  const std::string block(1'000'000, 'x');
  for (long i = 0; i < megabytes; ++i) write_all(STDOUT_FILENO, block);
}

void list_descriptors() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) std::_Exit(98);
  while (const auto* entry = readdir(folder)) {
    const std::string name = entry->d_name;
    if (name.front() == '.' || name == std::to_string(dirfd(folder))) continue;
    write_all(STDOUT_FILENO, name + "\n");
  }
  closedir(folder);
}

// The lines SigBlk and SigIgn of the kernel's own account.
void list_signals() {
  std::FILE* status = std::fopen("/proc/self/status", "re");
  if (status == nullptr) std::_Exit(98);
  char line[256];
  while (std::fgets(line, sizeof line, status) != nullptr) {
    if (std::strncmp(line, "SigBlk", 6) == 0 || std::strncmp(line, "SigIgn", 6) == 0) {
      write_all(STDOUT_FILENO, line);
    }
  }
  std::fclose(status);
}

// A child that outlives this and holds stdout and stderr open; its process id is printed.
void leave_grandchild(bool ignores_sigterm) {
  const auto child = fork();
  if (child == 0) {
    if (ignores_sigterm) std::signal(SIGTERM, SIG_IGN);
    hang();
  }
  write_all(STDOUT_FILENO, std::to_string(child) + "\n");
}

void read_stdin() {
  char buffer[4096];
  long total = 0;
  for (;;) {
    const auto got = read(STDIN_FILENO, buffer, sizeof buffer);
    if (got <= 0) break;
    total += got;
  }
  write_all(STDOUT_FILENO, std::to_string(total) + " bytes\n");
}

// Waits until there is such a file.
void await(const char* path) {
  while (access(path, F_OK) != 0) sleep_for(5);
}

void end_by(int signal) {
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  std::signal(signal, SIG_DFL);  // a sanitizer may have handlers of its own
  std::raise(signal);
}

long number(const char* text) {
  return text == nullptr ? 0 : std::atol(text);
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view step = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    if (step == "line" && value != nullptr) {
      write_all(STDOUT_FILENO, std::string(value) + "\n"), ++i;
    } else if (step == "text" && value != nullptr) {
      write_all(STDOUT_FILENO, value), ++i;
    } else if (step == "error" && value != nullptr) {
      write_all(STDERR_FILENO, value), ++i;
    } else if (step == "flood") {
      flood(STDOUT_FILENO, number(value)), ++i;
    } else if (step == "flood-errors") {
      flood(STDERR_FILENO, number(value)), ++i;
    } else if (step == "endless") {
      endless_line(number(value)), ++i;
    } else if (step == "exit") {
      return static_cast<int>(number(value));
    } else if (step == "raise") {
      end_by(static_cast<int>(number(value))), ++i;
    } else if (step == "sleep") {
      sleep_for(number(value)), ++i;
    } else if (step == "await" && value != nullptr) {
      await(value), ++i;
    } else if (step == "hang") {
      hang();
    } else if (step == "ignore-sigterm") {
      std::signal(SIGTERM, SIG_IGN);
    } else if (step == "close-outputs") {
      close(STDOUT_FILENO);
      close(STDERR_FILENO);
    } else if (step == "grandchild") {
      leave_grandchild(false);
    } else if (step == "stubborn-grandchild") {
      leave_grandchild(true);
    } else if (step == "descriptors") {
      list_descriptors();
    } else if (step == "signals") {
      list_signals();
    } else if (step == "stdin") {
      read_stdin();
    } else if (step == "group") {
      write_all(STDOUT_FILENO, getpgrp() == getpid() ? "own group\n" : "another's group\n");
    } else {
      write_all(STDERR_FILENO, "no such step: " + std::string(step) + "\n");
      return 97;
    }
  }
  return 0;
}
