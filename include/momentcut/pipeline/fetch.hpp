// Brings segments here: the joins that ffprobe and ffmpeg read.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "momentcut/core/media.hpp"
#include "momentcut/cut/ffmpeg.hpp"
#include "momentcut/cut/segment_format.hpp"
#include "momentcut/hls/playlist.hpp"
#include "momentcut/io/files.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/remote.hpp"
#include "momentcut/pipeline/segments.hpp"
#include "momentcut/pipeline/source.hpp"

namespace momentcut::pipeline {

// Segments of one run, in the clear and byte for byte one after the other, without the ID3 tags of
// packed audio, behind their initialization section if they have one, in a file of our own naming.
struct Join {
  std::string file;  // the raw join
  std::string list;  // the ffconcat list that holds it
  cut::SegmentFormat format;
  // Of packed audio, when its first sample is heard, in ticks of 90 kHz.
  std::optional<std::int64_t> timestamp;
  // By how much ffmpeg has the video late, in the video's ticks (cut::FragmentWatch::shift).
  std::int64_t shift = 0;
  std::vector<std::size_t> segments;  // indices into the playlist's segments
  std::vector<std::int64_t> offsets;  // where each of them begins in the file
  std::vector<std::string> damages;   // what is wrong with each, naming it; empty: nothing
  bool cut_short = false;             // the last of them is not here to its end

  [[nodiscard]] cut::Input input() const { return {list, format.demuxer}; }
};

// The playlist's segments as the cut room sees them. A run ends at a discontinuity, and where the
// initialization section becomes another one.
std::vector<core::Span> spans_of(const hls::MediaPlaylist& playlist);

// Fetches from one media playlist into one folder.
class Fetcher {
 public:
  // `name` tells its files from those of other renditions in the same folder.
  Fetcher(const Rendition& rendition, const std::string& name, Remote& remote,
          const io::TempDir& folder, Context& context);

  // Brings portions for later calls, beside each other.
  void bring(const std::vector<Portion>& portions) { segments_.bring(portions); }

  // The same; those that are missing are no error, and told.
  std::vector<std::size_t> bring_what_is_there(const std::vector<Portion>& portions) {
    return segments_.bring_what_is_there(portions);
  }

  // Whether a part of a segment can be read as media by itself: it has no index that speaks of the
  // rest.
  [[nodiscard]] bool readable_in_part(std::size_t segment) const;

  // Joins `segments` (ascending, of one run) in a new file, each as soon as it and those before it
  // are here; of the last one, at most `most_of_last` bytes. With them, `also` is brought, for
  // head(). Throws core::Error: not_found for a missing segment, bad_data for one that is in no
  // format that can be read, cannot be decrypted or is too short for its byte range, as
  // Remote::ask() does.
  Join join(const std::vector<std::size_t>& segments, std::uint64_t most_of_last = Portion::kAll,
            const std::optional<Portion>& also = {});

  // At most the first `bytes` of a segment as a raw file, behind its initialization section;
  // `complete` says whether that is all.
  struct Head {
    std::string file;
    cut::SegmentFormat format;              // unknown where they end within packed audio's ID3 tag
    std::optional<std::int64_t> timestamp;  // as a Join's
    std::int64_t shift = 0;                 // likewise
    bool complete = false;
    std::string damage;  // what is wrong with it, naming the segment; empty: nothing
  };
  Head head(const Portion& portion);

  // A whole segment, in the clear. Throws core::Error(bad_data) for one larger than `most` bytes,
  // and as join() does.
  std::string content(std::size_t segment, std::uint64_t most);

  // What errors call a segment.
  [[nodiscard]] std::string where(std::size_t segment) const { return segments_.where(segment); }

  // The size of a segment where it can be known without fetching it.
  [[nodiscard]] std::optional<std::uint64_t> known_size(std::size_t segment);

  // How many segments were fetched, wholly or partly, and how many bytes of them.
  [[nodiscard]] std::uint64_t fetched_segments() const { return used_.size(); }
  [[nodiscard]] std::uint64_t fetched_bytes() const;

 private:
  struct Appended {
    std::uint64_t read = 0;     // bytes as they were fetched
    std::uint64_t written = 0;  // in the clear, without packed audio's ID3 tag
    bool whole = false;         // the segment ended
  };
  Appended append(io::JoinedFile& file, const Portion& portion, cut::SegmentWatch& watch);
  Appended decrypt(const Portion& portion, const std::function<void(std::string_view)>& take);
  std::string new_name();
  void require_same(const cut::SegmentFormat& format, const Join& join, std::size_t segment);
  [[nodiscard]] std::string described(std::size_t segment, const std::string& damage) const;

  const Rendition& source_;
  std::string name_;
  const io::TempDir& folder_;
  Context& context_;
  Segments segments_;
  std::map<std::size_t, std::uint64_t> used_;  // segment to bytes, of local ones
  unsigned names_ = 0;
};

}  // namespace momentcut::pipeline
