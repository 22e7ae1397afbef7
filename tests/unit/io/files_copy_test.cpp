// Copying a clip to a pipe whose reader does as it likes.
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/thrown.hpp"
#include "io/folder.hpp"
#include "momentcut/core/error.hpp"
#include "momentcut/io/descriptor.hpp"
#include "momentcut/io/files.hpp"
#include "print.hpp"

using namespace momentcut::io;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;

namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> fds{};
    REQUIRE(pipe2(fds.data(), O_CLOEXEC) == 0);
    reader = Descriptor(fds[0]);
    writer = Descriptor(fds[1]);
  }
  Descriptor reader, writer;
};

std::string drained(int fd) {
  std::string all;
  std::array<char, 65'536> buffer{};
  for (;;) {
    const auto got = read(fd, buffer.data(), buffer.size());
    if (got <= 0) return all;
    all.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

TEST_CASE("a file goes whole through a pipe whose reader is slow") {
  const Folder folder;
  std::string content;
  for (int i = 0; content.size() < 3'000'000; ++i) content += std::to_string(i);
  const auto file = folder.write("f", content);
  Interrupt interrupt;
  Pipe pipe;
  std::string received;
  std::thread reader([&] {
    std::this_thread::sleep_for(50ms);
    received = drained(pipe.reader.get());
  });
  copy_to_descriptor(file, pipe.writer.get(), interrupt);
  pipe.writer.reset();
  reader.join();
  CHECK(received == content);
}

TEST_CASE("a reader that went away is an error of writing") {
  const Folder folder;
  const auto file = folder.write("f", "content");
  Interrupt interrupt;
  Pipe pipe;
  pipe.reader.reset();
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  const auto error = thrown_by([&] { copy_to_descriptor(file, pipe.writer.get(), interrupt); });
  std::signal(SIGPIPE, before);
  CHECK(error.kind() == ErrorKind::io);
  CHECK(error.line() == "cannot write \"stdout\": Broken pipe");
}

TEST_CASE("a full disk behind stdout is an error of writing") {
  const Folder folder;
  const auto file = folder.write("f", "content");
  Interrupt interrupt;
  const Descriptor full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  REQUIRE(full.open());
  const auto error = thrown_by([&] { copy_to_descriptor(file, full.get(), interrupt); });
  CHECK(error.kind() == ErrorKind::io);
  CHECK(error.line() == "cannot write \"stdout\": No space left on device");
}

TEST_CASE("a signal ends a copy whose reader stalls") {
  const Folder folder;
  const auto file = folder.write("f", std::string(5'000'000, 'x'));
  Interrupt interrupt;
  Pipe pipe;
  std::size_t received = 0;
  std::thread reader([&] {
    std::this_thread::sleep_for(100ms);
    kill(getpid(), SIGTERM);
    std::this_thread::sleep_for(1s);  // ample for whoever looks at signals
    received = drained(pipe.reader.get()).size();
  });
  const auto error = thrown_by([&] { copy_to_descriptor(file, pipe.writer.get(), interrupt); });
  pipe.writer.reset();
  reader.join();
  CHECK(error.kind() == ErrorKind::interrupted);
  // What the pipe held when the signal came, and nothing that had to wait for the reader.
  CHECK(received <= 64U << 10U);
}
