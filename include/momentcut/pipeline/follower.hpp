// Follows a live playlist: loads it again when it is time to, and keeps what it has shown.
#pragma once

#include <chrono>
#include <cstdint>

#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/remote.hpp"
#include "momentcut/pipeline/source.hpp"

namespace momentcut::pipeline {

class Follower {
 public:
  // `rendition` is what was loaded just now, and what grows.
  Follower(const Entry& entry, Rendition& rendition, Remote& remote, Context& context);

  // Whether nothing more will come.
  [[nodiscard]] bool ended() const { return rendition_.media.endlist; }

  // Waits until the playlist is due (hls::reload_interval), at most until `deadline`, and loads it;
  // whether that brought a segment. Throws core::Error: temporary where the playlist has not grown
  // for three target durations and the stall timeout, or where segments left it before they were
  // seen; protocol where its media sequence number keeps running backwards; as Remote::ask() does.
  using Clock = std::chrono::steady_clock;
  bool reload(Clock::time_point deadline);

 private:
  void check_stall() const;

  const Entry& entry_;
  Rendition& rendition_;
  Remote& remote_;
  Context& context_;
  std::uint64_t sequence_;  // of the last load's first segment
  unsigned backwards_ = 0;  // loads in a row that were older than one before
  bool grew_ = true;
  Clock::time_point loaded_;
  Clock::time_point grown_;
};

}  // namespace momentcut::pipeline
