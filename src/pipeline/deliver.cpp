#include "momentcut/pipeline/deliver.hpp"

#include <utility>

#include <unistd.h>

namespace momentcut::pipeline {

bool is_stdout(const std::string& output) {
  return output == "-";
}

Delivery::Delivery(std::string output, bool replace, const std::filesystem::path& temp_dir,
                   const std::string& name)
    : output_(std::move(output)), replace_(replace), name_(name) {
  if (output_.empty() || is_stdout(output_)) {
    spool_ = std::make_unique<io::TempDir>(temp_dir);
  } else {
    pending_ = std::make_unique<io::PendingFile>(output_);
  }
}

std::string Delivery::path() const {
  return pending_ ? pending_->path() : spool_->path() / name_;
}

std::uint64_t Delivery::size() const {
  return io::file_size(path()).value_or(0);
}

void Delivery::commit(Context& context) {
  if (pending_) {
    pending_->commit(replace_);
  } else if (is_stdout(output_)) {
    io::copy_to_descriptor(path(), STDOUT_FILENO, context.interrupt());
  }
}

void Delivery::keep() {
  if (spool_) spool_->keep();
}

}  // namespace momentcut::pipeline
