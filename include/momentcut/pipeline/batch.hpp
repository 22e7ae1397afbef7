// One request for segments' bytes, and what other connections have taken over of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "momentcut/io/files.hpp"
#include "momentcut/io/interrupt.hpp"
#include "momentcut/pipeline/exchange.hpp"
#include "momentcut/s3/location.hpp"

namespace momentcut::pipeline {

// Neighbours in one resource that are asked for at once, or one segment, or a part of one.
struct Batch {
  static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

  s3::Location location;
  ByteSpan span;
  std::filesystem::path file;
  std::vector<std::size_t> segments;
  std::uint64_t written = 0;
  std::uint64_t expected = 0;  // bytes, where they are known
  bool to_the_end = false;     // of its last segment
  bool begun = false;
  bool over = false;
  std::string etag;
  std::optional<std::uint64_t> total;  // of the resource, where the server said
  bool failed = false;                 // its parts are not of one content
  std::unique_ptr<io::JoinedFile> sink;
  // What another connection took over, from byte `limit` of the batch on; of it and of what is left
  // here, others may take over parts.
  std::unique_ptr<Batch> rest;
  std::uint64_t limit = kUnlimited;
};

// Whether nothing more is to come for it, nor for what was taken over of it.
bool is_over(const Batch& batch);

// Puts what was taken over behind what came first. False where they are not of one content: servers
// behind one name may differ, or the content changed meanwhile.
bool gather(Batch& batch, io::Interrupt& interrupt);

// Takes over half of what is still to come for that part of one of `batches` for which the most is:
// the batch, and the new part of it, which writes to a file of its own. nullopt: there is nothing
// left that is worth another request.
struct Half {
  Batch* whole = nullptr;
  Batch* part = nullptr;
};
std::optional<Half> take_half(const std::vector<std::unique_ptr<Batch>>& batches);

}  // namespace momentcut::pipeline
