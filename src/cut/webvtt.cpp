#include "momentcut/cut/webvtt.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/cut/timeline.hpp"

namespace momentcut::cut {
namespace {

using namespace std::chrono_literals;
using core::Error;
using core::ErrorKind;

constexpr std::string_view kMagic = "WEBVTT";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kArrow = "-->";
constexpr std::string_view kMap = "X-TIMESTAMP-MAP=";
constexpr std::uint64_t kMostTicks = std::numeric_limits<std::int64_t>::max();

// Lines end in "\n", "\r\n" or "\r".
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  std::optional<std::string_view> next() {
    if (rest_.empty()) return {};
    const auto end = rest_.find_first_of("\r\n");
    const auto line = rest_.substr(0, end);
    if (end == std::string_view::npos) {
      rest_ = {};
    } else {
      rest_.remove_prefix(end + (rest_.substr(end).starts_with("\r\n") ? 2 : 1));
    }
    return line;
  }

 private:
  std::string_view rest_;
};

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

// "[hours:]mm:ss.ttt"; hours have two digits or more.
std::optional<core::Time> parse_timestamp(std::string_view text) {
  const auto parts = core::split(text, ':');
  if (parts.size() < 2 || parts.size() > 3) return {};
  const auto seconds = parts.back();
  const auto minutes = parts[parts.size() - 2];
  if (seconds.size() != 6 || seconds[2] != '.' || minutes.size() != 2) return {};
  if (parts.size() == 3 && (parts[0].size() < 2 || parts[0].size() > 6)) return {};
  const auto h = parts.size() == 3 ? core::parse_unsigned(parts[0]) : 0;
  const auto m = core::parse_unsigned(minutes);
  const auto s = core::parse_unsigned(seconds.substr(0, 2));
  const auto ms = core::parse_unsigned(seconds.substr(3));
  if (!h || !m || !s || !ms || *m > 59 || *s > 59) return {};
  return core::Time(*h * 1h + *m * 1min + *s * 1s + *ms * 1ms);
}

// "start --> end settings"
std::optional<std::pair<core::Time, core::Time>> parse_timings(std::string_view line) {
  const auto arrow = line.find(kArrow);
  const auto start = parse_timestamp(core::trimmed(line.substr(0, arrow)));
  const auto after = core::trimmed(line.substr(arrow + kArrow.size()));
  const auto end = parse_timestamp(
      after.substr(0, static_cast<std::size_t>(std::find_if(after.begin(), after.end(), is_space) -
                                               after.begin())));
  if (!start || !end || *end <= *start) return {};
  return std::pair(*start, *end);
}

void read_map(std::string_view value, WebVtt& file) {
  std::optional<core::Time> local;
  std::optional<std::uint64_t> mpegts;
  for (const auto part : core::split(value, ',')) {
    const auto colon = part.find(':');
    if (colon == std::string_view::npos) continue;
    const auto name = core::trimmed(part.substr(0, colon));
    const auto said = core::trimmed(part.substr(colon + 1));
    if (name == "LOCAL") local = parse_timestamp(said);
    if (name == "MPEGTS") mpegts = core::parse_unsigned(said);
  }
  if (!local || !mpegts || *mpegts > kMostTicks) {
    throw Error(ErrorKind::bad_data,
                "cannot read X-TIMESTAMP-MAP " + core::quoted(core::printable(value)),
                "it is to be LOCAL:00:00:00.000,MPEGTS:900000");
  }
  file.local = *local;
  file.mpegts = static_cast<std::int64_t>(*mpegts) % kTransportTurn;
}

// The text of a cue, up to an empty line. A line of timings begins the next cue without one, and is
// returned.
std::optional<std::string_view> read_text(Lines& lines, std::string& text) {
  while (const auto line = lines.next()) {
    if (line->empty()) return {};
    if (line->find(kArrow) != std::string_view::npos) return line;
    if (!text.empty()) text += '\n';
    text += *line;
  }
  return {};
}

// Each text once for as long as it is shown without a pause, ordered by when it begins.
std::vector<Cue> without_repeats(std::vector<Cue> cues) {
  const auto by_text = [](const Cue& a, const Cue& b) {
    return std::tie(a.text, a.start) < std::tie(b.text, b.start);
  };
  std::stable_sort(cues.begin(), cues.end(), by_text);
  std::vector<Cue> once;
  for (auto& cue : cues) {
    if (!once.empty() && once.back().text == cue.text && cue.start <= once.back().end) {
      once.back().end = std::max(once.back().end, cue.end);
    } else {
      once.push_back(std::move(cue));
    }
  }
  std::stable_sort(once.begin(), once.end(),
                   [](const Cue& a, const Cue& b) { return a.start < b.start; });
  return once;
}

std::string timestamp_of(core::Time time) {
  const auto ms = std::chrono::round<std::chrono::milliseconds>(time).count();
  return fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60,
                     ms % 1000);
}

}  // namespace

WebVtt parse_webvtt(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  Lines lines(text);
  const auto first = lines.next().value_or("");
  if (!first.starts_with(kMagic) ||
      (first.size() > kMagic.size() && !is_space(first[kMagic.size()]))) {
    throw Error(ErrorKind::bad_data, "it is not WebVTT", "only WebVTT subtitles can be taken");
  }
  WebVtt file;
  std::optional<std::string_view> line;
  bool in_header = true;
  while (line || (line = lines.next())) {
    if (in_header && line->starts_with(kMap)) read_map(line->substr(kMap.size()), file);
    if (line->empty()) in_header = false;
    if (line->find(kArrow) == std::string_view::npos) {
      line.reset();
      continue;
    }
    in_header = false;
    const auto timings = parse_timings(*line);
    Cue cue;
    line = read_text(lines, cue.text);
    if (!timings || cue.text.empty()) continue;
    std::tie(cue.start, cue.end) = *timings;
    file.cues.push_back(std::move(cue));
  }
  return file;
}

std::vector<Cue> cues_in(const std::vector<Cue>& cues, const core::Range& range,
                         core::Time offset) {
  const auto told = [&](core::Time time) {
    return std::chrono::round<std::chrono::milliseconds>(std::clamp(time, range.start, range.end) -
                                                         range.start + offset);
  };
  std::vector<Cue> shown;
  for (const auto& cue : cues) {
    const auto start = told(cue.start);
    const auto end = told(cue.end);
    if (start < end) shown.push_back({start, end, cue.text});
  }
  return shown;
}

std::vector<Cue> flattened(std::vector<Cue> cues) {
  cues = without_repeats(std::move(cues));
  std::set<core::Time> borders;
  for (const auto& cue : cues) {
    borders.insert(cue.start);
    borders.insert(cue.end);
  }
  std::vector<Cue> flat;
  std::vector<const Cue*> active;
  auto next = cues.begin();
  for (auto border = borders.begin(); border != borders.end(); ++border) {
    std::erase_if(active, [&](const Cue* cue) { return cue->end <= *border; });
    for (; next != cues.end() && next->start <= *border; ++next) active.push_back(&*next);
    const auto after = std::next(border);
    if (active.empty() || after == borders.end()) continue;
    std::string text;
    for (const auto* cue : active) text += (text.empty() ? "" : "\n") + cue->text;
    if (!flat.empty() && flat.back().end == *border && flat.back().text == text) {
      flat.back().end = *after;
    } else {
      flat.push_back({*border, *after, std::move(text)});
    }
  }
  return flat;
}

std::string to_webvtt(const std::vector<Cue>& cues) {
  std::string text(kMagic);
  text += '\n';
  for (const auto& cue : cues) {
    text += fmt::format("\n{} {} {}\n{}\n", timestamp_of(cue.start), kArrow, timestamp_of(cue.end),
                        cue.text);
  }
  return text;
}

}  // namespace momentcut::cut
