#include "momentcut/pipeline/segments.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

// No segment of a stream is larger; a body without an end is.
constexpr std::uint64_t kMostSegmentBytes = 8ULL << 30U;
// Requests for less than this cost more than they carry.
constexpr std::uint64_t kLeastBatch = 1U << 20U;

}  // namespace

Segments::Segments(const Rendition& rendition, std::string name, Remote& remote,
                   const io::TempDir& folder, Context& context)
    : source_(rendition),
      name_(std::move(name)),
      places_(rendition, remote),
      keys_and_maps_(rendition, remote, context),
      remote_(remote),
      folder_(folder),
      context_(context) {}

Held Segments::held(std::size_t segment) {
  const auto& location = places_.of(segment);
  if (location.remote()) return held_[segment];
  const auto& range = source_.media.segments[segment].byterange;
  const auto size = io::file_size(location.text).value_or(0);
  if (!range) return {location.text, 0, size, size, true};
  const auto left = size - std::min(size, range->offset);
  return {location.text, range->offset, std::min(left, range->length), range->length, true};
}

bool Segments::ready(const Portion& portion) {
  return is_here(portion) && keys_and_maps_.ready(portion.segment);
}

bool Segments::is_here(const Portion& portion) {
  if (!places_.of(portion.segment).remote()) return true;
  const auto& held = held_[portion.segment];
  return held.complete() || held.size >= portion.bytes;
}

bool Segments::continues(const Batch& batch, const Portion& portion,
                         const s3::Location& location) const {
  const auto& range = source_.media.segments[portion.segment].byterange;
  const auto known = held_.find(portion.segment);
  const bool is_new = known == held_.end() || known->second.size == 0;
  return range && is_new && portion.bytes >= range->length && batch.location == location &&
         batch.to_the_end && range->offset == batch.span.offset + batch.span.length;
}

std::unique_ptr<Batch> Segments::batch_for(const Portion& portion, const s3::Location& location) {
  const auto& range = source_.media.segments[portion.segment].byterange;
  auto& held = held_[portion.segment];
  if (held.file.empty()) {
    held.file = folder_.path() / fmt::format("{}{}.segment", name_, portion.segment);
    held.remote = true;
    if (range) held.whole = range->length;
  }
  auto batch = std::make_unique<Batch>();
  batch->location = location;
  batch->file = held.file;
  batch->segments = {portion.segment};
  batch->span.offset = (range ? range->offset : 0) + held.size;
  const auto end = std::min(portion.bytes, held.whole.value_or(portion.bytes));
  batch->span.length = std::min(end, ByteSpan{}.length) - held.size;
  // The rest of a segment that is to come whole has no end to ask for.
  if (!range && portion.bytes >= Portion::kAll) batch->span.length = ByteSpan{}.length;
  batch->to_the_end = portion.bytes >= held.whole.value_or(Portion::kAll);
  const bool is_bounded = batch->span.length < ByteSpan{}.length;
  if (is_bounded) batch->expected = batch->span.length;
  return batch;
}

// Each segment once, with the largest portion of it that is wanted.
std::vector<Portion> Segments::missing_of(const std::vector<Portion>& portions) {
  std::vector<Portion> missing;
  for (const auto& portion : portions) {
    if (is_here(portion)) continue;
    const auto same = std::find_if(missing.begin(), missing.end(), [&](const Portion& other) {
      return other.segment == portion.segment;
    });
    if (same == missing.end()) {
      missing.push_back(portion);
    } else {
      same->bytes = std::max(same->bytes, portion.bytes);
    }
  }
  return missing;
}

std::vector<std::unique_ptr<Batch>> Segments::batches_for(const std::vector<Portion>& portions) {
  const auto missing = missing_of(portions);
  std::uint64_t known_bytes = 0;
  for (const auto& portion : missing) {
    const auto& range = source_.media.segments[portion.segment].byterange;
    known_bytes += range ? range->length : 0;
  }
  // Neighbours become one request, as long as there is one for every connection.
  const auto most = std::max(kLeastBatch, known_bytes / std::max(1U, remote_.connections()) + 1);
  std::vector<std::unique_ptr<Batch>> batches;
  for (const auto& portion : missing) {
    const auto& location = places_.of(portion.segment);
    const auto& range = source_.media.segments[portion.segment].byterange;
    if (!batches.empty() && continues(*batches.back(), portion, location) &&
        batches.back()->span.length + range->length <= most) {
      auto& batch = *batches.back();
      // Behind the one before, of which a part may have been in the file already.
      const auto& before = held_[batch.segments.back()];
      const auto offset = before.offset + before.whole.value_or(0);
      held_[portion.segment] = {batch.file, offset, 0, range->length, false, true};
      batch.span.length += range->length;
      batch.expected = batch.span.length;
      batch.segments.push_back(portion.segment);
    } else {
      batches.push_back(batch_for(portion, location));
    }
  }
  return batches;
}

void Segments::write(Batch& batch, std::string_view bytes) {
  if (!batch.sink) {
    batch.sink = std::make_unique<io::JoinedFile>(batch.file, io::JoinedFile::Begin::where_it_ends);
  }
  batch.sink->append(bytes);
  batch.written += bytes.size();
  received_ += bytes.size();
}

bool Segments::take(Batch& batch, std::string_view bytes, Delivery& delivery) {
  bytes = bytes.substr(0, std::min<std::uint64_t>(bytes.size(), batch.limit - batch.written));
  write(batch, bytes);
  if (batch.written > kMostSegmentBytes) {
    throw Error(ErrorKind::bad_data, places_.name(batch.segments.front()) + " has no end",
                "is it a segment?");
  }
  bool completed = false;
  for (const auto segment : batch.segments) {
    auto& held = held_[segment];
    const bool was_complete = held.complete();
    const auto room = held.whole.value_or(Portion::kAll) - held.size;
    const auto part = std::min<std::uint64_t>(room, bytes.size());
    held.size += part;
    bytes.remove_prefix(part);
    completed = completed || (!was_complete && held.complete());
    if (bytes.empty()) break;
  }
  if (completed && delivery.arrived) delivery.arrived();
  report(delivery);
  return batch.written < batch.limit;
}

// What the answer to a batch, or to the rest of one, said.
void Segments::note(Batch& batch, const Reply& reply) {
  const auto* ranges = reply.field("accept-ranges");
  has_ranges_ = has_ranges_ || reply.status == 206 || (ranges != nullptr && *ranges == "bytes");
  const auto* tag = reply.field("etag");
  if (tag != nullptr) batch.etag = *tag;
  batch.total = reply.total;
  batch.sink.reset();
  batch.over = true;
}

// Ends a batch, once nothing more is to come for it.
void Segments::finish(Batch& batch, Delivery& delivery) {
  if (!is_over(batch)) return;
  const auto own = batch.written;
  if (!gather(batch, context_.interrupt())) {
    batch.failed = true;
    return;
  }
  held_[batch.segments.front()].size += batch.written - own;
  batch.expected = batch.written;
  const bool ended_early = batch.written < batch.span.length;
  if (batch.to_the_end || ended_early) {
    for (const auto segment : batch.segments) {
      auto& held = held_[segment];
      held.ended = true;
      if (!held.whole) held.whole = held.size;
    }
  }
  if (delivery.arrived) delivery.arrived();
}

// What was joined already, or came with an earlier request, cannot be taken back.
bool Segments::forget(Batch& batch) {
  auto& held = held_[batch.segments.front()];
  const bool alone = batch.segments.size() == 1 && !batch.rest && held.size == batch.written;
  if (!alone || held.complete()) return false;
  batch.sink.reset();
  io::remove_file(batch.file);
  batch.written = 0;
  held.size = 0;
  return true;
}

// In messages about fetching it, with the stretch that is missing without it.
std::string Segments::described(std::size_t segment) const {
  return fmt::format("{} ({})", places_.name(segment), places_.span(segment));
}

Ask Segments::ask_for(Batch& batch, Delivery& delivery) {
  Ask ask;
  ask.location = batch.location;
  ask.what = described(batch.segments.front());
  ask.span = batch.span;
  ask.begun = [&batch] { batch.begun = true; };
  ask.sized = [&batch](std::uint64_t size) { batch.expected = size; };
  ask.take = [this, &batch, &delivery](std::string_view bytes) {
    return take(batch, bytes, delivery);
  };
  ask.forget = [this, &batch] { return forget(batch); };
  if (delivery.missing != nullptr) {
    ask.accepts = [](int status, std::string_view code) {
      return status == 404 && code != "NoSuchBucket";
    };
  }
  ask.done = [this, &batch, &delivery](const Reply& reply) {
    if (reply.status == 404) {
      delivery.missing->insert(batch.segments.begin(), batch.segments.end());
      batch.over = true;
    } else {
      note(batch, reply);
      finish(batch, delivery);
    }
  };
  return ask;
}

// Connections that nothing is left for take over half of what another one still has to bring, so
// that the last segments come as fast as the first ones.
std::optional<Ask> Segments::relieve(Delivery& delivery) {
  if (!has_ranges_ || !may_relieve_) return {};
  const auto half = take_half(delivery.batches);
  if (!half) return {};
  return ask_for_half(*half->whole, *half->part, delivery);
}

Ask Segments::ask_for_half(Batch& whole, Batch& half, Delivery& delivery) {
  Ask ask;
  ask.location = whole.location;
  ask.what = described(whole.segments.front());
  ask.span = half.span;
  // Not every server says with it where the end is; what is missing then, gather() sees.
  ask.accepts = [](int status, std::string_view) { return status == 416; };
  ask.sized = [&half](std::uint64_t size) { half.expected = size; };
  ask.take = [this, &half, &delivery](std::string_view bytes) {
    write(half, bytes.substr(0, std::min<std::uint64_t>(bytes.size(), half.limit - half.written)));
    report(delivery);
    return half.written < std::min(half.limit, kMostSegmentBytes);
  };
  ask.done = [this, &whole, &half, &delivery](const Reply& reply) {
    note(half, reply);
    finish(whole, delivery);
  };
  return ask;
}

void Segments::report(const Delivery& delivery) {
  std::uint64_t known = 0;
  std::uint64_t count = 0;
  std::uint64_t written = 0;
  for (const auto& batch : delivery.batches) {
    for (const auto* part = batch.get(); part != nullptr; part = part->rest.get()) {
      written += part->written;
    }
    known += batch->expected;
    count += batch->expected > 0 ? 1U : 0U;
  }
  if (count == 0) return;
  const double total = static_cast<double>(known) / static_cast<double>(count) *
                       static_cast<double>(delivery.batches.size());
  context_.progress(total > 0 ? static_cast<double>(written) / total : 0);
}

void Segments::bring(const std::vector<Portion>& portions, const std::function<void()>& arrived) {
  Delivery delivery{batches_for(portions), arrived};
  carry_out(portions, delivery);
}

std::vector<std::size_t> Segments::bring_what_is_there(const std::vector<Portion>& portions) {
  std::set<std::size_t> missing;
  std::vector<Portion> wanted;
  for (const auto& portion : portions) {
    if (places_.is_missing(portion.segment)) {
      missing.insert(portion.segment);
    } else {
      wanted.push_back(portion);
    }
  }
  const std::function<void()> nobody;
  Delivery delivery{batches_for(wanted), nobody, &missing};
  carry_out(wanted, delivery);
  return {missing.begin(), missing.end()};
}

void Segments::carry_out(const std::vector<Portion>& portions, Delivery& delivery) {
  std::vector<Ask> asks;
  for (const auto& portion : portions) {
    keys_and_maps_.add_missing(portion.segment, asks, delivery.arrived);
  }
  if (delivery.batches.empty() && asks.empty()) return;
  const auto before = context_.stage();
  context_.enter(Stage::fetch);
  for (const auto& batch : delivery.batches) asks.push_back(ask_for(*batch, delivery));
  remote_.ask(std::move(asks), [this, &delivery] { return relieve(delivery); });
  const auto again = start_over(delivery);
  if (!again.empty()) {
    Delivery once_more{batches_for(again), delivery.arrived, delivery.missing};
    carry_out(again, once_more);
  }
  context_.progress(1);
  context_.enter(before);
}

// Two answers of one server need not be halves of one content: servers behind one name may differ,
// or it changed. Then each segment comes from one answer again.
std::vector<Portion> Segments::start_over(const Delivery& delivery) {
  std::vector<Portion> again;
  for (const auto& batch : delivery.batches) {
    if (!batch->failed) continue;
    may_relieve_ = false;
    const auto segment = batch->segments.front();
    context_.detail(places_.name(segment) + " came in halves that do not fit; once more, whole");
    for (const auto* part = batch.get(); part != nullptr; part = part->rest.get()) {
      io::remove_file(part->file);
    }
    held_[segment] = {};
    again.push_back({segment});
  }
  return again;
}

}  // namespace momentcut::pipeline
