#include "momentcut/pipeline/batch.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace momentcut::pipeline {
namespace {

// Requests for less than half of this cost more than they carry.
constexpr std::uint64_t kLeastLeft = 1U << 20U;

// The part of which the most is still to come, and how much.
struct Slowest {
  Batch* whole = nullptr;
  Batch* part = nullptr;
  std::uint64_t left = kLeastLeft;
};

// `usual`: how large batches are as a rule.
Slowest slowest_of(const std::vector<std::unique_ptr<Batch>>& batches, std::uint64_t usual) {
  Slowest found;
  for (const auto& batch : batches) {
    if (!batch->to_the_end || batch->segments.size() > 1) continue;
    for (auto* part = batch.get(); part != nullptr; part = part->rest.get()) {
      const bool is_guess = part->expected == 0;
      const bool is_rest = part != batch.get();
      if (part->over || (is_guess && (is_rest || part->rest))) continue;
      // Where its size is not known yet, it is like the others; what is not there is no harm.
      const auto size = std::min(is_guess ? usual : part->expected, part->limit);
      const auto left = size - std::min(size, part->written);
      if (left >= found.left) found = {batch.get(), part, left};
    }
  }
  return found;
}

Batch& split(const Batch& whole, Batch& part, std::uint64_t left) {
  auto half = std::make_unique<Batch>();
  const auto limit = part.written + left / 2;
  half->span.offset = part.span.offset + limit;
  if (part.limit < Batch::kUnlimited) {
    half->limit = half->span.length = part.limit - limit;
  } else if (part.span.length < ByteSpan{}.length) {
    half->span.length = part.span.length - limit;
  }
  // Where it begins in its resource is in no other name.
  half->file = fmt::format("{}.from{}", whole.file.native(), half->span.offset);
  half->rest = std::move(part.rest);
  part.rest = std::move(half);
  part.limit = limit;
  return *part.rest;
}

}  // namespace

bool is_over(const Batch& batch) {
  return batch.over && (!batch.rest || is_over(*batch.rest));
}

bool gather(Batch& batch, io::Interrupt& interrupt) {
  if (!batch.rest) return true;
  auto& rest = *batch.rest;
  if (!gather(rest, interrupt)) return false;
  const bool has_rest = rest.written > 0;
  const bool has_other_tag = !rest.etag.empty() && !batch.etag.empty() && rest.etag != batch.etag;
  const bool has_other_size = rest.total && batch.total && *rest.total != *batch.total;
  const bool is_other =
      has_rest && (has_other_tag || has_other_size || batch.written < batch.limit);
  const bool is_short = batch.expected > 0 ? batch.written + rest.written < batch.expected
                                           : !has_rest && batch.written == batch.limit;
  if (is_other || is_short) return false;
  if (!has_rest) return true;
  io::JoinedFile(batch.file, io::JoinedFile::Begin::where_it_ends)
      .append(rest.file, 0, rest.written, interrupt);
  io::remove_file(rest.file);
  batch.written += rest.written;
  return true;
}

std::optional<Half> take_half(const std::vector<std::unique_ptr<Batch>>& batches) {
  std::uint64_t bytes = 0;
  std::uint64_t over = 0;
  for (const auto& batch : batches) {
    if (!batch->begun) return {};
    bytes += batch->over && batch->to_the_end ? batch->written : 0;
    over += batch->over && batch->to_the_end ? 1U : 0U;
  }
  if (over == 0) return {};
  const auto slowest = slowest_of(batches, bytes / over);
  if (slowest.part == nullptr) return {};
  return Half{slowest.whole, &split(*slowest.whole, *slowest.part, slowest.left)};
}

}  // namespace momentcut::pipeline
