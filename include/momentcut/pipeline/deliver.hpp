// Where a clip goes: a file that appears whole, or stdout.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "momentcut/io/files.hpp"
#include "momentcut/pipeline/context.hpp"

namespace momentcut::pipeline {

// Whether `output` names stdout.
bool is_stdout(const std::string& output);

// A clip on its way to its destination.
class Delivery {
 public:
  // Claims a place beside the destination before any work is done, so that an unwritable folder is
  // known at once. For stdout, and where `output` is empty (the clip is uploaded from here), the
  // clip is made in a folder of its own in `temp_dir`, as `name`. Throws
  // core::Error(cannot_create).
  Delivery(std::string output, bool replace, const std::filesystem::path& temp_dir,
           const std::string& name);

  // Where ffmpeg is to write, and where the clip is until it is committed.
  [[nodiscard]] std::string path() const;
  [[nodiscard]] std::uint64_t size() const;

  // Puts the finished clip where it belongs: the destination in one step, or all of it to stdout.
  // Throws core::Error: cannot_create for a destination that exists or cannot be written, io.
  void commit(Context& context);

  // Where the clip is once it is committed.
  [[nodiscard]] std::string final_path() const { return spool_ ? path() : output_; }
  // Leaves it there, whatever happens.
  void keep();

 private:
  std::string output_;
  bool replace_;
  std::unique_ptr<io::PendingFile> pending_;  // of a local destination
  std::unique_ptr<io::TempDir> spool_;        // otherwise
  std::string name_;
};

}  // namespace momentcut::pipeline
