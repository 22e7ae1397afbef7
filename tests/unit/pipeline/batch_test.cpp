// How requests for segments' bytes are parted, and put together again.
#include "momentcut/pipeline/batch.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "io/folder.hpp"

using namespace momentcut;
using namespace momentcut::pipeline;

namespace {

constexpr std::uint64_t kMiB = 1U << 20U;

using Batches = std::vector<std::unique_ptr<Batch>>;

std::unique_ptr<Batch> a_batch(std::uint64_t expected, std::uint64_t written) {
  auto batch = std::make_unique<Batch>();
  batch->file = "0.segment";
  batch->segments = {0};
  batch->expected = expected;
  batch->written = written;
  batch->to_the_end = true;
  batch->begun = true;
  batch->over = expected > 0 && expected == written;
  return batch;
}

Batches with_one_over(std::unique_ptr<Batch> other) {
  Batches batches;
  batches.push_back(a_batch(6 * kMiB, 6 * kMiB));
  batches.push_back(std::move(other));
  return batches;
}

// A batch and a part of it, whose bytes are in files of the folder.
class Parted {
 public:
  Parted() {
    whole.file = temp.path() / "whole";
    whole.limit = 4;
    whole.expected = 10;
    whole.over = true;
    write(whole, "0123");
    whole.rest = std::make_unique<Batch>();
    rest().file = temp.path() / "rest";
    rest().over = true;
    write(rest(), "456789");
  }

  Batch& rest() { return *whole.rest; }
  static void write(Batch& batch, const std::string& bytes) {
    io::JoinedFile(batch.file, io::JoinedFile::Begin::where_it_ends).append(bytes);
    batch.written += bytes.size();
  }
  bool gathered() { return gather(whole, interrupt); }

  io::TempDir temp{"/tmp"};
  io::Interrupt interrupt;
  Batch whole;
};

}  // namespace

TEST_CASE("half of what is left of the slowest is taken over") {
  auto batches = with_one_over(a_batch(6 * kMiB, 2 * kMiB));
  batches.push_back(a_batch(6 * kMiB, 3 * kMiB));
  batches[1]->span.offset = 100;
  const auto half = take_half(batches);
  REQUIRE(half);
  CHECK(half->whole == batches[1].get());
  CHECK(half->part == batches[1]->rest.get());
  CHECK(batches[1]->limit == 4 * kMiB);
  CHECK(half->part->span.offset == 100 + 4 * kMiB);
  CHECK(half->part->span.length == ByteSpan{}.length);
  CHECK(half->part->limit == Batch::kUnlimited);
  CHECK(half->part->file != batches[1]->file);
}

TEST_CASE("what is left before a part is taken over up to that part") {
  auto batches = with_one_over(a_batch(12 * kMiB, 0));
  REQUIRE(take_half(batches));
  auto& last = *batches[1]->rest;
  last.expected = 6 * kMiB;
  last.written = 5 * kMiB;
  const auto half = take_half(batches);
  REQUIRE(half);
  CHECK(half->part->span.offset == 3 * kMiB);
  CHECK(half->part->span.length == 3 * kMiB);
  CHECK(half->part->limit == 3 * kMiB);
  CHECK(half->part->rest.get() == &last);
  CHECK(batches[1]->limit == 3 * kMiB);
}

TEST_CASE("a part of a byte range ends where the range does") {
  auto batches = with_one_over(a_batch(6 * kMiB, 0));
  batches[1]->span = {1'000, 6 * kMiB};
  const auto half = take_half(batches);
  REQUIRE(half);
  CHECK(half->part->span.offset == 1'000 + 3 * kMiB);
  CHECK(half->part->span.length == 3 * kMiB);
}

TEST_CASE("nothing is taken over where it is not worth it, or not known to be") {
  CHECK_FALSE(take_half(with_one_over(a_batch(6 * kMiB, 5 * kMiB + 1))));
  CHECK(take_half(with_one_over(a_batch(6 * kMiB, 5 * kMiB))));
  // Before anything is over, nobody knows whether a request is ever quicker.
  Batches one;
  one.push_back(a_batch(6 * kMiB, 0));
  CHECK_FALSE(take_half(one));
  // While others wait for a connection, there is none to spare.
  auto waiting = with_one_over(a_batch(6 * kMiB, 0));
  waiting.push_back(a_batch(0, 0));
  waiting.back()->begun = false;
  CHECK_FALSE(take_half(waiting));
  auto head = with_one_over(a_batch(6 * kMiB, 0));
  head[1]->to_the_end = false;
  CHECK_FALSE(take_half(head));
  auto neighbours = with_one_over(a_batch(6 * kMiB, 0));
  neighbours[1]->segments = {0, 1};
  CHECK_FALSE(take_half(neighbours));
}

TEST_CASE("of a size that is guessed, one part is taken, and none of a part without an answer") {
  auto batches = with_one_over(a_batch(0, 0));
  const auto half = take_half(batches);
  REQUIRE(half);
  CHECK(half->part->span.offset == 3 * kMiB);
  CHECK_FALSE(take_half(batches));
}

TEST_CASE("parts are put together in their order") {
  Parted parted;
  parted.rest().limit = 3;
  parted.rest().written = 0;
  io::remove_file(parted.rest().file);
  Parted::write(parted.rest(), "456");
  parted.rest().rest = std::make_unique<Batch>();
  auto& last = *parted.rest().rest;
  last.file = parted.temp.path() / "last";
  CHECK_FALSE(is_over(parted.whole));
  last.over = true;
  Parted::write(last, "789");
  CHECK(is_over(parted.whole));
  REQUIRE(parted.gathered());
  CHECK(io::content_of(parted.whole.file) == "0123456789");
  CHECK(parted.whole.written == 10);
  CHECK_FALSE(io::file_size(parted.rest().file));
  CHECK_FALSE(io::file_size(last.file));
}

TEST_CASE("parts of different contents are not put together") {
  Parted tags;
  tags.whole.etag = "a";
  tags.rest().etag = "b";
  CHECK_FALSE(tags.gathered());
  Parted sizes;
  sizes.whole.total = 10;
  sizes.rest().total = 11;
  CHECK_FALSE(sizes.gathered());
  Parted gap;
  gap.whole.limit = 5;
  CHECK_FALSE(gap.gathered());
  Parted is_short;
  is_short.whole.expected = 11;
  CHECK_FALSE(is_short.gathered());
  Parted same;
  same.whole.etag = same.rest().etag = "a";
  same.whole.total = same.rest().total = 10;
  CHECK(same.gathered());
}
