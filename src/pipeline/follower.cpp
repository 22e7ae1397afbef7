#include "momentcut/pipeline/follower.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/hls/grow.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

// One of several servers behind a name may be late for a moment.
constexpr unsigned kMostBackwards = 3;
constexpr int kStallIntervals = 3;

}  // namespace

Follower::Follower(const Entry& entry, Rendition& rendition, Remote& remote, Context& context)
    : entry_(entry),
      rendition_(rendition),
      remote_(remote),
      context_(context),
      sequence_(rendition.media.media_sequence),
      loaded_(Clock::now()),
      grown_(loaded_) {}

void Follower::check_stall() const {
  const auto limit = std::max<Clock::duration>(
      context_.stall_timeout(), kStallIntervals * hls::reload_interval(rendition_.media, true));
  if (Clock::now() - grown_ < limit) return;
  throw Error(ErrorKind::temporary,
              fmt::format("{} has not grown for {} s",
                          core::quoted(core::redacted(rendition_.location.text), 400),
                          std::chrono::duration_cast<std::chrono::seconds>(limit).count()),
              "the stream stands still; try again later, or allow more with --stall-timeout");
}

bool Follower::reload(Clock::time_point deadline) {
  const auto due = loaded_ + hls::reload_interval(rendition_.media, grew_);
  context_.interrupt().sleep_until(std::min(due, deadline));
  loaded_ = Clock::now();
  const auto fresh = load_again(entry_, rendition_, remote_);
  const bool is_older = fresh.media_sequence < sequence_;
  backwards_ = is_older ? backwards_ + 1 : 0;
  if (backwards_ >= kMostBackwards) {
    throw Error(ErrorKind::protocol,
                fmt::format("the media sequence of {} runs backwards, from {} to {}",
                            core::quoted(core::redacted(rendition_.location.text), 400), sequence_,
                            fresh.media_sequence),
                "the stream was begun anew; cut it as it is now");
  }
  hls::Growth growth;
  if (!is_older) {
    sequence_ = fresh.media_sequence;
    growth = hls::grow(rendition_.media, fresh);
  }
  if (growth.lost > 0) {
    throw Error(
        ErrorKind::temporary,
        fmt::format("{} left {} before it could be seen", core::counted(growth.lost, "segment"),
                    core::quoted(core::redacted(rendition_.location.text), 400)),
        "the playlist's window is too short for this connection; try again");
  }
  grew_ = growth.added > 0;
  if (grew_) grown_ = loaded_;
  if (!grew_ && !ended()) check_stall();
  return grew_;
}

}  // namespace momentcut::pipeline
