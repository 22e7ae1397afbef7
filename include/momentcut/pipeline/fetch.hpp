// Brings segments here: the joins that ffprobe and ffmpeg read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "momentcut/core/media.hpp"
#include "momentcut/cut/transport.hpp"
#include "momentcut/hls/playlist.hpp"
#include "momentcut/io/files.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/remote.hpp"
#include "momentcut/pipeline/segments.hpp"
#include "momentcut/pipeline/source.hpp"

namespace momentcut::pipeline {

// Segments of one run, byte for byte one after the other, in a file of our own naming.
struct Join {
  std::string file;                   // the raw join
  std::string list;                   // the ffconcat list that holds it
  std::vector<std::size_t> segments;  // indices into the playlist's segments
  std::vector<std::int64_t> offsets;  // where each of them begins in the file
  std::vector<std::string> damages;   // what is wrong with each, naming it; empty: nothing
};

// The playlist's segments as the cut room sees them.
std::vector<core::Span> spans_of(const hls::MediaPlaylist& playlist);

// Fetches from one media playlist into one folder.
class Fetcher {
 public:
  Fetcher(const Source& source, Remote& remote, const io::TempDir& folder, Context& context);

  // Joins `segments` (ascending) in a new file, each as soon as it and those before it are here.
  // With them, `also` is brought, for head(). Throws core::Error: not_found for a missing segment,
  // bad_data for one that is not MPEG-TS, is encrypted, has an EXT-X-MAP or is too short for its
  // byte range, as Remote::ask() does.
  Join join(const std::vector<std::size_t>& segments, const std::optional<Portion>& also = {});

  // At most the first `bytes` of a segment as a raw file; `complete` says whether that is all.
  struct Head {
    std::string file;
    bool complete = false;
    std::string damage;  // what is wrong with it, naming the segment; empty: nothing
  };
  Head head(const Portion& portion);

  // The size of a segment where it can be known without fetching it.
  [[nodiscard]] std::optional<std::uint64_t> known_size(std::size_t segment);

  // How many segments were fetched, wholly or partly, and how many bytes of them.
  [[nodiscard]] std::uint64_t fetched_segments() const { return used_.size(); }
  [[nodiscard]] std::uint64_t fetched_bytes() const;

 private:
  std::uint64_t append(io::JoinedFile& file, const Portion& portion, cut::TransportWatch& watch);
  std::string new_name(std::string_view stem);
  [[nodiscard]] std::string described(std::size_t segment, const std::string& damage) const;

  const io::TempDir& folder_;
  Context& context_;
  Segments segments_;
  std::map<std::size_t, std::uint64_t> used_;  // segment to bytes, of local ones
  unsigned names_ = 0;
};

}  // namespace momentcut::pipeline
