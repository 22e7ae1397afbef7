// A clip on its way to where it belongs.
#include "momentcut/pipeline/deliver.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/thrown.hpp"
#include "io/folder.hpp"
#include "print.hpp"

using namespace momentcut::pipeline;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;
using momentcut::io::content_of;
using momentcut::io::Folder;

namespace {

struct Bench {
  Bench() : temp(folder.path()), context(observer, interrupt, 5s) {}
  Folder folder;
  momentcut::io::Interrupt interrupt;
  momentcut::io::TempDir temp;
  Observer observer;
  Context context;
};

void render(const Delivery& delivery, const std::string& content) {
  std::ofstream(delivery.path(), std::ios::binary) << content;
}

}  // namespace

TEST_CASE("only a dash alone is stdout") {
  CHECK(is_stdout("-"));
  CHECK_FALSE(is_stdout("./-"));
  CHECK_FALSE(is_stdout(""));
  CHECK_FALSE(is_stdout("--"));
}

TEST_CASE("a clip appears at its destination when it is committed") {
  Bench bench;
  const auto clip = bench.folder / "out/clip.mp4";
  Delivery delivery(clip, false, bench.temp);
  CHECK(delivery.size() == 0);
  render(delivery, "content");
  CHECK(delivery.size() == 7);
  CHECK_FALSE(std::filesystem::exists(clip));
  delivery.commit(bench.context);
  CHECK(content_of(clip) == "content");
}

TEST_CASE("a clip that is given up leaves the destination as it was") {
  Bench bench;
  const auto clip = bench.folder.write("out/clip.mp4", "old");
  {
    const Delivery delivery(clip, true, bench.temp);
    render(delivery, "half");
  }
  CHECK(content_of(clip) == "old");
  Delivery refused(clip, false, bench.temp);
  CHECK(thrown_by([&] { refused.commit(bench.context); }).kind() == ErrorKind::cannot_create);
  Delivery replacing(clip, true, bench.temp);
  render(replacing, "new");
  replacing.commit(bench.context);
  CHECK(content_of(clip) == "new");
}

TEST_CASE("a place that cannot be written is known at once") {
  Bench bench;
  CHECK(thrown_by([&] { Delivery("/proc/clip.mp4", false, bench.temp); }).kind() ==
        ErrorKind::cannot_create);
}

TEST_CASE("a clip for stdout waits in the temporary folder until it is whole") {
  Bench bench;
  const auto target = bench.folder / "stdout";
  std::fflush(stdout);
  const int saved = dup(STDOUT_FILENO);
  const int file = open(target.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  dup2(file, STDOUT_FILENO);
  std::string before;
  std::string place;
  {
    Delivery delivery("-", false, bench.temp);
    place = delivery.path();
    render(delivery, "content");
    before = content_of(target);
    delivery.commit(bench.context);
  }
  dup2(saved, STDOUT_FILENO);
  close(saved);
  close(file);
  CHECK(std::filesystem::path(place).parent_path() == bench.temp.path());
  CHECK(before.empty());
  CHECK(content_of(target) == "content");
}
