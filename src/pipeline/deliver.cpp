#include "momentcut/pipeline/deliver.hpp"

#include <utility>

#include <unistd.h>

namespace momentcut::pipeline {

bool is_stdout(const std::string& output) {
  return output == "-";
}

Delivery::Delivery(std::string output, bool replace, const io::TempDir& folder)
    : output_(std::move(output)), replace_(replace) {
  if (is_stdout(output_)) {
    spool_ = folder.path() / "clip";
  } else {
    pending_ = std::make_unique<io::PendingFile>(output_);
  }
}

std::string Delivery::path() const {
  return pending_ ? pending_->path() : spool_;
}

std::uint64_t Delivery::size() const {
  return io::file_size(path()).value_or(0);
}

void Delivery::commit(Context& context) {
  if (pending_) {
    pending_->commit(replace_);
  } else {
    io::copy_to_descriptor(spool_, STDOUT_FILENO, context.interrupt());
  }
}

}  // namespace momentcut::pipeline
