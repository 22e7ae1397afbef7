#include "momentcut/io/files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::io {
namespace {

namespace fs = std::filesystem;
using core::Error;
using core::ErrorKind;

constexpr std::size_t kChunk = 1U << 20U;

// The error of a failed system call on `path`. `otherwise` is its kind unless errno says better.
Error file_error(std::string_view doing, const fs::path& path, ErrorKind otherwise) {
  const int code = errno;
  auto kind = otherwise;
  if (otherwise == ErrorKind::io) {
    if (code == ENOENT || code == ENOTDIR || code == ENAMETOOLONG || code == ELOOP)
      kind = ErrorKind::not_found;
    if (code == EACCES || code == EPERM) kind = ErrorKind::no_permission;
  }
  return {kind, fmt::format("cannot {} {}: {}", doing, core::quoted(path.native(), 400),
                            std::strerror(code))};
}

// A regular file alone: opening a FIFO would wait for a writer that may never come.
Descriptor open_for_reading(const fs::path& path) {
  Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat status {};
  if (!fd.open() || fstat(fd.get(), &status) != 0) throw file_error("read", path, ErrorKind::io);
  if (!S_ISREG(status.st_mode)) {
    throw Error(ErrorKind::not_found, core::quoted(path.native(), 400) + " is not a regular file");
  }
  return fd;
}

std::size_t read_some(const Descriptor& fd, char* into, std::size_t count, const fs::path& path) {
  for (;;) {
    const auto got = ::read(fd.get(), into, count);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) throw file_error("read", path, ErrorKind::io);
  }
}

void write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {  // a stdout that somebody made non-blocking
      pollfd ready{fd, POLLOUT, 0};
      poll(&ready, 1, -1);
      continue;
    }
    if (written < 0) {
      auto error = file_error("write", path, ErrorKind::io);
      throw Error(ErrorKind::io, error.what());
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// What `path` leads to where it is a symbolic link, even to nothing yet: the link is kept, what it
// points to is written.
fs::path written_through_links(fs::path path) {
  constexpr int kMostLinks = 40;
  std::error_code failed;
  for (int i = 0; i < kMostLinks && fs::is_symlink(path, failed); ++i) {
    const auto target = fs::read_symlink(path, failed);
    if (failed) break;
    path = (path.parent_path() / target).lexically_normal();
  }
  return path;
}

fs::path absolute_output(const fs::path& path) {
  std::error_code failed;
  auto whole = fs::absolute(path, failed);
  if (!failed) return written_through_links(std::move(whole));
  throw Error(
      ErrorKind::cannot_create,
      fmt::format("cannot create {}: {}", core::quoted(path.native(), 400), failed.message()));
}

void remove_made_folders(std::vector<fs::path>& made) {
  std::error_code ignored;
  // Only folders that are empty again go; somebody else may have put something there.
  for (; !made.empty() && fs::remove(made.back(), ignored); made.pop_back()) {
  }
}

// Makes `folder` and its missing parents; those that were made, the topmost first. None of them
// stays where the last cannot be made.
std::vector<fs::path> make_folders(const fs::path& folder) {
  std::vector<fs::path> missing;
  std::error_code none;
  for (auto at = folder; !at.empty() && !fs::is_directory(at, none); at = at.parent_path()) {
    missing.push_back(at);
    if (at == at.parent_path()) break;
  }
  std::vector<fs::path> made;
  for (; !missing.empty(); missing.pop_back()) {
    if (mkdir(missing.back().c_str(), 0777) == 0) {
      made.push_back(missing.back());
    } else if (errno != EEXIST || !fs::is_directory(missing.back(), none)) {
      const auto error = file_error("make the folder", missing.back(), ErrorKind::cannot_create);
      remove_made_folders(made);
      throw Error(error);
    }
  }
  return made;
}

}  // namespace

std::string read_file(const fs::path& path, std::size_t at_most) {
  const auto fd = open_for_reading(path);
  std::string content;
  std::array<char, 64U << 10U> buffer{};
  while (const auto got = read_some(fd, buffer.data(), buffer.size(), path)) {
    content.append(buffer.data(), got);
    if (content.size() > at_most) {
      throw Error(ErrorKind::bad_data,
                  fmt::format("{} is larger than {} MiB", core::quoted(path.native(), 400),
                              at_most >> 20U));
    }
  }
  return content;
}

void write_new_file(const fs::path& path, std::string_view content) {
  const Descriptor fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd.open()) throw file_error("create", path, ErrorKind::cannot_create);
  write_all(fd.get(), content, path);
}

void remove_file(const fs::path& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) throw file_error("remove", path, ErrorKind::io);
}

std::optional<std::uint64_t> file_size(const fs::path& path) {
  std::error_code failed;
  if (!fs::is_regular_file(path, failed)) return {};
  const auto size = fs::file_size(path, failed);
  return failed ? std::nullopt : std::optional<std::uint64_t>(size);
}

std::uint64_t each_piece(const fs::path& path, std::uint64_t offset, std::uint64_t at_most,
                         Interrupt& interrupt, const std::function<void(std::string_view)>& take) {
  const auto in = open_for_reading(path);
  if (lseek(in.get(), static_cast<off_t>(offset), SEEK_SET) < 0) {
    throw file_error("read", path, ErrorKind::io);
  }
  std::uint64_t read = 0;
  std::vector<char> buffer(kChunk);
  while (read < at_most) {
    interrupt.check();
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(at_most - read, kChunk));
    const auto got = read_some(in, buffer.data(), wanted, path);
    if (got == 0) break;
    take(std::string_view(buffer.data(), got));
    read += got;
  }
  return read;
}

JoinedFile::JoinedFile(fs::path path, Begin begin) : path_(std::move(path)) {
  int flags = O_CREAT;
  if (begin == Begin::anew) flags |= O_EXCL;
  if (begin == Begin::emptied) flags |= O_TRUNC;
  if (begin == Begin::where_it_ends) flags |= O_APPEND;
  fd_ = Descriptor(open(path_.c_str(), O_WRONLY | O_CLOEXEC | flags, 0600));
  if (!fd_.open()) throw file_error("create", path_, ErrorKind::cannot_create);
}

void JoinedFile::append(std::string_view bytes) {
  write_all(fd_.get(), bytes, path_);
}

std::uint64_t JoinedFile::append(const fs::path& source, std::uint64_t offset,
                                 std::uint64_t at_most, Interrupt& interrupt,
                                 const std::function<void(std::string_view)>& watch) {
  return each_piece(source, offset, at_most, interrupt, [&](std::string_view bytes) {
    if (watch) watch(bytes);
    append(bytes);
  });
}

TempDir::TempDir(const fs::path& parent) {
  std::string name = (absolute_output(parent) / "momentcut-XXXXXX").native();
  if (mkdtemp(name.data()) == nullptr) {
    const auto error = file_error("make a temporary folder in", parent, ErrorKind::cannot_create);
    throw Error(error.kind(), error.what(), "choose another one with --temp-dir");
  }
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  if (!kept_) fs::remove_all(path_, ignored);
}

PendingFile::PendingFile(const fs::path& destination) : destination_(absolute_output(destination)) {
  struct stat status {};
  const bool exists = stat(destination_.c_str(), &status) == 0;
  if (!exists && errno == ENAMETOOLONG) {
    throw file_error("create", destination_, ErrorKind::cannot_create);
  }
  if (exists && !S_ISREG(status.st_mode)) {
    throw Error(ErrorKind::cannot_create,
                core::quoted(destination_.native(), 400) + " is not a regular file");
  }
  const auto folder = destination_.parent_path();
  made_folders_ = make_folders(folder);
  std::string name = (folder / ".momentcut-XXXXXX").native();
  const Descriptor fd(mkostemp(name.data(), O_CLOEXEC));
  if (!fd.open()) {
    const auto error = file_error("create", destination_, ErrorKind::cannot_create);
    remove_made_folders(made_folders_);
    throw Error(error);
  }
  path_ = name;
}

PendingFile::~PendingFile() {
  if (committed_) return;
  std::error_code ignored;
  fs::remove(path_, ignored);
  remove_made_folders(made_folders_);
}

void PendingFile::commit(bool replace) {
  {
    const Descriptor fd(open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    // mkstemp made the file for the user alone; an output has the permissions the umask leaves.
    const auto mask = umask(0);
    umask(mask);
    if (!fd.open() || fchmod(fd.get(), 0666 & ~mask) != 0 || fsync(fd.get()) != 0) {
      const auto error = file_error("write", destination_, ErrorKind::io);
      throw Error(ErrorKind::io, error.what());
    }
  }
  const unsigned flags = replace ? 0U : RENAME_NOREPLACE;
  int status = renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, destination_.c_str(), flags);
  if (status != 0 && flags != 0 && (errno == EINVAL || errno == ENOSYS)) {
    // A file system without RENAME_NOREPLACE: a hard link refuses an existing name as well.
    status = link(path_.c_str(), destination_.c_str());
    if (status == 0) unlink(path_.c_str());
  }
  if (status != 0) throw file_error("create", destination_, ErrorKind::cannot_create);
  committed_ = true;
}

void copy_to_descriptor(const fs::path& path, int fd, Interrupt& interrupt) {
  // A pipe that is ready for writing takes this much without blocking (POSIX: PIPE_BUF), so that a
  // reader that stalls never keeps a signal waiting.
  constexpr std::size_t kAtOnce = PIPE_BUF;
  each_piece(path, 0, kToTheEnd, interrupt, [&](std::string_view bytes) {
    while (!bytes.empty()) {
      std::array<pollfd, 2> ready{{{fd, POLLOUT, 0}, {interrupt.fd(), POLLIN, 0}}};
      poll(ready.data(), ready.size(), -1);
      interrupt.check();
      const auto piece = bytes.substr(0, kAtOnce);
      write_all(fd, piece, "stdout");
      bytes.remove_prefix(piece.size());
    }
  });
}

}  // namespace momentcut::io
