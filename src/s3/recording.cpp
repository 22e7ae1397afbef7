#include "momentcut/s3/recording.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::s3 {
namespace {

using Json = nlohmann::json;
using core::Error;
using core::ErrorKind;

class EventReader {
 public:
  EventReader(std::string_view json, std::string_view name)
      : name_(name), event_(Json::parse(json, nullptr, /*allow_exceptions=*/false)) {
    if (!event_.is_object()) refuse("it is not a JSON object");
  }

  RecordingEvent read() const {
    RecordingEvent out;
    out.state = state();
    out.started_at = time("recording_started_at");
    out.ended_at = time("recording_ended_at");
    out.channel_arn = text(event_, "channel_arn");
    const auto media = event_.find("media");
    if (media == event_.end()) return out;
    if (!media->is_object()) refuse("media is not an object");
    const auto hls = media->find("hls");
    if (hls == media->end()) return out;
    if (!hls->is_object()) refuse("media.hls is not an object");
    read_hls(*hls, out);
    return out;
  }

 private:
  [[noreturn]] void refuse(std::string_view reason) const {
    throw Error(ErrorKind::bad_data,
                fmt::format("{} is not a recording event: {}", core::quoted(name_, 400), reason));
  }

  std::string text(const Json& object, const char* member) const {
    const auto found = object.find(member);
    if (found == object.end() || found->is_null()) return {};
    if (!found->is_string()) refuse(fmt::format("{} is not a string", member));
    return found->get<std::string>();
  }

  std::uint32_t number(const Json& object, const char* member) const {
    const auto found = object.find(member);
    if (found == object.end() || !found->is_number_unsigned()) return 0;
    const auto value = found->get<std::uint64_t>();
    return value <= 100'000 ? static_cast<std::uint32_t>(value) : 0;
  }

  std::optional<core::WallTime> time(const char* member) const {
    return core::parse_wall_time(text(event_, member));
  }

  RecordingState state() const {
    const auto status = text(event_, "recording_status");
    if (status == "RECORDING_ENDED") return RecordingState::ended;
    if (status == "RECORDING_STARTED") return RecordingState::started;
    if (status == "RECORDING_ENDED_WITH_FAILURE" || status == "RECORDING_FAILED") {
      return RecordingState::failed;
    }
    // The guide leaves the member's presence open; the file's name says the same.
    if (name_.find("recording-ended") != std::string_view::npos) return RecordingState::ended;
    if (name_.find("recording-failed") != std::string_view::npos) return RecordingState::failed;
    return RecordingState::started;
  }

  // A path of the event, joined to its parent; it may not point out of the recording.
  std::string path(std::string_view parent, const std::string& child) const {
    bool leaves = child.starts_with('/');
    for (const auto part : core::split(child, '/')) leaves = leaves || part == "..";
    if (leaves) refuse(fmt::format("path {} leaves the recording", core::quoted(child)));
    if (parent.empty() || child.empty()) return std::string(parent) + child;
    return fmt::format("{}/{}", parent, child);
  }

  void read_hls(const Json& hls, RecordingEvent& out) const {
    const auto folder = path("", text(hls, "path"));
    if (const auto playlist = text(hls, "playlist"); !playlist.empty()) {
      out.playlist = path(folder, playlist);
    }
    if (const auto ms = hls.find("duration_ms"); ms != hls.end() && ms->is_number_unsigned()) {
      out.duration =
          std::chrono::milliseconds(std::min<std::uint64_t>(ms->get<std::uint64_t>(), 1ULL << 40U));
    }
    const auto renditions = hls.find("renditions");
    if (renditions == hls.end()) return;
    if (!renditions->is_array()) refuse("media.hls.renditions is not a list");
    for (const auto& rendition : *renditions) {
      if (!rendition.is_object()) refuse("a rendition is not an object");
      const auto name = text(rendition, "path");
      const auto playlist = text(rendition, "playlist");
      if (playlist.empty()) continue;
      out.renditions.push_back({name, path(path(folder, name), playlist),
                                number(rendition, "resolution_width"),
                                number(rendition, "resolution_height")});
    }
  }

  std::string_view name_;
  Json event_;
};

}  // namespace

RecordingEvent parse_recording_event(std::string_view json, std::string_view name) {
  return EventReader(json, name).read();
}

std::vector<std::string> playlist_candidates(const RecordingEvent* event,
                                             std::string_view rendition) {
  std::vector<std::string> candidates;
  if (event != nullptr) {
    if (!event->playlist.empty()) candidates.push_back(event->playlist);
    for (const auto& known : event->renditions) {
      if (known.name == rendition) candidates.push_back(known.playlist);
    }
  }
  candidates.emplace_back("media/hls/master.m3u8");
  candidates.emplace_back("master.m3u8");
  const bool is_folder_name =
      !rendition.empty() && rendition != ".." && rendition.find('/') == std::string_view::npos;
  if (is_folder_name) {
    candidates.push_back(fmt::format("media/hls/{}/playlist.m3u8", rendition));
    candidates.push_back(fmt::format("{}/playlist.m3u8", rendition));
  }
  candidates.emplace_back("playlist.m3u8");
  return candidates;
}

}  // namespace momentcut::s3
