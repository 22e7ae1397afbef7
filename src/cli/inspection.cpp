#include "momentcut/cli/inspection.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "momentcut/cli/json.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::cli {
namespace {

using pipeline::Inspection;

std::string_view state_name(s3::RecordingState state) {
  switch (state) {
    case s3::RecordingState::started:
      return "live";
    case s3::RecordingState::ended:
      return "ended";
    case s3::RecordingState::failed:
      return "failed";
  }
  return "";
}

Json wall_json(const std::optional<core::WallTime>& time) {
  return time ? Json(core::format_wall_time(*time)) : Json();
}

Json range_json(const std::optional<hls::ByteRange>& range) {
  if (!range) return {};
  return {{"length", range->length}, {"offset", range->offset}};
}

Json map_json(const hls::Map* map) {
  if (map == nullptr) return {};
  return {{"uri", core::redacted_reference(map->uri)}, {"byterange", range_json(map->byterange)}};
}

Json key_json(const hls::Key* key) {
  if (key == nullptr) return {};
  return {{"method", key->method},
          {"uri", core::redacted_reference(key->uri)},
          {"iv", or_null(key->iv)}};
}

Json media_json(const hls::MediaPlaylist& playlist) {
  Json segments = Json::array();
  for (const auto& segment : playlist.segments) {
    segments.push_back({{"uri", core::redacted_reference(segment.uri)},
                        {"duration", seconds_json(segment.duration)},
                        {"title", or_null(segment.title)},
                        {"byterange", range_json(segment.byterange)},
                        {"map", map_json(playlist.map_of(segment))},
                        {"key", key_json(playlist.key_of(segment))},
                        {"discontinuity", segment.discontinuity},
                        {"program_date_time", wall_json(segment.program_date_time)},
                        {"gap", segment.gap}});
  }
  Json type;
  if (playlist.playlist_type) {
    type = *playlist.playlist_type == hls::PlaylistType::vod ? "VOD" : "EVENT";
  }
  Json target;
  if (playlist.target_duration) target = seconds_json(*playlist.target_duration);
  return {{"type", "media"},
          {"version", or_null(playlist.version)},
          {"target_duration", target},
          {"media_sequence", playlist.media_sequence},
          {"discontinuity_sequence", playlist.discontinuity_sequence},
          {"playlist_type", type},
          {"endlist", playlist.endlist},
          {"total_duration", seconds_json(playlist.total_duration())},
          {"segments", segments}};
}

Json multivariant_json(const hls::MultivariantPlaylist& playlist) {
  Json variants = Json::array();
  for (const auto& variant : playlist.variants) {
    Json resolution;
    if (variant.resolution) {
      resolution = {{"width", variant.resolution->width}, {"height", variant.resolution->height}};
    }
    variants.push_back({{"uri", core::redacted_reference(variant.uri)},
                        {"bandwidth", or_null(variant.bandwidth)},
                        {"average_bandwidth", or_null(variant.average_bandwidth)},
                        {"resolution", resolution},
                        {"frame_rate", or_null(variant.frame_rate)},
                        {"codecs", or_null(variant.codecs)},
                        {"name", or_null(variant.name)},
                        {"audio", or_null(variant.audio)},
                        {"video", or_null(variant.video)},
                        {"subtitles", or_null(variant.subtitles)}});
  }
  Json media = Json::array();
  for (const auto& rendition : playlist.media) {
    media.push_back(
        {{"type", rendition.type},
         {"group_id", rendition.group_id},
         {"name", rendition.name},
         {"language", or_null(rendition.language)},
         {"default", rendition.is_default},
         {"autoselect", rendition.autoselect},
         {"uri", rendition.uri ? Json(core::redacted_reference(*rendition.uri)) : Json()}});
  }
  return {{"type", "multivariant"}, {"variants", variants}, {"media", media}};
}

Json recording_json(const Inspection& inspection) {
  if (inspection.recording_id.empty()) return {};
  Json json{{"id", inspection.recording_id}};
  const auto& event = inspection.event;
  json["state"] = event ? Json(state_name(event->state)) : Json();
  json["started_at"] = event ? wall_json(event->started_at) : Json();
  json["ended_at"] = event ? wall_json(event->ended_at) : Json();
  json["duration"] = event && event->duration ? Json(seconds_json(*event->duration)) : Json();
  json["channel_arn"] = event ? Json(event->channel_arn) : Json();
  return json;
}

// A table whose columns are as wide as their widest cell.
class Table {
 public:
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& row : rows_) {
      std::string line;
      for (std::size_t column = 0; column < row.size(); ++column) {
        line += fmt::format("{:<{}}  ", row[column], width(column));
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + "\n";
    }
    return out;
  }

 private:
  [[nodiscard]] std::size_t width(std::size_t column) const {
    std::size_t widest = 0;
    for (const auto& row : rows_) {
      if (column < row.size()) widest = std::max(widest, row[column].size());
    }
    return widest;
  }
  std::vector<std::vector<std::string>> rows_;
};

std::string variants_text(const Inspection& inspection) {
  Table table;
  table.row({"RENDITION", "RESOLUTION", "FPS", "BANDWIDTH", "CODECS"});
  const auto& variants = inspection.multivariant->variants;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const auto& v = variants[i];
    table.row({core::printable(inspection.rendition_names[i]),
               v.resolution ? fmt::format("{}x{}", v.resolution->width, v.resolution->height) : "-",
               v.frame_rate ? fmt::format("{:g}", *v.frame_rate) : "-",
               v.bandwidth ? fmt::format("{}", *v.bandwidth) : "-",
               v.codecs ? core::printable(*v.codecs) : "-"});
  }
  for (const auto& m : inspection.multivariant->media) {
    if (!m.uri) continue;
    table.row({core::printable(m.name), core::lowered(core::printable(m.type)), "-", "-",
               m.language ? core::printable(*m.language) : "-"});
  }
  return table.text();
}

// From when to when a playlist's segments were recorded, as far as it says.
std::optional<std::pair<core::WallTime, core::WallTime>> dates_of(const hls::MediaPlaylist& media) {
  const auto times = media.wall_times();
  const auto known = [](const auto& time) { return time.has_value(); };
  const auto first = std::find_if(times.begin(), times.end(), known);
  if (first == times.end()) return {};
  const auto last = std::find_if(times.rbegin(), times.rend(), known);
  const auto index = static_cast<std::size_t>(last.base() - times.begin()) - 1;
  return std::pair(**first, **last + media.segments[index].duration);
}

std::string dates_text(const hls::MediaPlaylist& media) {
  const auto dates = dates_of(media);
  return dates ? fmt::format("{} to {}", core::format_wall_time(dates->first),
                             core::format_wall_time(dates->second))
               : "none";
}

Json dates_json(const hls::MediaPlaylist& media) {
  const auto dates = dates_of(media);
  if (!dates) return {};
  return {{"start", core::format_wall_time(dates->first)},
          {"end", core::format_wall_time(dates->second)}};
}

std::string encryption_text(const hls::MediaPlaylist& media) {
  std::vector<std::string> methods;
  for (const auto& keys : media.key_sets) {
    for (const auto& key : keys) {
      const auto method = core::printable(key.method);
      if (std::find(methods.begin(), methods.end(), method) == methods.end()) {
        methods.push_back(method);
      }
    }
  }
  return methods.empty() ? "none" : fmt::format("{}", fmt::join(methods, ", "));
}

// A playlist that is being written may carry ENDLIST all the same; the events know better.
bool is_live(const Inspection& inspection) {
  if (inspection.event) return inspection.event->state == s3::RecordingState::started;
  return !inspection.media->endlist;
}

std::string media_text(const Inspection& inspection) {
  const auto& media = *inspection.media;
  const auto total = media.total_duration();
  Table table;
  table.row({"rendition", core::printable(inspection.rendition)});
  table.row({"playlist", core::printable(inspection.media_path)});
  table.row({"duration",
             fmt::format("{} ({} s)", core::format_timecode(total), core::format_seconds(total))});
  table.row({"segments", fmt::format("{}", media.segments.size())});
  table.row({"target", media.target_duration ? core::format_seconds(*media.target_duration) + " s"
                                             : "not said"});
  table.row({"breaks", core::counted(media.discontinuities(), "discontinuity marker")});
  const auto gaps = std::count_if(media.segments.begin(), media.segments.end(),
                                  [](const hls::Segment& segment) { return segment.gap; });
  if (gaps > 0) {
    table.row({"gaps", core::counted(static_cast<std::size_t>(gaps), "missing segment")});
  }
  if (!media.maps.empty()) {
    table.row({"maps", core::counted(media.maps.size(), "initialization section")});
  }
  table.row({"dates", dates_text(media)});
  table.row({"encryption", encryption_text(media)});
  table.row({"state", is_live(inspection) ? "live" : "ended"});
  return table.text();
}

std::string recording_text(const Inspection& inspection) {
  Table table;
  table.row({"source", core::printable(inspection.source)});
  if (!inspection.recording_id.empty()) {
    table.row({"recording", core::printable(inspection.recording_id)});
  }
  if (const auto& event = inspection.event) {
    table.row({"events", std::string(state_name(event->state))});
    if (event->started_at) table.row({"started", core::format_wall_time(*event->started_at)});
    if (event->ended_at) table.row({"ended", core::format_wall_time(*event->ended_at)});
  }
  return table.text();
}

}  // namespace

std::string inspection_json(const Inspection& inspection) {
  Json entry;
  if (inspection.multivariant) entry = multivariant_json(*inspection.multivariant);
  if (inspection.is_bare_playlist) {
    return line_of(inspection.multivariant ? entry : media_json(*inspection.media));
  }
  Json rendition;
  if (inspection.media) {
    rendition = {{"name", inspection.rendition},
                 {"playlist_path", inspection.media_path},
                 {"live", is_live(inspection)},
                 {"utc", dates_json(*inspection.media)},
                 {"playlist", media_json(*inspection.media)}};
  }
  return line_of(Json{{"source", inspection.source},
                      {"recording", recording_json(inspection)},
                      {"playlist_path", inspection.playlist_path},
                      {"playlist", inspection.multivariant ? entry : rendition["playlist"]},
                      {"rendition", rendition}});
}

std::string inspection_text(const Inspection& inspection) {
  auto text = recording_text(inspection) + "\n";
  if (inspection.multivariant) text += variants_text(inspection) + "\n";
  return text + (inspection.media ? media_text(inspection) : "its renditions are not there\n");
}

}  // namespace momentcut::cli
