// Where the segments of a playlist are to be found, and what errors call them.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "momentcut/pipeline/remote.hpp"
#include "momentcut/pipeline/source.hpp"
#include "momentcut/s3/location.hpp"

namespace momentcut::pipeline {

class SegmentPlaces {
 public:
  SegmentPlaces(const Rendition& rendition, Remote& remote);

  // Where a segment is: a local file that is there, or what a server may be asked for. Throws
  // core::Error: not_found for one that is missing, or marked as that (EXT-X-GAP), and as
  // Remote::follow() does.
  const s3::Location& of(std::size_t segment);
  [[nodiscard]] bool is_missing(std::size_t segment);

  // The playlist's line and its URI: "p.m3u8:5: segment \"1.ts\"".
  [[nodiscard]] std::string name(std::size_t segment) const;
  // The stretch of the recording that it is to fill: "12 to 18 s".
  [[nodiscard]] std::string span(std::size_t segment) const;

 private:
  const Rendition& rendition_;
  Remote& remote_;
  std::map<std::size_t, s3::Location> known_;
};

}  // namespace momentcut::pipeline
