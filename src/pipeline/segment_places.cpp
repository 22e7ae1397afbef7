#include "momentcut/pipeline/segment_places.hpp"

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/io/files.hpp"

namespace momentcut::pipeline {

using core::Error;
using core::ErrorKind;

SegmentPlaces::SegmentPlaces(const Rendition& rendition, Remote& remote)
    : rendition_(rendition), remote_(remote) {}

std::string SegmentPlaces::name(std::size_t segment) const {
  const auto& wanted = rendition_.media.segments[segment];
  return fmt::format("{}:{}: segment {}", core::redacted(rendition_.location.text), wanted.line,
                     core::quoted(core::redacted_reference(wanted.uri)));
}

std::string SegmentPlaces::span(std::size_t segment) const {
  const auto& segments = rendition_.media.segments;
  core::Time start{};
  for (std::size_t i = 0; i < segment; ++i) start += segments[i].duration;
  return fmt::format("{} to {} s", core::format_seconds(start),
                     core::format_seconds(start + segments[segment].duration));
}

const s3::Location& SegmentPlaces::of(std::size_t segment) {
  const auto& wanted = rendition_.media.segments[segment];
  if (wanted.gap) {
    throw Error(ErrorKind::not_found,
                fmt::format("{} is marked as missing (EXT-X-GAP), {} of the recording",
                            name(segment), span(segment)),
                "choose a range without it, or cut around it with --allow-gaps");
  }
  if (const auto known = known_.find(segment); known != known_.end()) return known->second;
  const auto location = remote_.follow(rendition_.location, wanted.uri, name(segment));
  if (location.remote()) return known_[segment] = location;
  for (const auto& candidate : s3::local_candidates(rendition_.location, wanted.uri)) {
    if (io::file_size(candidate)) {
      return known_[segment] = {s3::Scheme::file, candidate.native()};
    }
  }
  throw Error(ErrorKind::not_found,
              fmt::format("{} is missing, {} of the recording", name(segment), span(segment)),
              "fetch the whole recording again, or cut around it with --allow-gaps");
}

bool SegmentPlaces::is_missing(std::size_t segment) {
  try {
    of(segment);
    return false;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    return true;
  }
}

}  // namespace momentcut::pipeline
