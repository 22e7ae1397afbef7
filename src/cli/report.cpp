#include "momentcut/cli/report.hpp"

#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "momentcut/cli/json.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/core/version.hpp"

namespace momentcut::cli {
namespace {

Json range_json(const core::Range& range) {
  return {{"start", seconds_json(range.start)}, {"end", seconds_json(range.end)}};
}

Json gaps_json(const std::vector<core::Range>& gaps) {
  Json list = Json::array();
  for (const auto& gap : gaps) list.push_back(range_json(gap));
  return list;
}

Json utc_json(const pipeline::Moment& moment) {
  if (!moment.utc_start || !moment.utc_end) return {};
  return {{"start", core::format_wall_time(*moment.utc_start)},
          {"end", core::format_wall_time(*moment.utc_end)}};
}

double rounded_milliseconds(double seconds) {
  return std::round(seconds * 1000) / 1000;
}

Json versions_json(const pipeline::Receipt& receipt) {
  return {{"momentcut", core::version()}, {"ffmpeg", receipt.ffmpeg_version}};
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

Json upload_json(const pipeline::Receipt& receipt) {
  if (!receipt.uploaded) return {};
  const auto& done = *receipt.uploaded;
  return {{"bucket", done.bucket},
          {"key", done.key},
          {"etag", done.etag},
          {"version_id", text_or_null(done.version_id)},
          {"size", done.size},
          {"sha256", done.sha256},
          {"url", text_or_null(done.url)}};
}

// How the clip is, or would be, made; `known`: it is.
void add_mode(Json& json, const pipeline::Moment& moment, bool known) {
  json["mode"] = known ? Json(moment.mode) : Json();
  json["smart_refused"] = text_or_null(moment.smart_refused);
  json["frames_copied"] = known ? Json(moment.frames_copied) : Json();
}

Json subtitles_json(const pipeline::Moment& moment) {
  return moment.cues ? Json{{"cues", *moment.cues}} : Json();
}

}  // namespace

std::string receipt_text(const pipeline::Receipt& receipt) {
  std::string text;
  for (const auto& line : {receipt.output, receipt.destination,
                           receipt.uploaded ? receipt.uploaded->url : std::string()}) {
    if (!line.empty()) text += line + "\n";
  }
  return text;
}

std::string receipt_json(const pipeline::Receipt& receipt) {
  const bool done = !receipt.skipped;
  Json json;
  json["source"] = receipt.source;
  json["playlist"] = receipt.playlist;
  json["rendition"] = receipt.rendition;
  json["skipped"] = receipt.skipped;
  json["requested"] = range_json(receipt.requested);
  json["actual"] = done ? range_json(receipt.actual) : Json();
  json["frames"] = done ? Json(receipt.frames) : Json();
  json["duration"] = done ? Json(seconds_json(receipt.duration)) : Json();
  json["gaps"] = gaps_json(receipt.gaps);
  json["utc"] = utc_json(receipt);
  json["video"] = done ? Json(receipt.has_video) : Json();
  json["audio"] = done ? Json(receipt.has_audio) : Json();
  json["subtitles"] = subtitles_json(receipt);
  add_mode(json, receipt, done);
  json["segments"] = receipt.segments;
  json["bytes_fetched"] = receipt.bytes_fetched;
  json["output"] = receipt.output.empty() ? Json()
                                          : Json{{"path", receipt.output},
                                                 {"size", receipt.size},
                                                 {"sha256", text_or_null(receipt.sha256)}};
  json["upload"] = upload_json(receipt);
  Json timings = Json::object();
  for (const auto& stage : receipt.stages)
    timings[stage.stage] = rounded_milliseconds(stage.seconds);
  json["timings"] = timings;
  json["versions"] = versions_json(receipt);
  return line_of(json);
}

std::string plan_json(const pipeline::Plan& plan) {
  Json segments = Json::array();
  for (const auto& segment : plan.segments) {
    segments.push_back({{"uri", segment.uri},
                        {"start", seconds_json(segment.start)},
                        {"duration", seconds_json(segment.duration)},
                        {"bytes", or_null(segment.bytes)}});
  }
  Json json;
  json["dry_run"] = true;
  json["source"] = plan.source;
  json["playlist"] = plan.playlist;
  json["rendition"] = plan.rendition;
  json["requested"] = range_json(plan.requested);
  json["actual"] = range_json(plan.actual);
  json["frames"] = plan.frames;
  add_mode(json, plan, true);
  json["duration"] = seconds_json(plan.duration);
  json["gaps"] = gaps_json(plan.gaps);
  json["utc"] = utc_json(plan);
  json["video"] = plan.has_video;
  json["audio"] = plan.has_audio;
  json["subtitles"] = subtitles_json(plan);
  json["segments"] = segments;
  json["output"] =
      plan.output.empty() ? Json() : Json{{"path", plan.output}, {"exists", plan.output_exists}};
  json["upload"] = text_or_null(plan.destination);
  json["ffmpeg"] = plan.argv.empty() ? Json() : Json(plan.argv);
  return line_of(json);
}

std::string plan_text(const pipeline::Plan& plan) {
  std::string text;
  const auto out = std::back_inserter(text);
  const auto range = [](const core::Range& r) {
    return fmt::format("{} to {} s", core::format_seconds(r.start), core::format_seconds(r.end));
  };
  fmt::format_to(out, "source     {}\nplaylist   {}\nrendition  {}\n", core::printable(plan.source),
                 core::printable(plan.playlist), core::printable(plan.rendition));
  fmt::format_to(out, "asked for  {}\nclip       {}, {}\n", range(plan.requested),
                 range(plan.actual),
                 plan.has_video ? core::counted(plan.frames, "frame") : "audio alone");
  if (plan.utc_start && plan.utc_end) {
    fmt::format_to(out, "UTC        {} to {}\n", core::format_wall_time(*plan.utc_start),
                   core::format_wall_time(*plan.utc_end));
  }
  if (!plan.output.empty()) {
    fmt::format_to(out, "output     {}{}\n", core::printable(plan.output),
                   plan.output_exists ? " (exists)" : "");
  }
  if (!plan.destination.empty()) {
    fmt::format_to(out, "upload     {}\n", core::printable(plan.destination));
  }
  text += "segments\n";
  for (const auto& segment : plan.segments) {
    fmt::format_to(out, "  {:>10}  {:>8} s  {:>12}  {}\n", core::format_timecode(segment.start),
                   core::format_seconds(segment.duration),
                   segment.bytes ? fmt::format("{} bytes", *segment.bytes) : "",
                   core::printable(segment.uri));
  }
  if (plan.argv.empty()) {
    fmt::format_to(out, "ffmpeg     several calls: {} copied, the others encoded\n",
                   core::counted(plan.frames_copied, "frame"));
  } else {
    fmt::format_to(out, "ffmpeg\n  {}\n", core::printable(core::shell_quoted(plan.argv)));
  }
  return text;
}

}  // namespace momentcut::cli
