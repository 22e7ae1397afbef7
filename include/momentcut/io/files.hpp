// Local files: bounded reads, joins, temporary folders, and outputs that appear whole or not at
// all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "momentcut/io/descriptor.hpp"
#include "momentcut/io/interrupt.hpp"

namespace momentcut::io {

// Errors of all of these are core::Error: not_found for what is not there, no_permission, io for
// what cannot be read or written (a full disk among them), cannot_create for an output.

// The whole of `path`, a regular file; core::Error(bad_data) when it is larger than `at_most`
// bytes.
std::string read_file(const std::filesystem::path& path, std::size_t at_most);

// Writes a new file that must not exist yet.
void write_new_file(const std::filesystem::path& path, std::string_view content);

// A file that is not there is removed already.
void remove_file(const std::filesystem::path& path);

// The size of a regular file in bytes; nullopt where there is none.
std::optional<std::uint64_t> file_size(const std::filesystem::path& path);

// Calls `take` with at most `at_most` bytes of `path` from `offset` on, piece by piece; how many
// there were.
std::uint64_t each_piece(const std::filesystem::path& path, std::uint64_t offset,
                         std::uint64_t at_most, Interrupt& interrupt,
                         const std::function<void(std::string_view)>& take);
inline constexpr std::uint64_t kToTheEnd = std::numeric_limits<std::int64_t>::max();

// A file that grows at its end.
class JoinedFile {
 public:
  enum class Begin { anew, emptied, where_it_ends };
  // A new file; or one that may be there already, without its content or with it.
  explicit JoinedFile(std::filesystem::path path, Begin begin = Begin::anew);

  void append(std::string_view bytes);
  // Appends at most `at_most` bytes of `source` from `offset` on; how many there were. `watch`, if
  // any, sees them piece by piece.
  std::uint64_t append(const std::filesystem::path& source, std::uint64_t offset,
                       std::uint64_t at_most, Interrupt& interrupt,
                       const std::function<void(std::string_view)>& watch = {});
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  Descriptor fd_;
};

// A folder of our own that goes with its contents when this does.
class TempDir {
 public:
  // Made in `parent` with permissions for the user alone.
  explicit TempDir(const std::filesystem::path& parent);
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  // Leaves the folder behind when this goes.
  void keep() noexcept { kept_ = true; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }  // absolute

 private:
  std::filesystem::path path_;
  bool kept_ = false;
};

// A file on its way to `destination`: written beside it under a hidden name, then moved there in
// one step. If it is never committed, it goes, and the destination is as it was before.
class PendingFile {
 public:
  // Makes missing parent folders and the hidden, empty file. A destination that exists and is no
  // regular file (a device, a folder) is core::Error(cannot_create).
  explicit PendingFile(const std::filesystem::path& destination);
  ~PendingFile();
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  // Where to write meanwhile: in the destination's folder. Absolute, so that no
  // program takes its beginning for an option or a protocol.
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  // Flushes the content to disk and moves it to the destination. Without `replace`, an existing
  // destination is core::Error(cannot_create), also one that appeared meanwhile.
  void commit(bool replace);

 private:
  std::filesystem::path destination_;
  std::filesystem::path path_;
  std::vector<std::filesystem::path> made_folders_;  // the topmost first
  bool committed_ = false;
};

// Copies `path` to the descriptor `fd`, whole. A reader that went away is core::Error(io); one that
// stalls is waited for until a signal comes.
void copy_to_descriptor(const std::filesystem::path& path, int fd, Interrupt& interrupt);

}  // namespace momentcut::io
