#include "momentcut/pipeline/run.hpp"

#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/pipeline/deliver.hpp"
#include "momentcut/pipeline/fetch.hpp"
#include "momentcut/pipeline/measure.hpp"
#include "momentcut/pipeline/naming.hpp"
#include "momentcut/pipeline/render.hpp"
#include "momentcut/pipeline/source.hpp"
#include "momentcut/pipeline/tools.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

// What both a cut and its dry run stand on.
struct Workbench {
  Workbench(const Request& request, Source loaded, const Tools& tools, Context& context)
      : source(std::move(loaded)),
        spans(spans_of(source.media)),
        folder(request.temp_dir),
        fetcher(source, folder, context),
        meter(spans, only_run(), fetcher, tools, context) {
    if (!request.keep_temp) return;
    folder.keep();
    context.note("temporary files are kept in " + folder.path().native());
  }

  // The run that a range may lie in; the recording's first.
  [[nodiscard]] cut::Run only_run() const {
    if (spans.empty()) {
      throw Error(ErrorKind::bad_data,
                  core::quoted(source.location.text, 400) + " has no segments");
    }
    return cut::runs_of(spans).front();
  }

  const Source source;
  const std::vector<core::Span> spans;
  io::TempDir folder;
  Fetcher fetcher;
  RunMeter meter;
};

// Later runs have clocks of their own, which this version does not follow.
void require_first_run(const Workbench& workbench, bool reaches_past_it) {
  if (!reaches_past_it || workbench.meter.run().last == workbench.spans.size()) return;
  const auto line = workbench.source.media.segments[workbench.meter.run().last].line;
  throw Error(ErrorKind::bad_data,
              fmt::format("{}:{}: the range reaches past a discontinuity at {} s",
                          workbench.source.location.text, line,
                          core::format_seconds(workbench.spans[workbench.meter.run().last].start)),
              "this version cuts before the first discontinuity");
}

core::Time resolved(const core::Position& position, Workbench& workbench) {
  if (position.origin == core::Position::Origin::start) return position.offset;
  require_first_run(workbench, true);
  const auto time = workbench.meter.end_of_run() + position.offset;
  if (time < core::Time{}) {
    throw Error(ErrorKind::not_found,
                fmt::format("{} s from the end lies before the beginning: the recording is {} s "
                            "long",
                            core::format_seconds(-position.offset),
                            core::format_seconds(workbench.meter.end_of_run())));
  }
  return time;
}

core::Range resolved_range(const Request& request, Workbench& workbench) {
  core::Range range;
  range.start = resolved(request.start, workbench);
  range.end = request.duration ? range.start + *request.duration : resolved(request.end, workbench);
  if (range.end <= range.start) {
    throw Error(ErrorKind::usage,
                fmt::format("the end ({} s) is not after the start ({} s)",
                            core::format_seconds(range.end), core::format_seconds(range.start)));
  }
  const auto run_end = workbench.spans[workbench.meter.run().last - 1];
  require_first_run(workbench, range.end > run_end.start + run_end.duration);
  return range;
}

// The UTC date of a moment: by PROGRAM-DATE-TIME, or else of the recording's beginning.
std::optional<core::WallTime> wall_time_at(const Workbench& workbench, core::Time time) {
  const auto known = workbench.source.media.wall_times();
  for (std::size_t i = workbench.spans.size(); i-- > 0;) {
    if (workbench.spans[i].start > time) continue;
    if (known[i]) return *known[i] + (time - workbench.spans[i].start);
    break;
  }
  if (const auto& event = workbench.source.entry.event) return event->started_at;
  return {};
}

std::string output_for(const Request& request, const Workbench& workbench,
                       const core::Range& range) {
  const auto& entry = workbench.source.entry;
  const NameFields fields{entry.name, entry.recording_id.empty() ? entry.name : entry.recording_id,
                          workbench.source.rendition, range, wall_time_at(workbench, range.start)};
  return output_path(request.output, fields, workbench.source.audio_only);
}

bool exists(const std::string& output) {
  std::error_code failed;
  return !is_stdout(output) && std::filesystem::exists(output, failed);
}

cut::Container container_for(const std::string& output, const MeasuredCut& cut) {
  if (is_stdout(output)) return cut::Container::fragmented_mp4;
  return cut.piece.has_video ? cut::Container::mp4 : cut::Container::m4a;
}

Source load_source(const Request& request) {
  return choose_rendition(find_entry(request), request);
}

// Measures, renders and verifies; where frames are missing at the beginning, once more with more
// decoded before it.
MeasuredCut render_whole(const Request& request, Workbench& workbench, const core::Range& range,
                         const std::string& output, const Delivery& delivery, const Tools& tools,
                         Context& context) {
  for (std::size_t lead = 0;; lead = lead == 0 ? 1 : lead * 2) {
    context.enter(Stage::measure);
    auto cut = measure_cut(workbench.meter, range, workbench.source.audio_only, lead, context);
    const cut::RenderJob job{cut.piece, request.encoding, container_for(output, cut),
                             delivery.path()};
    context.enter(Stage::render);
    const auto complaint = render(job, tools, context);
    // ffmpeg ends well on a full disk; only its last words tell.
    if (complaint.kind == ErrorKind::io) {
      throw Error(ErrorKind::io, "the clip could not be written: " + complaint.reason,
                  "make room on the disk");
    }
    context.enter(Stage::verify);
    const auto flaw = verify(job, cut, tools, context);
    if (!flaw) return cut;
    if (!flaw->head_missing || !cut.can_start_earlier) {
      throw Error(ErrorKind::bad_data, "the rendered clip is not what it was to be: " + flaw->what,
                  "nothing was published; is the recording damaged there?");
    }
    context.detail("decoding began too late: " + flaw->what);
  }
}

// What is known of a moment before anything is measured.
void describe(Moment& moment, const Workbench& workbench, const core::Range& range,
              const std::string& output) {
  moment.source = workbench.source.entry.source;
  moment.playlist = workbench.source.location.text;
  moment.rendition = workbench.source.rendition;
  moment.requested = range;
  moment.output = output;
}

void add_measured(Moment& moment, const MeasuredCut& cut) {
  moment.actual = cut.actual;
  moment.has_video = cut.piece.has_video;
  moment.has_audio = cut.piece.audio.has_value();
  moment.frames = cut.timestamps.size();
}

}  // namespace

Receipt cut_moment(const Request& request, const Observer& observer, io::Interrupt& interrupt) {
  Context context(observer, interrupt, request.stall_timeout);
  context.enter(Stage::prepare);
  const auto tools = check_tools(request, context);
  context.enter(Stage::source);
  Workbench workbench(request, load_source(request), tools, context);
  const auto range = resolved_range(request, workbench);
  const auto output = output_for(request, workbench, range);
  Receipt receipt;
  describe(receipt, workbench, range, output);
  receipt.ffmpeg_version = tools.version.text;
  if (exists(output) && request.skip_existing) {
    receipt.skipped = true;
    receipt.size = io::file_size(output).value_or(0);
    receipt.stages = context.stage_times();
    return receipt;
  }
  if (exists(output) && !request.force) {
    throw Error(ErrorKind::cannot_create, core::quoted(output, 400) + " exists already",
                "replace it with --force, or pass over it with --skip-existing");
  }
  Delivery delivery(output, request.force, workbench.folder);
  add_measured(receipt, render_whole(request, workbench, range, output, delivery, tools, context));

  context.enter(Stage::deliver);
  receipt.mode = "exact";
  receipt.segments = workbench.fetcher.fetched_segments();
  receipt.bytes_fetched = workbench.fetcher.fetched_bytes();
  receipt.size = delivery.size();
  if (request.want_digest) receipt.sha256 = io::sha256_of(delivery.path(), interrupt);
  delivery.commit(context);
  context.progress(1);
  receipt.stages = context.stage_times();
  return receipt;
}

Plan plan_moment(const Request& request, const Observer& observer, io::Interrupt& interrupt) {
  Context context(observer, interrupt, request.stall_timeout);
  context.enter(Stage::prepare);
  const auto tools = check_tools(request, context);
  context.enter(Stage::source);
  Workbench workbench(request, load_source(request), tools, context);
  const auto range = resolved_range(request, workbench);
  context.enter(Stage::measure);
  const auto cut = measure_cut(workbench.meter, range, workbench.source.audio_only, 0, context);
  Plan plan;
  describe(plan, workbench, range, output_for(request, workbench, range));
  add_measured(plan, cut);
  for (const auto segment : cut.segments) {
    plan.segments.push_back({workbench.source.media.segments[segment].uri,
                             workbench.spans[segment].start, workbench.spans[segment].duration,
                             workbench.fetcher.known_size(segment)});
  }
  plan.output_exists = exists(plan.output);
  const cut::RenderJob job{cut.piece, request.encoding, container_for(plan.output, cut),
                           plan.output};
  plan.argv = cut::render_argv(tools.ffmpeg, tools.version, job, cut::kTransportStream);
  return plan;
}

Inspection inspect_source(const Request& request, bool details) {
  auto entry = find_entry(request);
  Inspection inspection;
  inspection.source = entry.source;
  inspection.is_bare_playlist = entry.recording_id.empty() && !request.rendition;
  inspection.playlist_path = entry.location.text;
  inspection.event = entry.event;
  inspection.recording_id = entry.recording_id;
  if (const auto* multivariant = std::get_if<hls::MultivariantPlaylist>(&entry.playlist)) {
    inspection.multivariant = *multivariant;
    inspection.rendition_names = hls::variant_names(*multivariant);
    if (inspection.is_bare_playlist && !details) return inspection;
  }
  std::optional<Source> chosen;
  try {
    chosen = choose_rendition(std::move(entry), request);
  } catch (const Error& error) {
    // A multivariant playlist tells enough by itself where its renditions were not copied with it.
    if (!inspection.is_bare_playlist || error.kind() != ErrorKind::not_found) throw;
    return inspection;
  }
  auto& source = *chosen;
  inspection.rendition = source.rendition;
  inspection.media_path = source.location.text;
  inspection.media = std::move(source.media);
  return inspection;
}

}  // namespace momentcut::pipeline
