#include "momentcut/pipeline/fetch.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/cut/concat.hpp"
#include "momentcut/s3/location.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

constexpr std::uint64_t kAll = std::numeric_limits<std::int64_t>::max();

}  // namespace

std::vector<core::Span> spans_of(const hls::MediaPlaylist& playlist) {
  std::vector<core::Span> spans;
  spans.reserve(playlist.segments.size());
  core::Time start{};
  std::size_t run = 0;
  for (const auto& segment : playlist.segments) {
    if (segment.discontinuity && !spans.empty()) ++run;
    spans.push_back({start, segment.duration, run});
    start += segment.duration;
  }
  return spans;
}

Fetcher::Fetcher(const Source& source, const io::TempDir& folder, Context& context)
    : source_(source), folder_(folder), context_(context) {}

std::string Fetcher::where(std::size_t segment) const {
  const auto& wanted = source_.media.segments[segment];
  return fmt::format("{}:{}: segment {}", source_.location.text, wanted.line,
                     core::quoted(wanted.uri));
}

s3::Location Fetcher::resolved(std::size_t segment) const {
  try {
    return s3::resolve(source_.location, source_.media.segments[segment].uri);
  } catch (const Error& error) {
    throw Error(error.kind(), where(segment) + ": " + error.what(), error.hint());
  }
}

std::string Fetcher::described(std::size_t segment, const std::string& damage) const {
  return damage.empty() ? "" : where(segment) + " is damaged: " + damage;
}

std::filesystem::path Fetcher::local_file(std::size_t segment) const {
  const auto& wanted = source_.media.segments[segment];
  if (wanted.gap) {
    throw Error(ErrorKind::not_found, where(segment) + " is marked as missing (EXT-X-GAP)",
                "choose a range without it");
  }
  if (const auto* key = source_.media.key_of(wanted)) {
    throw Error(ErrorKind::bad_data,
                fmt::format("{} is encrypted ({})", where(segment), core::printable(key->method)),
                "this version reads unencrypted segments");
  }
  if (source_.media.map_of(wanted) != nullptr) {
    throw Error(ErrorKind::bad_data,
                where(segment) + " is fragmented MP4, or has another EXT-X-MAP",
                "this version reads MPEG-TS segments");
  }
  const auto location = resolved(segment);
  if (location.scheme != s3::Scheme::file) {
    throw Error(ErrorKind::unavailable, where(segment) + " is not a local file",
                "this version reads local recordings; fetch the recording's folder first");
  }
  for (const auto& candidate : s3::local_candidates(source_.location, wanted.uri)) {
    if (io::file_size(candidate)) return candidate;
  }
  throw Error(ErrorKind::not_found, where(segment) + " is missing",
              "fetch the whole recording again; a clip with a hole is not made");
}

std::optional<std::uint64_t> Fetcher::known_size(std::size_t segment) const {
  if (const auto& range = source_.media.segments[segment].byterange) return range->length;
  return io::file_size(local_file(segment));
}

std::uint64_t Fetcher::append(io::JoinedFile& file, std::size_t segment, std::uint64_t at_most,
                              cut::TransportWatch& watch) {
  const auto path = local_file(segment);
  const auto& range = source_.media.segments[segment].byterange;
  const auto offset = range ? range->offset : 0;
  const auto wanted = std::min(at_most, range ? range->length : kAll);
  const auto got = file.append(path, offset, wanted, context_.interrupt(),
                               [&](std::string_view bytes) { watch.pass(bytes); });
  if (range && got < wanted) {
    throw Error(ErrorKind::bad_data, fmt::format("{} ends {} bytes before its byte range does",
                                                 where(segment), wanted - got));
  }
  if (!watch.began_with_packets()) {
    throw Error(ErrorKind::bad_data,
                fmt::format("{} is {}", where(segment),
                            got == 0 ? "empty" : "not MPEG-TS: it does not begin with packets"),
                "this version reads MPEG-TS segments");
  }
  auto& bytes = fetched_[segment];
  bytes = std::max(bytes, got);
  return got;
}

std::uint64_t Fetcher::fetched_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [segment, bytes] : fetched_) sum += bytes;
  return sum;
}

std::string Fetcher::new_name(std::string_view stem) {
  return fmt::format("{}{}", stem, names_++);
}

Join Fetcher::join(const std::vector<std::size_t>& segments) {
  const auto name = new_name("run");
  io::JoinedFile file(folder_.path() / (name + ".ts"));
  Join join{file.path().native(), {}, segments, {}, {}};
  std::int64_t size = 0;
  for (const auto segment : segments) {
    cut::TransportWatch watch;
    join.offsets.push_back(size);
    size += static_cast<std::int64_t>(append(file, segment, kAll, watch));
    join.damages.push_back(described(segment, watch.damage(/*whole=*/true)));
  }
  const auto list = folder_.path() / (name + ".ffconcat");
  io::write_new_file(list, cut::concat_list(name + ".ts"));
  join.list = list.native();
  return join;
}

Fetcher::Head Fetcher::head(std::size_t segment, std::uint64_t bytes) {
  io::JoinedFile file(folder_.path() / (new_name("head") + ".ts"));
  cut::TransportWatch watch;
  const auto got = append(file, segment, bytes, watch);
  const bool complete = got < bytes || got == known_size(segment);
  return {file.path().native(), complete, described(segment, watch.damage(complete))};
}

}  // namespace momentcut::pipeline
