#include "momentcut/pipeline/fetch.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/cut/concat.hpp"
#include "momentcut/s3/location.hpp"

namespace momentcut::pipeline {

using core::Error;
using core::ErrorKind;

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

Fetcher::Fetcher(const Source& source, Remote& remote, const io::TempDir& folder, Context& context)
    : folder_(folder), context_(context), segments_(source, remote, folder, context) {}

std::string Fetcher::described(std::size_t segment, const std::string& damage) const {
  return damage.empty() ? "" : segments_.where(segment) + " is damaged: " + damage;
}

std::optional<std::uint64_t> Fetcher::known_size(std::size_t segment) {
  return segments_.held(segment).whole;
}

std::uint64_t Fetcher::append(io::JoinedFile& file, const Portion& portion,
                              cut::TransportWatch& watch) {
  const auto held = segments_.held(portion.segment);
  const auto wanted = std::min(portion.bytes, held.size);
  std::uint64_t got = 0;
  if (wanted > 0) {
    got = file.append(held.file, held.offset, wanted, context_.interrupt(),
                      [&](std::string_view bytes) { watch.pass(bytes); });
  }
  const auto promised = std::min(portion.bytes, held.whole.value_or(0));
  if (got < promised) {
    throw Error(ErrorKind::bad_data, fmt::format("{} ends {} bytes before its byte range does",
                                                 segments_.where(portion.segment), promised - got));
  }
  if (!watch.began_with_packets()) {
    throw Error(ErrorKind::bad_data,
                fmt::format("{} is {}", segments_.where(portion.segment),
                            got == 0 ? "empty" : "not MPEG-TS: it does not begin with packets"),
                "this version reads MPEG-TS segments");
  }
  auto& bytes = used_[portion.segment];
  bytes = std::max(bytes, held.remote ? 0 : got);
  return got;
}

std::uint64_t Fetcher::fetched_bytes() const {
  auto sum = segments_.bytes_received();
  for (const auto& [segment, bytes] : used_) sum += bytes;
  return sum;
}

std::string Fetcher::new_name(std::string_view stem) {
  return fmt::format("{}{}", stem, names_++);
}

Join Fetcher::join(const std::vector<std::size_t>& segments, const std::optional<Portion>& also) {
  const auto name = new_name("run");
  io::JoinedFile file(folder_.path() / (name + ".ts"));
  Join join{file.path().native(), {}, segments, {}, {}};
  std::int64_t size = 0;
  const auto join_what_is_here = [&] {
    while (join.offsets.size() < segments.size()) {
      const auto next = segments[join.offsets.size()];
      if (!segments_.held(next).complete()) return;
      cut::TransportWatch watch;
      join.offsets.push_back(size);
      size += static_cast<std::int64_t>(append(file, {next}, watch));
      join.damages.push_back(described(next, watch.damage(/*whole=*/true)));
    }
  };
  std::vector<Portion> wanted;
  const bool is_among = also && std::binary_search(segments.begin(), segments.end(), also->segment);
  if (also && !is_among) wanted.push_back(*also);
  for (const auto segment : segments) wanted.push_back({segment});
  segments_.bring(wanted, join_what_is_here);
  join_what_is_here();
  const auto list = folder_.path() / (name + ".ffconcat");
  io::write_new_file(list, cut::concat_list(name + ".ts"));
  join.list = list.native();
  return join;
}

Fetcher::Head Fetcher::head(const Portion& portion) {
  segments_.bring({portion});
  io::JoinedFile file(folder_.path() / (new_name("head") + ".ts"));
  cut::TransportWatch watch;
  const auto got = append(file, portion, watch);
  const bool complete = got < portion.bytes || got == known_size(portion.segment);
  return {file.path().native(), complete, described(portion.segment, watch.damage(complete))};
}

}  // namespace momentcut::pipeline
