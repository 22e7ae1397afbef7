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

namespace {

bool has_same_map(const hls::MediaPlaylist& playlist, const hls::Segment& a,
                  const hls::Segment& b) {
  const auto* one = playlist.map_of(a);
  const auto* other = playlist.map_of(b);
  if (one == nullptr || other == nullptr) return one == other;
  return one->uri == other->uri && one->byterange == other->byterange;
}

}  // namespace

std::vector<core::Span> spans_of(const hls::MediaPlaylist& playlist) {
  std::vector<core::Span> spans;
  spans.reserve(playlist.segments.size());
  core::Time start{};
  std::size_t run = 0;
  const hls::Segment* before = nullptr;
  for (const auto& segment : playlist.segments) {
    const bool begins_run =
        before != nullptr && (segment.discontinuity || !has_same_map(playlist, *before, segment));
    if (begins_run) ++run;
    spans.push_back({start, segment.duration, run, segment.gap});
    start += segment.duration;
    before = &segment;
  }
  return spans;
}

Fetcher::Fetcher(const Rendition& rendition, const std::string& name, Remote& remote,
                 const io::TempDir& folder, Context& context)
    : source_(rendition),
      name_(name),
      folder_(folder),
      context_(context),
      segments_(rendition, name, remote, folder, context) {}

std::string Fetcher::described(std::size_t segment, const std::string& damage) const {
  return damage.empty() ? "" : segments_.where(segment) + " is damaged: " + damage;
}

std::optional<std::uint64_t> Fetcher::known_size(std::size_t segment) {
  return segments_.held(segment).whole;
}

// Gives `take` what is held of a portion, in the clear.
Fetcher::Appended Fetcher::decrypt(const Portion& portion,
                                   const std::function<void(std::string_view)>& take) {
  const auto held = segments_.held(portion.segment);
  auto decryptor = segments_.keys_and_maps().decryptor(portion.segment);
  Appended done;
  const auto pass_on = [&](std::string_view bytes) {
    done.written += bytes.size();
    if (!bytes.empty()) take(bytes);
  };
  const auto wanted = std::min(portion.bytes, held.size);
  if (wanted > 0) {
    done.read = io::each_piece(
        held.file, held.offset, wanted, context_.interrupt(),
        [&](std::string_view bytes) { pass_on(decryptor ? decryptor->pass(bytes) : bytes); });
  }
  const auto promised = std::min(portion.bytes, held.whole.value_or(0));
  if (done.read < promised) {
    throw Error(ErrorKind::bad_data,
                fmt::format("{} ends {} bytes before its byte range does",
                            segments_.where(portion.segment), promised - done.read));
  }
  done.whole = held.complete() && done.read == held.size;
  // What is empty has no padding; that it is empty says more.
  if (done.whole && decryptor && done.read > 0) {
    try {
      pass_on(decryptor->finish());
    } catch (const Error& error) {
      throw Error(error.kind(),
                  fmt::format("{}: {}", segments_.where(portion.segment), error.what()),
                  error.hint());
    }
  }
  auto& bytes = used_[portion.segment];
  bytes = std::max(bytes, held.remote ? 0 : done.read);
  return done;
}

Fetcher::Appended Fetcher::append(io::JoinedFile& file, const Portion& portion,
                                  cut::SegmentWatch& watch) {
  std::uint64_t joined = 0;
  auto done = decrypt(portion, [&](std::string_view bytes) {
    const auto media = watch.pass(bytes);
    file.append(media);
    joined += media.size();
  });
  const bool is_to_come = watch.within_tag() && !done.whole;
  if (!watch.format().known() && !is_to_come) {
    throw Error(
        ErrorKind::bad_data,
        fmt::format(
            "{} is {}", segments_.where(portion.segment),
            done.written == 0 ? "empty" : "neither MPEG-TS, nor fragmented MP4, nor packed audio"),
        "is it a segment of a recording?");
  }
  done.written = joined;
  return done;
}

std::uint64_t Fetcher::fetched_bytes() const {
  auto sum = segments_.bytes_received();
  for (const auto& [segment, bytes] : used_) sum += bytes;
  return sum;
}

std::string Fetcher::new_name() {
  return fmt::format("{}-join{}", name_, names_++);
}

void Fetcher::require_same(const cut::SegmentFormat& format, const Join& join,
                           std::size_t segment) {
  if (join.offsets.empty() || format == join.format) return;
  throw Error(
      ErrorKind::bad_data,
      fmt::format("{} is in another format (ffmpeg's {}) than {} before it ({})",
                  segments_.where(segment), format.demuxer,
                  segments_.where(join.segments[join.offsets.size() - 1]), join.format.demuxer),
      "there should be a discontinuity before it");
}

bool Fetcher::readable_in_part(std::size_t segment) const {
  return source_.media.map_of(source_.media.segments[segment]) == nullptr;
}

Join Fetcher::join(const std::vector<std::size_t>& segments, std::uint64_t most_of_last,
                   const std::optional<Portion>& also) {
  const auto name = new_name();
  io::JoinedFile file(folder_.path() / name);
  Join join;
  join.file = file.path().native();
  join.segments = segments;
  std::int64_t size = 0;
  const auto join_what_is_here = [&] {
    while (join.offsets.size() < segments.size()) {
      const auto next = segments[join.offsets.size()];
      const bool is_last = join.offsets.size() + 1 == segments.size();
      const Portion portion{next, is_last ? most_of_last : Portion::kAll};
      if (!segments_.ready(portion)) return;
      if (join.offsets.empty()) {
        const auto initialization = segments_.keys_and_maps().initialization(next);
        file.append(initialization);
        size = static_cast<std::int64_t>(initialization.size());
      }
      cut::SegmentWatch watch;
      const auto done = append(file, portion, watch);
      if (!watch.within_tag()) require_same(watch.format(), join, next);
      if (join.offsets.empty()) {
        join.format = watch.format();
        join.timestamp = watch.timestamp();
      }
      join.shift = std::max(join.shift, watch.shift());
      join.offsets.push_back(size);
      size += static_cast<std::int64_t>(done.written);
      join.damages.push_back(described(next, watch.damage(done.whole)));
      join.cut_short = !done.whole;
    }
  };
  std::vector<Portion> wanted;
  const bool is_among = also && std::binary_search(segments.begin(), segments.end(), also->segment);
  if (also && !is_among) wanted.push_back(*also);
  for (const auto segment : segments) wanted.push_back({segment});
  wanted.back().bytes = most_of_last;
  segments_.bring(wanted, join_what_is_here);
  join_what_is_here();
  const auto list = folder_.path() / (name + ".ffconcat");
  io::write_new_file(list, cut::concat_list(name));
  join.list = list.native();
  return join;
}

std::string Fetcher::content(std::size_t segment, std::uint64_t most) {
  segments_.bring({{segment}});
  std::string text;
  decrypt({segment}, [&](std::string_view bytes) {
    if (text.size() + bytes.size() > most) {
      throw Error(ErrorKind::bad_data,
                  fmt::format("{} is larger than {} MiB", where(segment), most >> 20U));
    }
    text += bytes;
  });
  return text;
}

Fetcher::Head Fetcher::head(const Portion& portion) {
  segments_.bring({portion});
  io::JoinedFile file(folder_.path() / new_name());
  file.append(segments_.keys_and_maps().initialization(portion.segment));
  cut::SegmentWatch watch;
  const auto done = append(file, portion, watch);
  return {file.path().native(), watch.format(),
          watch.timestamp(),    watch.shift(),
          done.whole,           described(portion.segment, watch.damage(done.whole))};
}

}  // namespace momentcut::pipeline
