// Who owns a file descriptor.
#include "momentcut/io/descriptor.hpp"

#include <cerrno>
#include <utility>

#include <doctest/doctest.h>
#include <fcntl.h>

using momentcut::io::Descriptor;

namespace {

int opened() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_open(int fd) {
  return fcntl(fd, F_GETFD) >= 0 || errno != EBADF;
}

}  // namespace

TEST_CASE("a descriptor closes when its owner goes") {
  int fd = -1;
  {
    const Descriptor owner(opened());
    fd = owner.get();
    CHECK(owner.open());
    CHECK(is_open(fd));
  }
  CHECK_FALSE(is_open(fd));
}

TEST_CASE("an owner of nothing is not open") {
  Descriptor none;
  CHECK_FALSE(none.open());
  CHECK(none.get() == -1);
  none.reset();
  CHECK_FALSE(Descriptor(-1).open());
}

TEST_CASE("a moved descriptor has one owner") {
  Descriptor first(opened());
  const int fd = first.get();
  Descriptor second(std::move(first));
  CHECK(second.get() == fd);
  CHECK_FALSE(first.open());  // NOLINT: what it was moved from is the question
  first.reset();
  CHECK(is_open(fd));
}

TEST_CASE("an assigned descriptor closes the one that was there") {
  Descriptor first(opened());
  Descriptor second(opened());
  const int old = second.get();
  const int fd = first.get();
  second = std::move(first);
  CHECK(second.get() == fd);
  CHECK(is_open(fd));
  CHECK_FALSE(is_open(old));
}

TEST_CASE("a descriptor assigned to itself stays open") {
  Descriptor owner(opened());
  auto& same = owner;
  owner = std::move(same);
  CHECK(is_open(owner.get()));
}

TEST_CASE("a reset descriptor is closed once") {
  Descriptor owner(opened());
  const int fd = owner.get();
  owner.reset();
  CHECK_FALSE(owner.open());
  CHECK_FALSE(is_open(fd));
  const Descriptor next(opened());
  CHECK(next.get() == fd);  // the lowest free one again
  owner.reset();
  CHECK(is_open(fd));
}
