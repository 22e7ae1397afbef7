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
  Bench() : context(observer, interrupt, 5s) { std::filesystem::create_directory(temp); }
  Folder folder;
  momentcut::io::Interrupt interrupt;
  std::filesystem::path temp = folder / "temp";
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
  Delivery delivery(clip, false, bench.temp, "name.mp4");
  CHECK(delivery.size() == 0);
  render(delivery, "content");
  CHECK(delivery.size() == 7);
  CHECK_FALSE(std::filesystem::exists(clip));
  delivery.commit(bench.context);
  CHECK(content_of(clip) == "content");
  CHECK(delivery.final_path() == clip);
}

TEST_CASE("a clip that is given up leaves the destination as it was") {
  Bench bench;
  const auto clip = bench.folder.write("out/clip.mp4", "old");
  {
    const Delivery delivery(clip, true, bench.temp, "name.mp4");
    render(delivery, "half");
  }
  CHECK(content_of(clip) == "old");
  Delivery refused(clip, false, bench.temp, "name.mp4");
  CHECK(thrown_by([&] { refused.commit(bench.context); }).kind() == ErrorKind::cannot_create);
  Delivery replacing(clip, true, bench.temp, "name.mp4");
  render(replacing, "new");
  replacing.commit(bench.context);
  CHECK(content_of(clip) == "new");
}

TEST_CASE("a place that cannot be written is known at once") {
  Bench bench;
  CHECK(thrown_by([&] { Delivery("/proc/clip.mp4", false, bench.temp, "name.mp4"); }).kind() ==
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
    Delivery delivery("-", false, bench.temp, "name.mp4");
    place = delivery.path();
    render(delivery, "content");
    before = content_of(target);
    delivery.commit(bench.context);
  }
  dup2(saved, STDOUT_FILENO);
  close(saved);
  close(file);
  const std::filesystem::path path = place;
  CHECK(path.filename() == "name.mp4");
  CHECK(path.parent_path().parent_path() == bench.temp);
  CHECK(before.empty());
  CHECK(content_of(target) == "content");
  CHECK(std::filesystem::is_empty(bench.temp));
}

TEST_CASE("a clip that is only uploaded stays where it was made, and goes then") {
  Bench bench;
  {
    Delivery delivery("", false, bench.temp, "name.mp4");
    render(delivery, "content");
    delivery.commit(bench.context);
    CHECK(delivery.final_path() == delivery.path());
    CHECK(std::filesystem::path(delivery.path()).filename() == "name.mp4");
    CHECK(content_of(delivery.final_path()) == "content");
  }
  CHECK(std::filesystem::is_empty(bench.temp));
}

TEST_CASE("a clip that could not be uploaded can be kept") {
  Bench bench;
  std::string place;
  {
    Delivery delivery("", false, bench.temp, "name.mp4");
    render(delivery, "content");
    delivery.commit(bench.context);
    delivery.keep();
    place = delivery.final_path();
  }
  CHECK(content_of(place) == "content");
  // One that has its own place needs no keeping.
  Delivery local(bench.folder / "clip.mp4", false, bench.temp, "name.mp4");
  local.keep();
  CHECK(local.final_path() == bench.folder / "clip.mp4");
}
