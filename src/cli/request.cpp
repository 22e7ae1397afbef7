#include "momentcut/cli/request.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/core/time.hpp"
#include "momentcut/pipeline/naming.hpp"

namespace momentcut::cli {
namespace {

using core::Error;
using core::ErrorKind;
using Found = Settings::Found;

Error bad_value(const Found& found, std::string_view wanted) {
  return {ErrorKind::usage,
          fmt::format("{}: {} is not {}", found.origin, core::quoted(found.value), wanted)};
}

std::optional<std::string> text_of(const Settings& settings, std::string_view option) {
  const auto found = settings.find(option);
  if (!found) return {};
  if (found->value.empty()) throw Error(ErrorKind::usage, found->origin + " is empty");
  return found->value;
}

std::optional<int> number_of(const Settings& settings, std::string_view option, unsigned lowest,
                             unsigned highest) {
  const auto found = settings.find(option);
  if (!found) return {};
  const auto value = core::parse_unsigned(found->value);
  if (!value || *value < lowest || *value > highest) {
    throw bad_value(*found, fmt::format("a whole number from {} to {}", lowest, highest));
  }
  return static_cast<int>(*value);
}

std::optional<core::Position> position_of(const Settings& settings, std::string_view option) {
  const auto found = settings.find(option);
  if (!found) return {};
  const auto position = core::parse_position(found->value);
  if (!position) throw bad_value(*found, fmt::format("a time; write {}", core::kPositionForms));
  return position;
}

std::optional<core::Time> length_of(const Settings& settings, std::string_view option) {
  const auto found = settings.find(option);
  if (!found) return {};
  const auto length = core::parse_length(found->value);
  if (!length || *length <= core::Time{}) {
    throw bad_value(*found, fmt::format("a length of time; write {}", core::kLengthForms));
  }
  return length;
}

std::optional<std::string> choice_of(const Settings& settings, std::string_view option) {
  const auto found = settings.find(option);
  if (!found) return {};
  const auto choices = core::split(find_option(option)->choices, ' ');
  if (std::find(choices.begin(), choices.end(), found->value) == choices.end()) {
    throw bad_value(*found, fmt::format("one of {}", fmt::join(choices, ", ")));
  }
  return found->value;
}

enum class Nearer { first, second };

// Which of two settings that exclude each other is given nearer to this call: the command line is
// nearer than the environment, and that than the file. Both at once are a mistake.
Nearer nearer_of(const Settings& settings, std::string_view first, std::string_view second) {
  const auto a = settings.find(first)->distance;
  const auto b = settings.find(second)->distance;
  if (a != b) return a < b ? Nearer::first : Nearer::second;
  throw Error(ErrorKind::usage, fmt::format("both --{} and --{} are given", first, second),
              "give one of them");
}

void read_moment(const Settings& settings, pipeline::Request& request) {
  const auto start = position_of(settings, "start");
  auto end = position_of(settings, "end");
  request.duration = length_of(settings, "duration");
  if (!start || (!end && !request.duration)) {
    throw Error(ErrorKind::usage, start ? "no end given" : "no start given",
                "momentcut [SOURCE] --start TIME --end TIME, or --duration TIME");
  }
  if (end && request.duration) {
    const auto nearer = nearer_of(settings, "end", "duration");
    if (nearer == Nearer::first) request.duration.reset();
    if (nearer == Nearer::second) end.reset();
  }
  request.start = *start;
  if (end) request.end = *end;
  const bool same_origin = !request.duration && request.start.origin == request.end.origin;
  if (same_origin && request.end.offset <= request.start.offset) {
    throw Error(ErrorKind::usage, fmt::format("the end ({} s) is not after the start ({} s)",
                                              core::format_seconds(request.end.offset),
                                              core::format_seconds(request.start.offset)));
  }
}

void read_output(const Settings& settings, Invocation& invocation) {
  auto& request = invocation.request;
  request.output = text_of(settings, "output");
  request.force = settings.flag("force");
  request.skip_existing = settings.flag("skip-existing");
  if (request.output) pipeline::check_template(*request.output);
  if (request.force && request.skip_existing) {
    request.force = nearer_of(settings, "force", "skip-existing") == Nearer::first;
    request.skip_existing = !request.force;
  }
  if (request.output == "-" && invocation.json && invocation.action == Action::cut) {
    throw Error(ErrorKind::usage, "--json and the clip cannot both go to stdout",
                "write the clip to a file");
  }
}

void read_encoding(const Settings& settings, cut::Encoding& encoding) {
  encoding.crf = number_of(settings, "crf", 0, 51).value_or(encoding.crf);
  encoding.preset = choice_of(settings, "preset").value_or(encoding.preset);
  encoding.audio_kbps = number_of(settings, "audio-bitrate", 16, 512).value_or(encoding.audio_kbps);
  encoding.threads = number_of(settings, "threads", 1, 256).value_or(encoding.threads);
}

void read_workings(const Settings& settings, pipeline::Request& request) {
  request.ffmpeg = text_of(settings, "ffmpeg").value_or(request.ffmpeg);
  request.ffprobe = text_of(settings, "ffprobe").value_or(request.ffprobe);
  const auto tmpdir = settings.environment.find("TMPDIR");
  const bool has_tmpdir = tmpdir != settings.environment.end() && !tmpdir->second.empty();
  request.temp_dir =
      text_of(settings, "temp-dir").value_or(has_tmpdir ? tmpdir->second : std::string("/tmp"));
  request.keep_temp = settings.flag("keep-temp");
  if (const auto limit = length_of(settings, "stall-timeout")) {
    request.stall_timeout = std::chrono::ceil<std::chrono::milliseconds>(*limit);
  }
}

ProgressMode progress_mode(const Settings& settings) {
  const auto choice = choice_of(settings, "progress").value_or("auto");
  if (choice == "bar") return ProgressMode::bar;
  if (choice == "plain") return ProgressMode::plain;
  if (choice == "json") return ProgressMode::json;
  return choice == "none" ? ProgressMode::none : ProgressMode::automatic;
}

int verbosity_of(const Settings& settings) {
  if (settings.flag("quiet")) return -1;
  const auto found = settings.find("verbose");
  if (found && !core::parse_unsigned(found->value)) return settings.flag("verbose") ? 1 : 0;
  return number_of(settings, "verbose", 0, 100).value_or(0);
}

}  // namespace

std::optional<Found> Settings::find(std::string_view option) const {
  if (const auto at = command_line.find(option); at != command_line.end()) {
    return Found{at->second, option == "source" ? "SOURCE" : fmt::format("--{}", option), 0};
  }
  const auto* known = find_option(option);
  if (known != nullptr && !known->everywhere) return {};
  const auto variable = environment_name(option);
  if (const auto at = environment.find(variable); at != environment.end()) {
    return Found{at->second, variable, 1};
  }
  if (const auto at = configuration.find(option); at != configuration.end()) {
    return Found{at->second, fmt::format("{} in {}", option, configuration_name), 2};
  }
  return {};
}

bool Settings::flag(std::string_view option) const {
  const auto found = find(option);
  if (!found) return false;
  const auto value = core::lowered(found->value);
  for (const auto yes : {"1", "true", "yes", "on"}) {
    if (value == yes) return true;
  }
  for (const auto no : {"", "0", "false", "no", "off"}) {
    if (value == no) return false;
  }
  throw bad_value(*found, "yes or no");
}

ConfigurationFile configuration_file(const Settings& settings) {
  if (const auto given = text_of(settings, "config")) return {*given, true};
  const auto variable = [&](std::string_view name) -> std::string {
    const auto at = settings.environment.find(name);
    return at == settings.environment.end() ? "" : at->second;
  };
  if (const auto xdg = variable("XDG_CONFIG_HOME"); !xdg.empty()) {
    return {xdg + "/momentcut/config.toml", false};
  }
  const auto home = variable("HOME");
  return {home.empty() ? "" : home + "/.config/momentcut/config.toml", false};
}

Invocation make_invocation(const Settings& settings) {
  Invocation invocation;
  const bool inspect = settings.flag("inspect");
  const bool plan = settings.flag("dry-run");
  if (inspect && plan) {
    throw Error(ErrorKind::usage, "both --inspect and --dry-run are given", "give one of them");
  }
  invocation.action = inspect ? Action::inspect : plan ? Action::plan : Action::cut;
  invocation.json = settings.flag("json");
  invocation.verbosity = verbosity_of(settings);
  invocation.progress = progress_mode(settings);
  auto& request = invocation.request;
  request.source = text_of(settings, "source");
  request.rendition = text_of(settings, "rendition");
  request.want_digest = invocation.json;
  if (!inspect) read_moment(settings, request);
  read_output(settings, invocation);
  read_encoding(settings, request.encoding);
  read_workings(settings, request);
  return invocation;
}

}  // namespace momentcut::cli
