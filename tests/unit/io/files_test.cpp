// Reading, joining and hashing files.
#include "momentcut/io/files.hpp"

#include <csignal>
#include <filesystem>
#include <limits>
#include <string>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/thrown.hpp"
#include "io/folder.hpp"
#include "momentcut/core/error.hpp"
#include "print.hpp"

using namespace momentcut::io;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kAll = std::numeric_limits<std::int64_t>::max();

// Somebody whom permissions mean something to, as root does not, for as long as it lives.
class Nobody {
 public:
  Nobody() : was_(geteuid()) {
    if (was_ == 0) changed_ = seteuid(65'534) == 0;
  }
  ~Nobody() {
    if (changed_ && seteuid(was_) != 0) std::abort();
  }
  Nobody(const Nobody&) = delete;
  Nobody& operator=(const Nobody&) = delete;

 private:
  uid_t was_;
  bool changed_ = false;
};

std::string bytes(std::size_t count) {
  std::string text(count, '\0');
  for (std::size_t i = 0; i < count; ++i) text[i] = static_cast<char>(i * 7 + i / 251);
  return text;
}

}  // namespace

TEST_CASE("a file is read whole, as long as it is no larger than it may be") {
  const Folder folder;
  const auto content = bytes(200'000);
  const auto file = folder.write("f", content);
  CHECK(read_file(file, 1'000'000) == content);
  CHECK(read_file(file, 200'000) == content);
  const auto error = thrown_by([&] { read_file(file, 199'999); });
  CHECK(error.kind() == ErrorKind::bad_data);
  CHECK(read_file(folder.write("empty", ""), 0).empty());
  CHECK(thrown_by([&] { read_file("/dev/zero", 4U << 20U); }).line() ==
        "\"/dev/zero\" is not a regular file");
}

TEST_CASE("what cannot be read is told by its kind") {
  const Folder folder;
  const auto missing = thrown_by([&] { read_file(folder / "none", 9); });
  CHECK(missing.kind() == ErrorKind::not_found);
  CHECK(missing.line() ==
        "cannot read \"" + (folder / "none").native() + "\": No such file or directory");
  const auto file = folder.write("f", "x");
  CHECK(thrown_by([&] { read_file(file / "below", 9); }).kind() == ErrorKind::not_found);
  CHECK(thrown_by([&] { read_file(folder.path(), 9); }).kind() == ErrorKind::not_found);
  fs::permissions(folder.path(), fs::perms::owner_all | fs::perms::others_exec);
  chmod(file.c_str(), 0);
  const Nobody nobody;
  CHECK(thrown_by([&] { read_file(file, 9); }).kind() == ErrorKind::no_permission);
}

TEST_CASE("a new file is for the user alone and replaces nothing") {
  const Folder folder;
  const auto file = folder / "f";
  write_new_file(file, "one");
  CHECK(content_of(file) == "one");
  CHECK((fs::status(file).permissions() & fs::perms(0077)) == fs::perms::none);
  CHECK(thrown_by([&] { write_new_file(file, "two"); }).kind() == ErrorKind::cannot_create);
  CHECK(content_of(file) == "one");
  CHECK(thrown_by([&] { write_new_file(folder / "no/f", ""); }).kind() == ErrorKind::cannot_create);
  CHECK(thrown_by([&] { write_new_file("/dev/full", ""); }).kind() == ErrorKind::cannot_create);
}

TEST_CASE("only regular files have a size") {
  const Folder folder;
  CHECK(momentcut::io::file_size(folder.write("f", "12345")) == 5);
  CHECK(momentcut::io::file_size(folder.write("empty", "")) == 0);
  CHECK(momentcut::io::file_size(folder.path()) == std::nullopt);
  CHECK(momentcut::io::file_size(folder / "none") == std::nullopt);
  CHECK(momentcut::io::file_size("/dev/null") == std::nullopt);
  CHECK(momentcut::io::file_size(folder / std::string(300, 'x')) == std::nullopt);
  fs::create_symlink("f", folder / "link");
  CHECK(momentcut::io::file_size(folder / "link") == 5);
  fs::create_symlink("nowhere", folder / "dangling");
  CHECK(momentcut::io::file_size(folder / "dangling") == std::nullopt);
}

TEST_CASE("a join grows by whole files and by parts of them") {
  const Folder folder;
  Interrupt interrupt;
  const auto large = bytes(3'000'000);
  const auto a = folder.write("a", "0123456789");
  const auto b = folder.write("b", large);
  JoinedFile join(folder / "join");
  CHECK(join.path() == folder / "join");
  CHECK(join.append(a, 0, kAll, interrupt) == 10);
  CHECK(join.append(a, 3, 4, interrupt) == 4);
  CHECK(join.append(a, 8, 100, interrupt) == 2);
  CHECK(join.append(a, 10, 100, interrupt) == 0);
  CHECK(join.append(a, 5'000, 100, interrupt) == 0);
  CHECK(join.append(a, 0, 0, interrupt) == 0);
  CHECK(join.append(b, 0, kAll, interrupt) == large.size());
  CHECK(join.append(b, 1'500'000, 1'200'000, interrupt) == 1'200'000);
  CHECK(content_of(folder / "join") ==
        "0123456789"
        "3456"
        "89" +
            large + large.substr(1'500'000, 1'200'000));
}

TEST_CASE("a join takes files of another file system") {
  const Folder here("/tmp");
  const Folder there(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
  Interrupt interrupt;
  const auto large = bytes(3'000'000);
  JoinedFile to_disk(here / "join");
  const auto in_memory = there.write("b", large);
  CHECK(to_disk.append(in_memory, 0, kAll, interrupt) == large.size());
  CHECK(to_disk.append(in_memory, 999'999, 1'100'000, interrupt) == 1'100'000);
  CHECK(to_disk.append(in_memory, 2'999'990, kAll, interrupt) == 10);
  CHECK(content_of(here / "join") ==
        large + large.substr(999'999, 1'100'000) + large.substr(2'999'990));
  JoinedFile to_memory(there / "join");
  CHECK(to_memory.append(here / "join", 5, kAll, interrupt) == 4'100'005);
  CHECK(content_of(there / "join") == content_of(here / "join").substr(5));
}

TEST_CASE("a join is a new file, and what it lacks is told") {
  const Folder folder;
  Interrupt interrupt;
  folder.write("join", "x");
  CHECK(thrown_by([&] { JoinedFile(folder / "join"); }).kind() == ErrorKind::cannot_create);
  JoinedFile join(folder / "other");
  CHECK(thrown_by([&] { join.append(folder / "none", 0, 1, interrupt); }).kind() ==
        ErrorKind::not_found);
  std::raise(SIGTERM);
  CHECK(thrown_by([&] { join.append(folder / "join", 0, 1, interrupt); }).kind() ==
        ErrorKind::interrupted);
}

TEST_CASE("a join can go on where it ended") {
  const Folder folder;
  Interrupt interrupt;
  for (const std::string piece : {"one", "", " two"}) {
    JoinedFile(folder / "join", JoinedFile::Begin::where_it_ends).append(piece);
  }
  CHECK(content_of(folder / "join") == "one two");
  JoinedFile join(folder / "join", JoinedFile::Begin::where_it_ends);
  CHECK(join.append(folder.write("a", "012345"), 2, 3, interrupt) == 3);
  join.append(" end");
  CHECK(content_of(folder / "join") == "one two234 end");
}

TEST_CASE("a join can take the place of what is there") {
  const Folder folder;
  for (const std::string whole : {"a long one", "short"}) {
    JoinedFile(folder / "join", JoinedFile::Begin::emptied).append(whole);
    CHECK(content_of(folder / "join") == whole);
  }
}

TEST_CASE("who watches a join sees what it grows by") {
  const Folder folder;
  Interrupt interrupt;
  const auto large = bytes(3'000'000);
  JoinedFile join(folder / "join");
  std::string seen;
  CHECK(join.append(folder.write("a", large), 5, kAll, interrupt,
                    [&](std::string_view piece) { seen += piece; }) == large.size() - 5);
  CHECK(seen == large.substr(5));
}

TEST_CASE("a file is read piece by piece, as far as it goes and was asked for") {
  const Folder folder;
  Interrupt interrupt;
  const auto large = bytes(3'000'000);
  const auto file = folder.write("a", large);
  const auto read = [&](std::uint64_t offset, std::uint64_t at_most) {
    std::string content;
    const auto count = momentcut::io::each_piece(file, offset, at_most, interrupt,
                                                 [&](std::string_view piece) { content += piece; });
    CHECK(count == content.size());
    return content;
  };
  CHECK(read(0, momentcut::io::kToTheEnd) == large);
  CHECK(read(7, 1'500'000) == large.substr(7, 1'500'000));
  CHECK(read(2'999'990, 100) == large.substr(2'999'990));
  CHECK(read(3'000'000, 1).empty());
  CHECK(read(9'000'000, 1).empty());
  CHECK(read(0, 0).empty());
  const auto none = [&] {
    momentcut::io::each_piece(folder / "none", 0, 1, interrupt, [](std::string_view) {});
  };
  CHECK(thrown_by(none).kind() == ErrorKind::not_found);
}

TEST_CASE("a signal ends the reading of a file") {
  const Folder folder;
  Interrupt interrupt;
  const auto file = folder.write("a", bytes(3'000'000));
  std::uint64_t seen = 0;
  const auto error = thrown_by([&] {
    momentcut::io::each_piece(file, 0, kAll, interrupt, [&](std::string_view piece) {
      seen += piece.size();
      std::raise(SIGTERM);
    });
  });
  CHECK(error.kind() == ErrorKind::interrupted);
  CHECK(seen < 3'000'000);
}

TEST_CASE("a file that is removed is gone, and one that is gone already may be") {
  const Folder folder;
  const auto file = folder.write("a", "x");
  momentcut::io::remove_file(file);
  CHECK_FALSE(fs::exists(file));
  CHECK_NOTHROW(momentcut::io::remove_file(file));
  CHECK(thrown_by([&] { momentcut::io::remove_file(folder.path()); }).kind() == ErrorKind::io);
}
