#include "momentcut/core/time.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "momentcut/core/text.hpp"

namespace momentcut::core {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Time kLongest = hours(10'000);
constexpr std::int64_t kMicro = 1'000'000;

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The digits after the decimal point as microseconds, rounded half up.
std::int64_t fraction_microseconds(std::string_view digits) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < 6; ++i)
    value = value * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return digits.size() > 6 && digits[6] >= '5' ? value + 1 : value;
}

// "1:30" and "1:02:03.5": the fields after the first are below 60.
std::optional<Time> parse_colons(std::string_view text) {
  const auto fields = split(text, ':');
  if (fields.size() > 3) return {};
  Time total{};
  for (std::size_t i = 0; i + 1 < fields.size(); ++i) {
    const auto value = parse_unsigned(fields[i]);
    if (!value || *value > 600'000 || (i > 0 && *value >= 60)) return {};
    total = total * 60 + minutes(static_cast<std::int64_t>(*value));
  }
  const auto last = parse_seconds(fields.back());
  if (!last || *last >= seconds(60)) return {};
  return total + *last;
}

// "1h2m3s", "90s", "250ms": units in falling order, each once; a fraction in the last field only.
std::optional<Time> parse_units(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t per_second_numerator, per_second_denominator;
  };
  static constexpr std::array<Unit, 4> kUnits{
      {{"h", 3600, 1}, {"m", 60, 1}, {"s", 1, 1}, {"ms", 1, 1000}}};
  Time total{};
  std::size_t next_unit = 0;
  while (!text.empty()) {
    const auto number_length = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto number = parse_seconds(text.substr(0, number_length));
    text.remove_prefix(number_length);
    const auto name = text.substr(0, std::min(text.find_first_of("0123456789."), text.size()));
    text.remove_prefix(name.size());
    const auto* unit = std::find_if(kUnits.begin() + static_cast<std::ptrdiff_t>(next_unit),
                                    kUnits.end(), [&](const Unit& u) { return u.name == name; });
    if (!number || unit == kUnits.end()) return {};
    if (!text.empty() && *number % seconds(1) != Time{}) return {};
    next_unit = static_cast<std::size_t>(unit - kUnits.begin()) + 1;
    // Bounded before it is scaled, so that nothing overflows.
    if (*number > kLongest * unit->per_second_denominator / unit->per_second_numerator) return {};
    total += *number * unit->per_second_numerator / unit->per_second_denominator;
    if (total > kLongest) return {};
  }
  return total;
}

struct Clock {
  std::int64_t hours, minutes, seconds, milliseconds;
};

Clock split_clock(Time time) {
  const auto ms = (time.count() + 500) / 1000;
  return {ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000};
}

std::string milliseconds_suffix(std::int64_t ms) {
  return ms == 0 ? "" : fmt::format(".{:03}", ms);
}

// Reads fixed-width digit fields off the front of a text.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : rest_(text) {}

  std::optional<int> digits(std::size_t count) {
    if (rest_.size() < count || !all_digits(rest_.substr(0, count))) return {};
    int value = 0;
    for (const char c : rest_.substr(0, count)) value = value * 10 + (c - '0');
    rest_.remove_prefix(count);
    return value;
  }
  bool skip(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view leading_digits() {
    const auto found =
        rest_.substr(0, std::min(rest_.find_first_not_of("0123456789"), rest_.size()));
    rest_.remove_prefix(found.size());
    return found;
  }
  [[nodiscard]] char front() const { return rest_.empty() ? '\0' : rest_.front(); }
  [[nodiscard]] bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

// "Z", "+hh:mm", "+hhmm", "+hh" or nothing, to the end of the text.
std::optional<minutes> parse_zone(FieldReader& in) {
  if (in.done()) return minutes(0);
  if (in.skip("Zz")) return in.done() ? std::optional(minutes(0)) : std::nullopt;
  const bool west = in.front() == '-';
  if (!in.skip("+-")) return {};
  const auto zone_hours = in.digits(2);
  if (!zone_hours || *zone_hours > 23) return {};
  auto offset = minutes(*zone_hours * 60);
  if (!in.done()) {
    in.skip(":");
    const auto zone_minutes = in.digits(2);
    if (!zone_minutes || *zone_minutes > 59 || !in.done()) return {};
    offset += minutes(*zone_minutes);
  }
  return west ? -offset : offset;
}

}  // namespace

std::optional<Time> parse_seconds(std::string_view text) {
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto fraction = point == std::string_view::npos ? "" : text.substr(point + 1);
  if (whole.empty() && fraction.empty()) return {};
  if (!whole.empty() && !all_digits(whole)) return {};
  if (!fraction.empty() && !all_digits(fraction)) return {};
  const auto value = whole.empty() ? std::optional<std::uint64_t>(0) : parse_unsigned(whole);
  // Nine thousand years of microseconds fit; anything near the limit is an overflow, not a time.
  if (!value || *value > 1'000'000'000'000ULL) return {};
  return Time(static_cast<std::int64_t>(*value) * kMicro + fraction_microseconds(fraction));
}

std::optional<Time> parse_length(std::string_view text) {
  std::optional<Time> length;
  if (text.find(':') != std::string_view::npos) {
    length = parse_colons(text);
  } else if (text.find_first_of("hms") != std::string_view::npos) {
    length = parse_units(text);
  } else {
    length = parse_seconds(text);
  }
  return length && *length <= kLongest ? length : std::nullopt;
}

// After the hour, where no date has a sign: "Z", "+02:00", "-0700".
static bool has_zone(std::string_view text) {
  const auto time = text.substr(std::min(text.size(), text.find_first_of("Tt ")));
  return time.find_first_of("Zz+-") != std::string_view::npos;
}

bool is_date_without_zone(std::string_view text) {
  return !has_zone(text) && parse_wall_time(text).has_value();
}

std::optional<Position> parse_position(std::string_view text) {
  if (text == "end") return Position{Position::Origin::end, Time{}, {}};
  if (const auto wall = parse_wall_time(text); wall && has_zone(text)) {
    return Position{Position::Origin::wall, Time{}, *wall};
  }
  const bool from_end = text.starts_with('-');
  if (from_end) text.remove_prefix(1);
  const auto length = parse_length(text);
  if (!length) return {};
  if (from_end) return Position{Position::Origin::end, -*length, {}};
  return Position{Position::Origin::start, *length, {}};
}

std::string format_seconds(Time time) {
  const auto count = time.count();
  const auto magnitude =
      count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  std::string out = fmt::format("{}{}", count < 0 ? "-" : "", magnitude / kMicro);
  if (const auto fraction = magnitude % kMicro; fraction != 0) {
    out += fmt::format(".{:06}", fraction);
    out.erase(out.find_last_not_of('0') + 1);
  }
  return out;
}

std::string format_timecode(Time time) {
  if (time < Time{}) return "-" + format_timecode(-time);
  const auto [h, m, s, ms] = split_clock(time);
  return fmt::format("{}:{:02}:{:02}{}", h, m, s, milliseconds_suffix(ms));
}

std::string format_filename_time(Time time) {
  const auto [h, m, s, ms] = split_clock(std::max(time, Time{}));
  return fmt::format("{:02}h{:02}m{:02}{}s", h, m, s, milliseconds_suffix(ms));
}

std::optional<WallTime> parse_wall_time(std::string_view text) {
  FieldReader in(text);
  const auto year = in.digits(4);
  const bool extended = in.skip("-");
  const auto month = in.digits(2);
  if (extended && !in.skip("-")) return {};
  const auto day = in.digits(2);
  if (!year || !month || !day || !in.skip("Tt ")) return {};
  const auto hour = in.digits(2);
  in.skip(":");
  const auto minute = in.digits(2);
  if (!hour || !minute || *hour > 24 || *minute > 59) return {};
  int second = 0;
  std::int64_t fraction = 0;
  if (in.front() == ':' || (in.front() >= '0' && in.front() <= '9')) {
    in.skip(":");
    const auto value = in.digits(2);
    if (!value || *value > 60) return {};
    second = *value;
    if (in.skip(".,")) {
      const auto digits = in.leading_digits();
      if (digits.empty()) return {};
      fraction = fraction_microseconds(digits);
    }
  }
  const auto zone = parse_zone(in);
  if (!zone) return {};
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || (*hour == 24 && (*minute != 0 || second != 0 || fraction != 0))) return {};
  return WallTime(std::chrono::sys_days(date)) + hours(*hour) + minutes(*minute) + seconds(second) +
         Time(fraction) - *zone;
}

std::string format_wall_time(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto of_day = (time - day).count();
  const auto fraction = of_day % kMicro;
  const auto s = of_day / kMicro;
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
                                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                static_cast<unsigned>(date.day()), s / 3600, s / 60 % 60, s % 60);
  out += fraction % 1000 == 0 ? fmt::format(".{:03}Z", fraction / 1000)
                              : fmt::format(".{:06}Z", fraction);
  return out;
}

}  // namespace momentcut::core
