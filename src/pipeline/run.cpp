#include "momentcut/pipeline/run.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/io/digest.hpp"
#include "momentcut/pipeline/copy.hpp"
#include "momentcut/pipeline/deliver.hpp"
#include "momentcut/pipeline/measure.hpp"
#include "momentcut/pipeline/naming.hpp"
#include "momentcut/pipeline/remote.hpp"
#include "momentcut/pipeline/render.hpp"
#include "momentcut/pipeline/smart.hpp"
#include "momentcut/pipeline/source.hpp"
#include "momentcut/pipeline/upload.hpp"
#include "momentcut/pipeline/workbench.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

// Where the clip goes.
struct Target {
  std::string output;                // a path, "-", or empty: nothing local stays
  std::optional<s3::Object> object;  // to upload to
  std::string name;                  // of its file while it has no other
};

Target target_of(const Request& request, Workbench& workbench, const core::Range& range) {
  const auto& entry = workbench.source().entry;
  const bool audio_only = workbench.source().audio_only;
  const NameFields fields{entry.name, entry.recording_id.empty() ? entry.name : entry.recording_id,
                          workbench.source().rendition, range,
                          workbench.rough_date_of(range.start)};
  Target target;
  target.name = default_name(fields, audio_only);
  if (request.output || !request.upload) {
    target.output = output_path(request.output, fields, audio_only);
  }
  if (request.upload) {
    target.object = upload_object(request.upload->destination, fields, audio_only);
  }
  return target;
}

bool exists(const std::string& output) {
  std::error_code failed;
  return !output.empty() && !is_stdout(output) && std::filesystem::exists(output, failed);
}

cut::Container container_for(const std::string& output, const MeasuredCut& cut) {
  if (is_stdout(output)) return cut::Container::fragmented_mp4;
  return cut.has_video() ? cut::Container::mp4 : cut::Container::m4a;
}

// What the clip's picture loses.
void note_colours(const MeasuredCut& cut, const cut::Encoding& encoding, Context& context) {
  if (encoding.keep_hdr || !cut.has_video()) return;
  const auto& pieces = cut.pieces;
  if (std::any_of(pieces.begin(), pieces.end(), [](auto& p) { return cut::is_hdr(p.colour); })) {
    context.note(
        "the recording is HDR, and the clip tone-mapped to SDR; keep it with "
        "--video-codec hevc --keep-hdr");
  } else if (std::any_of(pieces.begin(), pieces.end(), [](auto& p) { return p.colour.bits > 8; })) {
    context.note(
        "the recording has more than 8 bits a sample, and the clip 8; keep them with "
        "--video-codec hevc --keep-hdr");
  }
}

// A cut that was measured, and how its clip is, or would be, made.
struct Prepared {
  MeasuredCut cut;
  std::optional<SmartPlan> smart;
  std::string smart_refused;  // why not, where it was asked for
};

bool wants_smart(const Request& request) {
  return request.mode == Mode::smart || request.mode == Mode::smart_only;
}

// Gives up on smart mode.
void refuse_smart(const Request& request, Prepared& prepared, const std::string& why,
                  Context& context) {
  if (request.mode == Mode::smart_only) {
    throw Error(ErrorKind::bad_data, "smart mode is not possible here: " + why,
                "cut it with --mode smart or exact");
  }
  prepared.smart.reset();
  prepared.smart_refused = why;
  context.note("cut in exact mode, since smart mode is not possible here: " + why);
}

// By how much a copied clip is longer than what was asked for.
void note_snap(const core::Range& exact, const core::Range& copied, Context& context) {
  if (exact.start == copied.start && exact.end == copied.end) return;
  context.note(
      fmt::format("copied from key frame on: the clip begins {} s before and ends {} s after what "
                  "was asked for",
                  core::format_seconds(exact.start - copied.start),
                  core::format_seconds(copied.end - exact.end)));
}

// For `lead`, see measure_run(). `may_be_smart`: it was not refused before. For `begin`, see
// plan_smart().
Prepared prepare(const Request& request, Workbench& workbench, const core::Range& range,
                 std::size_t lead, bool may_be_smart, bool begin, Context& context) {
  context.enter(Stage::measure);
  Prepared prepared{workbench.measure(range, lead), {}, {}};
  if (request.mode == Mode::copy) {
    const auto exact = prepared.cut.actual;
    prepared.cut = workbench.measure(copyable_range(prepared.cut, workbench, context), lead);
    note_snap(exact, prepared.cut.actual, context);
  }
  if (wants_smart(request) && may_be_smart) {
    auto plan = plan_smart(request.encoding, prepared.cut, begin, workbench, context);
    if (const auto* refusal = std::get_if<cut::Refusal>(&plan)) {
      refuse_smart(request, prepared, refusal->why, context);
    } else {
      prepared.smart = std::get<SmartPlan>(std::move(plan));
    }
  }
  return prepared;
}

// ffmpeg ends well on a full disk; only its last words tell.
void check_complaint(const cut::Failure& complaint) {
  if (complaint.kind != ErrorKind::io) return;
  throw Error(ErrorKind::io, "the clip could not be written: " + complaint.reason,
              "make room on the disk");
}

// Makes and verifies the clip as it is prepared; where smart mode does not come out as planned, in
// exact mode. What is wrong with the clip then, or nullopt.
std::optional<cut::Flaw> make_clip(const Request& request, Prepared& prepared,
                                   const cut::RenderJob& job, Workbench& workbench,
                                   Context& context) {
  const auto& tools = workbench.tools();
  if (prepared.smart) {
    try {
      context.enter(Stage::render);
      render_smart(*prepared.smart, job, prepared.cut, workbench, context);
      context.enter(Stage::verify);
      const auto flaw = verify(job, tools, context);
      if (!flaw) return {};
      refuse_smart(request, prepared, flaw->what, context);
    } catch (const Error& error) {
      const bool is_ours =
          error.kind() == ErrorKind::internal || error.kind() == ErrorKind::bad_data;
      if (!is_ours || request.mode == Mode::smart_only) throw;
      refuse_smart(request, prepared, error.what(), context);
    }
  }
  context.enter(Stage::render);
  check_complaint(request.mode == Mode::copy ? render_copy(job, prepared.cut, tools, context)
                                             : render(job, tools, context));
  context.enter(Stage::verify);
  return verify(job, tools, context);
}

struct Rendered {
  Prepared prepared;
  std::optional<cut::Subtitles> subtitles;
};

// Measures, renders and verifies; where frames are missing at the beginning, once more with more
// decoded before it.
Rendered render_whole(const Request& request, Workbench& workbench, const core::Range& range,
                      const std::string& output, const Delivery& delivery, Context& context) {
  std::optional<cut::Subtitles> subtitles;
  std::string smart_refused;
  for (std::size_t lead = 0;; lead = lead == 0 ? 1 : lead * 2) {
    auto prepared = prepare(request, workbench, range, lead, smart_refused.empty(), true, context);
    const auto& cut = prepared.cut;
    if (lead == 0) subtitles = workbench.subtitles(cut);
    const cut::RenderJob job{cut.pieces,
                             request.encoding,
                             container_for(output, cut),
                             delivery.path(),
                             workbench.date_of(cut.actual.start),
                             subtitles};
    if (lead == 0 && request.mode != Mode::copy) note_colours(cut, request.encoding, context);
    const auto flaw = make_clip(request, prepared, job, workbench, context);
    if (prepared.smart_refused.empty()) prepared.smart_refused = smart_refused;
    if (!flaw) return {std::move(prepared), std::move(subtitles)};
    if (!flaw->head_missing || !cut.can_start_earlier || request.mode == Mode::copy) {
      throw Error(ErrorKind::bad_data, "the rendered clip is not what it was to be: " + flaw->what,
                  "nothing was published; is the recording damaged there?");
    }
    smart_refused = prepared.smart_refused;
    context.detail("decoding began too late: " + flaw->what);
  }
}

// What is known of a moment before anything is measured.
void describe(Moment& moment, const Workbench& workbench, const core::Range& range,
              const Target& target) {
  moment.source = workbench.source().entry.source;
  moment.playlist = core::redacted(workbench.source().location.text);
  moment.rendition = workbench.source().rendition;
  moment.requested = range;
  moment.output = target.output;
  if (target.object) moment.destination = s3::location_of(*target.object).text;
}

void add_measured(Moment& moment, const Request& request, const Prepared& prepared,
                  const std::optional<cut::Subtitles>& subtitles, Workbench& workbench) {
  const auto& cut = prepared.cut;
  if (workbench.source().subtitles) moment.cues = subtitles ? subtitles->starts.size() : 0;
  moment.utc_start = workbench.date_of(cut.actual.start);
  moment.utc_end = workbench.date_of(cut.actual.end);
  moment.actual = cut.actual;
  moment.duration = cut.duration();
  moment.gaps = cut.gaps;
  moment.has_video = cut.has_video();
  moment.has_audio = cut.has_audio();
  moment.frames = cut.frames();
  moment.mode = request.mode == Mode::copy ? "copy" : prepared.smart ? "smart" : "exact";
  moment.smart_refused = prepared.smart_refused;
  if (request.mode == Mode::copy) moment.frames_copied = moment.frames;
  if (prepared.smart) moment.frames_copied = prepared.smart->parts.copied();
}

// Whether there is nothing to do: all that would be made is there, and may stay. Throws
// core::Error(cannot_create) for what is there and may not be replaced.
bool is_there_already(const Request& request, const Target& target, Upload* upload) {
  const bool has_output = exists(target.output);
  const bool has_object = upload != nullptr && upload->exists();
  if (request.skip_existing && (has_output || target.output.empty()) &&
      (has_object || upload == nullptr) && !is_stdout(target.output)) {
    return true;
  }
  if (has_output && !request.force) {
    throw Error(ErrorKind::cannot_create, core::quoted(target.output, 400) + " exists already",
                "replace it with --force, or pass over it with --skip-existing");
  }
  if (has_object && request.upload->keep_existing) throw upload->existing_error();
  return false;
}

// A clip that cost its time to make is not lost where the upload fails.
Uploaded upload_or_keep(Upload& upload, Delivery& delivery, bool has_video) {
  try {
    return upload.put(delivery.final_path(), has_video);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted) throw;
    delivery.keep();
    const auto kept = "the clip is in " + core::quoted(delivery.final_path(), 400);
    throw Error(error.kind(), error.what(),
                error.hint().empty() ? kept : fmt::format("{}; {}", error.hint(), kept));
  }
}

}  // namespace

Receipt cut_moment(const Request& request, const Observer& observer, io::Interrupt& interrupt) {
  Context context(observer, interrupt, request.stall_timeout);
  context.enter(Stage::prepare);
  Workbench workbench(request, context);
  const auto range = workbench.range();
  const auto target = target_of(request, workbench, range);
  Receipt receipt;
  describe(receipt, workbench, range, target);
  std::optional<Upload> upload;
  if (target.object) upload.emplace(*request.upload, *target.object, workbench.remote(), context);
  if (is_there_already(request, target, upload ? &*upload : nullptr)) {
    receipt.skipped = true;
    receipt.ffmpeg_version = workbench.tools().version.text;
    receipt.size = io::file_size(target.output).value_or(0);
    receipt.stages = context.stage_times();
    return receipt;
  }
  Delivery delivery(target.output, request.force, request.temp_dir, target.name);
  const auto [prepared, subtitles] =
      render_whole(request, workbench, range, target.output, delivery, context);
  add_measured(receipt, request, prepared, subtitles, workbench);

  context.enter(Stage::deliver);
  receipt.ffmpeg_version = workbench.tools().version.text;
  receipt.segments = workbench.fetched_segments();
  receipt.bytes_fetched = workbench.fetched_bytes();
  receipt.size = delivery.size();
  if (request.want_digest) {
    receipt.sha256 =
        io::digest_of(io::Algorithm::sha256, delivery.path(), 0, receipt.size, interrupt).hex();
  }
  delivery.commit(context);
  context.progress(1);
  if (upload) receipt.uploaded = upload_or_keep(*upload, delivery, receipt.has_video);
  receipt.stages = context.stage_times();
  return receipt;
}

Plan plan_moment(const Request& request, const Observer& observer, io::Interrupt& interrupt) {
  Context context(observer, interrupt, request.stall_timeout);
  context.enter(Stage::prepare);
  Workbench workbench(request, context);
  const auto range = workbench.range();
  const auto target = target_of(request, workbench, range);
  const auto prepared = prepare(request, workbench, range, 0, true, false, context);
  const auto& cut = prepared.cut;
  const auto subtitles = workbench.subtitles(cut);
  Plan plan;
  describe(plan, workbench, range, target);
  add_measured(plan, request, prepared, subtitles, workbench);
  plan.segments = workbench.segments_of(cut);
  plan.output_exists = exists(plan.output);
  const cut::RenderJob job{cut.pieces,
                           request.encoding,
                           container_for(plan.output, cut),
                           plan.output.empty() ? target.name : plan.output,
                           plan.utc_start,
                           subtitles};
  const auto& tools = workbench.tools();
  if (request.mode == Mode::copy) plan.argv = copy_argv(job, cut, tools);
  if (plan.mode == "exact") plan.argv = cut::render_argv(tools.ffmpeg, tools.version, job);
  return plan;
}

Inspection inspect_source(const Request& request, bool details, const Observer& observer,
                          io::Interrupt& interrupt) {
  Context context(observer, interrupt, request.stall_timeout);
  Remote remote(request, context);
  auto entry = find_entry(request, remote);
  Inspection inspection;
  inspection.source = entry.source;
  inspection.is_bare_playlist = entry.recording_id.empty() && !request.rendition;
  inspection.playlist_path = core::redacted(entry.location.text);
  inspection.event = entry.event;
  inspection.recording_id = entry.recording_id;
  if (const auto* multivariant = std::get_if<hls::MultivariantPlaylist>(&entry.playlist)) {
    inspection.multivariant = *multivariant;
    inspection.rendition_names = hls::variant_names(*multivariant);
    if (inspection.is_bare_playlist && !details) return inspection;
  }
  std::optional<Source> chosen;
  try {
    chosen = choose_rendition(std::move(entry), request, remote);
  } catch (const Error& error) {
    // A multivariant playlist tells enough by itself where its renditions were not copied with it.
    if (!inspection.is_bare_playlist || error.kind() != ErrorKind::not_found) throw;
    return inspection;
  }
  auto& source = *chosen;
  inspection.rendition = source.rendition;
  inspection.media_path = core::redacted(source.location.text);
  inspection.media = std::move(source.media);
  return inspection;
}

}  // namespace momentcut::pipeline
