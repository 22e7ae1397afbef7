// Temporary folders, and outputs that appear whole or not at all.
#include <filesystem>
#include <memory>
#include <string>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "core/thrown.hpp"
#include "io/folder.hpp"
#include "momentcut/core/error.hpp"
#include "momentcut/io/files.hpp"
#include "print.hpp"

using namespace momentcut::io;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;
namespace fs = std::filesystem;

namespace {

using Names = std::set<std::string>;

void fill(const PendingFile& pending, const std::string& content) {
  std::ofstream(pending.path(), std::ios::binary) << content;
}

fs::perms permissions_of(const fs::path& file) {
  return fs::status(file).permissions();
}

}  // namespace

TEST_CASE("a temporary folder goes with all that is in it") {
  const Folder folder;
  {
    const TempDir temp(folder.path());
    CHECK(temp.path().is_absolute());
    CHECK(temp.path().parent_path() == folder.path());
    CHECK(permissions_of(temp.path()) == fs::perms::owner_all);
    fs::create_directories(temp.path() / "a/b");
    std::ofstream(temp.path() / "a/b/c") << "x";
    fs::create_symlink("/etc", temp.path() / "link");
    const TempDir other(folder.path());
    CHECK(other.path() != temp.path());
  }
  CHECK(folder.names().empty());
  CHECK(fs::exists("/etc/passwd"));
}

TEST_CASE("a temporary folder stays when it is to be kept") {
  const Folder folder;
  fs::path path;
  {
    TempDir temp(folder.path());
    temp.keep();
    path = temp.path();
  }
  CHECK(fs::is_directory(path));
}

TEST_CASE("a temporary folder needs a place, and says how to choose one") {
  const auto error = thrown_by([] { TempDir("/no/such/place"); });
  CHECK(error.kind() == ErrorKind::cannot_create);
  CHECK(error.line() ==
        "cannot make a temporary folder in \"/no/such/place\": No such file or directory; choose "
        "another one with --temp-dir");
}

TEST_CASE("a pending file appears at its destination when it is committed, and not before") {
  const Folder folder;
  const auto clip = folder / "clip.mp4";
  PendingFile pending(clip);
  CHECK(pending.path().is_absolute());
  CHECK(pending.path().parent_path() == folder.path());
  CHECK(pending.path().filename().native().starts_with(".momentcut-"));
  fill(pending, "content");
  CHECK_FALSE(fs::exists(clip));
  pending.commit(false);
  CHECK(content_of(clip) == "content");
  CHECK(folder.names() == Names{"clip.mp4"});
}

TEST_CASE("a pending file that is not committed leaves nothing") {
  const Folder folder;
  {
    const PendingFile pending(folder / "clip.mp4");
    fill(pending, "half");
  }
  CHECK(folder.names().empty());
}

TEST_CASE("a destination keeps what it held until it is replaced") {
  const Folder folder;
  const auto clip = folder.write("clip.mp4", "old");
  {
    const PendingFile pending(clip);
    fill(pending, "half");
  }
  CHECK(content_of(clip) == "old");
  PendingFile pending(clip);
  fill(pending, "new");
  pending.commit(true);
  CHECK(content_of(clip) == "new");
  CHECK(folder.names() == Names{"clip.mp4"});
}

TEST_CASE("without leave an existing destination is not replaced, nor one that came meanwhile") {
  const Folder folder;
  const auto clip = folder / "clip.mp4";
  {
    PendingFile pending(clip);
    fill(pending, "new");
    folder.write("clip.mp4", "somebody else's");
    const auto error = thrown_by([&] { pending.commit(false); });
    CHECK(error.kind() == ErrorKind::cannot_create);
    CHECK(error.line() == "cannot create \"" + clip.native() + "\": File exists");
  }
  CHECK(content_of(clip) == "somebody else's");
  CHECK(folder.names() == Names{"clip.mp4"});
}

TEST_CASE("missing folders are made, and go again unless something lies in them") {
  const Folder folder;
  { const PendingFile pending(folder / "a/b/c/clip.mp4"); }
  CHECK(folder.names().empty());
  {
    const PendingFile pending(folder / "a/b/c/clip.mp4");
    folder.write("a/b/note", "mine");
  }
  CHECK(content_of(folder / "a/b/note") == "mine");
  CHECK_FALSE(fs::exists(folder / "a/b/c"));
  PendingFile pending(folder / "x/y/clip.mp4");
  pending.commit(false);
  CHECK(fs::exists(folder / "x/y/clip.mp4"));
}

TEST_CASE("folders that were there before stay") {
  const Folder folder;
  fs::create_directories(folder / "a/b");
  { const PendingFile pending(folder / "a/b/c/clip.mp4"); }
  CHECK(fs::is_directory(folder / "a/b"));
  CHECK_FALSE(fs::exists(folder / "a/b/c"));
  { const PendingFile pending(folder / "a/b/clip.mp4"); }
  CHECK(fs::is_directory(folder / "a/b"));
}

TEST_CASE("folders that were made for one that cannot be made go again") {
  const Folder folder;
  CHECK_THROWS(PendingFile(folder / ("new/" + std::string(300, 'x') + "/clip.mp4")));
  CHECK(folder.names().empty());
}

TEST_CASE("a folder whose name is too long is one that cannot be made") {
  const Folder folder;
  const auto error =
      thrown_by([&] { PendingFile(folder / (std::string(300, 'x') + "/clip.mp4")); });
  CHECK(error.kind() == ErrorKind::cannot_create);
}

TEST_CASE("a file where a folder should be is told, and stays") {
  const Folder folder;
  folder.write("file", "x");
  const auto error = thrown_by([&] { PendingFile(folder / "file/clip.mp4"); });
  CHECK(error.kind() == ErrorKind::cannot_create);
  CHECK(content_of(folder / "file") == "x");
  CHECK(folder.names() == Names{"file"});
}

TEST_CASE("a destination that is a device or a folder is refused") {
  const Folder folder;
  fs::create_directory(folder / "sub.mp4");
  for (const auto& path : {fs::path("/dev/null"), folder / "sub.mp4"}) {
    const auto error = thrown_by([&] { PendingFile{path}; });
    CHECK(error.kind() == ErrorKind::cannot_create);
    CHECK(error.line() == "\"" + path.native() + "\" is not a regular file");
  }
  CHECK(folder.names() == Names{"sub.mp4"});
}

TEST_CASE("a symbolic link stays one, and its target is what is replaced") {
  const Folder folder;
  folder.write("real/clip.mp4", "old");
  fs::create_symlink("real/clip.mp4", folder / "link.mp4");
  {
    PendingFile pending(folder / "link.mp4");
    fill(pending, "new");
    CHECK(pending.path().parent_path() == folder / "real");
    CHECK(thrown_by([&] { pending.commit(false); }).kind() == ErrorKind::cannot_create);
    pending.commit(true);
  }
  CHECK(fs::is_symlink(folder / "link.mp4"));
  CHECK(content_of(folder / "real/clip.mp4") == "new");
  CHECK(folder.names() == Names{"link.mp4", "real"});
}

TEST_CASE("a link to a device is as good as the device") {
  const Folder folder;
  fs::create_symlink("/dev/null", folder / "null.mp4");
  CHECK(thrown_by([&] { PendingFile(folder / "null.mp4"); }).kind() == ErrorKind::cannot_create);
}

TEST_CASE("an output has the permissions that the umask leaves") {
  const Folder folder;
  const auto before = umask(0027);
  PendingFile first(folder / "a.mp4");
  CHECK((permissions_of(first.path()) & fs::perms(0077)) == fs::perms::none);
  first.commit(false);
  umask(0);
  PendingFile second(folder / "b.mp4");
  second.commit(false);
  CHECK(umask(before) == 0);
  CHECK(permissions_of(folder / "a.mp4") == fs::perms(0640));
  CHECK(permissions_of(folder / "b.mp4") == fs::perms(0666));
}

TEST_CASE("names as long as a file system takes them can be written") {
  const Folder folder;
  for (const auto& name : {std::string(251, 'n') + ".mp4", std::string(255, 'n'),
                           std::string(125, 'n') + std::string(125, '.') + ".mp4"}) {
    PendingFile pending(folder / name);
    fill(pending, "x");
    pending.commit(false);
    CHECK(content_of(folder / name) == "x");
  }
  CHECK(folder.names().size() == 3);
}

TEST_CASE("names whose last dot stands early can be as long") {
  const Folder folder;
  const auto name = "Mr." + std::string(250, 'n');
  PendingFile pending(folder / name);
  pending.commit(false);
  CHECK(fs::exists(folder / name));
}

TEST_CASE("names that are too long are told, and leave nothing") {
  const Folder folder;
  const auto error = thrown_by([&] {
    PendingFile pending(folder / ("new/" + std::string(300, 'n') + ".mp4"));
    pending.commit(false);
  });
  CHECK(error.kind() == ErrorKind::cannot_create);
  CHECK(folder.names().empty());
}

TEST_CASE("odd names are names") {
  const Folder folder;
  for (const std::string name :
       {".mp4", "-o.mp4", "a b.mp4", "größe.mp4", "no-extension", "a\nb"}) {
    CAPTURE(name);
    PendingFile pending(folder / name);
    fill(pending, name);
    pending.commit(false);
    CHECK(content_of(folder / name) == name);
  }
}
