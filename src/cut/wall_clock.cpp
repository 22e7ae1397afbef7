#include "momentcut/cut/wall_clock.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"

namespace momentcut::cut {
namespace {

using core::Error;
using core::ErrorKind;
using core::WallTime;

// Dates are written in milliseconds; stretches as near as this are one.
constexpr core::Time kRounding = std::chrono::milliseconds(50);

struct Stretch {
  WallTime start, end;
};

// The stretches of wall-clock time that the segments cover, in playlist order.
std::vector<Stretch> covered(std::span<const core::Span> spans, std::span<const Dating> dates) {
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (!dates[i].start || spans[i].gap) continue;
    const auto start = *dates[i].start;
    const bool follows =
        !stretches.empty() && std::chrono::abs(start - stretches.back().end) <= kRounding;
    if (!follows) stretches.push_back({start, start});
    stretches.back().end = start + spans[i].duration;
  }
  return stretches;
}

// The segment with a tag from which the date of `segment` was reckoned.
std::size_t tagged_near(std::size_t segment, std::span<const core::Span> spans,
                        std::span<const Dating> dates) {
  for (auto i = segment + 1; i-- > 0 && spans[i].run == spans[segment].run;) {
    if (dates[i].tag) return i;
  }
  auto after = segment;
  while (after + 1 < dates.size() && !dates[after].tag) ++after;
  return after;
}

Error uncovered(WallTime wall, const std::vector<Stretch>& stretches) {
  if (stretches.empty()) {
    return {ErrorKind::not_found,
            fmt::format("the recording has no dates, and so no {}", core::format_wall_time(wall)),
            "count from its beginning: --start 60"};
  }
  const Stretch* before = nullptr;
  const Stretch* after = nullptr;
  for (const auto& stretch : stretches) {
    if (stretch.end <= wall && (before == nullptr || stretch.end > before->end)) before = &stretch;
    if (stretch.start > wall && (after == nullptr || stretch.start < after->start)) {
      after = &stretch;
    }
  }
  std::string nearest = "the nearest times that it covers are ";
  if (before != nullptr) nearest += "up to " + core::format_wall_time(before->end);
  if (before != nullptr && after != nullptr) nearest += " and ";
  if (after != nullptr) nearest += "from " + core::format_wall_time(after->start) + " on";
  return {ErrorKind::not_found,
          fmt::format("{} is not in the recording", core::format_wall_time(wall)), nearest};
}

}  // namespace

WallPlace place_of(WallTime wall, bool is_end, std::span<const core::Span> spans,
                   std::span<const Dating> dates) {
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (!dates[i].start || spans[i].gap) continue;
    const auto start = *dates[i].start;
    const auto end = start + spans[i].duration;
    const bool within = is_end ? wall > start && wall <= end : wall >= start && wall < end;
    if (!within) continue;
    const auto from = tagged_near(i, spans, dates);
    return {from, wall - dates[from].tag.value_or(start)};
  }
  // Between two segments whose dates were rounded.
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (!dates[i].start || spans[i].gap) continue;
    const auto end = *dates[i].start + spans[i].duration;
    if (wall < end || wall - end > kRounding) continue;
    const auto from = tagged_near(i, spans, dates);
    return {from, wall - dates[from].tag.value_or(*dates[i].start)};
  }
  throw uncovered(wall, covered(spans, dates));
}

std::optional<DatedPlace> date_near(core::Time time, std::span<const core::Span> spans,
                                    std::span<const Dating> dates) {
  for (auto i = spans.size(); i-- > 0;) {
    if (spans[i].start > time) continue;
    if (!dates[i].start) return {};
    const auto from = tagged_near(i, spans, dates);
    return DatedPlace{from, dates[from].tag.value_or(*dates[i].start)};
  }
  return {};
}

}  // namespace momentcut::cut
