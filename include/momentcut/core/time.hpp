// Playlist time and wall-clock time: their types, and their texts.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace momentcut::core {

// Seconds of presentation in whole microseconds; what a playlist and a user say. Media timestamps
// are not Times: they stay in ticks of their own time base (core/media).
using Time = std::chrono::microseconds;

// A moment of UTC.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

// Half-open: [start, end).
struct Range {
  Time start{};
  Time end{};

  [[nodiscard]] constexpr Time duration() const { return end - start; }
  friend bool operator==(const Range&, const Range&) = default;
};

// A time as a user gives it: counted from the start of the recording, or back from its end (then
// `offset` is zero or negative), or by the clock on the wall.
struct Position {
  enum class Origin { start, end, wall };
  Origin origin = Origin::start;
  Time offset{};
  WallTime wall{};  // with Origin::wall

  friend bool operator==(const Position&, const Position&) = default;
};

// The forms of a position and of a length that are understood, for messages and help.
inline constexpr std::string_view kPositionForms =
    "90, 90.25, 1:30, 1:02:03.5, 1h2m3s, 90s, 250ms, -30 (from the end), end or "
    "2020-08-03T16:25:00Z";
inline constexpr std::string_view kLengthForms = "90, 90.25, 1:30, 1:02:03.5, 1h2m3s, 90s or 250ms";

// A non-negative decimal number of seconds: digits, optionally a point and more digits (rounded to
// the microsecond). No sign, exponent, space, NaN or infinity; nullopt for those and on overflow.
std::optional<Time> parse_seconds(std::string_view text);

// A length of time in one of kLengthForms; nullopt otherwise. Minutes and seconds after a colon
// stay below 60. At most 10,000 hours.
std::optional<Time> parse_length(std::string_view text);

// A position in one of kPositionForms; nullopt otherwise. A date needs a zone: whose local time is
// meant can only be guessed.
std::optional<Position> parse_position(std::string_view text);

// Whether `text` is a date and time without a zone.
bool is_date_without_zone(std::string_view text);

// Seconds with up to six decimals and no trailing zeros: "90.25", "-0.5", "60".
std::string format_seconds(Time time);

// Hours, minutes, seconds, milliseconds for people: "0:01:30.250", "1:02:03".
std::string format_timecode(Time time);

// The same in characters that every file system takes: "00h01m30.250s".
std::string format_filename_time(Time time);

// ISO 8601 date and time with a zone, as RFC 8216 §4.3.2.6 asks (extended or basic form, "Z",
// "+hh:mm", "+hhmm" or "+hh"); a missing zone is taken as UTC, as the reference players do. Decimal
// fractions of a second; a leap second (60) is the next second. nullopt when it is no such text.
std::optional<WallTime> parse_wall_time(std::string_view text);

// "2020-08-03T16:21:25.146Z", always UTC, with milliseconds, or microseconds where there are any.
std::string format_wall_time(WallTime time);

}  // namespace momentcut::core
