// What a cut and its dry run stand on: the source, what is fetched of it, and its timeline.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "momentcut/core/time.hpp"
#include "momentcut/cut/wall_clock.hpp"
#include "momentcut/io/files.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/fetch.hpp"
#include "momentcut/pipeline/follower.hpp"
#include "momentcut/pipeline/measure.hpp"
#include "momentcut/pipeline/receipt.hpp"
#include "momentcut/pipeline/remote.hpp"
#include "momentcut/pipeline/request.hpp"
#include "momentcut/pipeline/side_timeline.hpp"
#include "momentcut/pipeline/source.hpp"
#include "momentcut/pipeline/timeline_meter.hpp"
#include "momentcut/pipeline/tools.hpp"

namespace momentcut::pipeline {

class Workbench {
 public:
  // Loads the source. Throws as choose_rendition() does.
  Workbench(const Request& request, Context& context);

  [[nodiscard]] const Tools& tools() { return tools_.tools(); }
  [[nodiscard]] Remote& remote() { return remote_; }
  [[nodiscard]] const Source& source() const { return source_; }

  // The range asked for, on the recording's timeline. Throws core::Error: usage where it ends
  // before it begins, not_found where it begins before the recording does.
  core::Range range();

  // The UTC date of a moment, by PROGRAM-DATE-TIME; nullopt: not known.
  std::optional<core::WallTime> date_of(core::Time time);
  // The same for a name, else of the recording's beginning.
  std::optional<core::WallTime> rough_date_of(core::Time time);

  // Where temporary files go.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

  // The cut of `range`, as measure_cut(); of a live stream, what is not there yet is waited for if
  // the request says so. Throws core::Error(temporary) otherwise, and where it does not come in
  // time.
  MeasuredCut measure(const core::Range& range, std::size_t lead);

  // The least that has to be decoded for `frames` of a cut of one piece, where `key` is an IDR
  // picture at or before them: as spliced() in files of that name, else as shortened().
  std::optional<Decoded> decodable(const MeasuredCut& cut, const cut::FrameCut& frames,
                                   std::int64_t key, const std::string& name);

  // The subtitles of `cut`, in a file that lasts as long as this; nullopt: none are wanted or none
  // are shown in it. To be asked for once.
  std::optional<cut::Subtitles> subtitles(const MeasuredCut& cut);

  // What the cut needs, the video's segments first.
  std::vector<PlannedSegment> segments_of(const MeasuredCut& cut);

  // How many segments were fetched, wholly or partly, and how many bytes of them.
  [[nodiscard]] std::uint64_t fetched_segments() const;
  [[nodiscard]] std::uint64_t fetched_bytes() const;

 private:
  core::Time resolved(const core::Position& position, bool is_end);
  core::Time resolved(core::WallTime wall, bool is_end);
  [[nodiscard]] std::vector<cut::Dating> dates() const;
  TimelineMeter& timeline();
  SideTimeline* audio_timeline();
  [[nodiscard]] std::vector<const Fetcher*> fetchers() const;
  [[nodiscard]] bool ended() const;
  [[nodiscard]] core::Time promised() const;
  void await(const core::Range& range);
  void load_more(const core::Range& range);
  void bring_what_is_there(const core::Range& range);
  void bring(Rendition& rendition, Fetcher& fetcher, const core::Range& range);

  const Request& request_;
  Context& context_;
  ToolCheck tools_;  // answers while the source is loaded and fetched
  Remote remote_;
  Source source_;
  std::optional<Follower> follower_, audio_follower_;  // of a live stream
  Follower::Clock::time_point deadline_;               // for waiting
  io::TempDir folder_;
  Fetcher fetcher_;
  std::optional<Fetcher> audio_fetcher_, subtitle_fetcher_;
  // Made anew when the playlists have grown.
  std::optional<TimelineMeter> timeline_;
  std::optional<SideTimeline> audio_;
  std::vector<PlannedSegment> subtitle_segments_;  // that were read
};

}  // namespace momentcut::pipeline
