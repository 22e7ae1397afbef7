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
  // known at once. Stdout is filled from a file in `folder`. Throws core::Error(cannot_create).
  Delivery(std::string output, bool replace, const io::TempDir& folder);

  // Where ffmpeg is to write.
  [[nodiscard]] std::string path() const;
  [[nodiscard]] std::uint64_t size() const;

  // Puts the finished clip where it belongs: the destination in one step, or all of it to stdout.
  // Throws core::Error: cannot_create for a destination that exists or cannot be written, io.
  void commit(Context& context);

 private:
  std::string output_;
  bool replace_;
  std::unique_ptr<io::PendingFile> pending_;  // empty for stdout
  std::filesystem::path spool_;               // for stdout
};

}  // namespace momentcut::pipeline
