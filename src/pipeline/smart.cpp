#include "momentcut/pipeline/smart.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/cut/mp4.hpp"
#include "momentcut/cut/stitch.hpp"
#include "momentcut/io/files.hpp"
#include "momentcut/pipeline/render.hpp"
#include "momentcut/pipeline/tools.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

constexpr std::size_t kMostSetBytes = 64U << 20U;
constexpr std::uint64_t kMostIndexBytes = 1U << 30U;
// Of the rendering, how much is done when only putting it together is left.
constexpr double kPartsDone = 0.9;

// What does not depend on the video's packets.
std::string unfit(const cut::Encoding& encoding, const MeasuredCut& cut) {
  if (!cut.has_video()) return "there is no video to copy";
  if (!cut.gaps.empty()) return "media is missing within the range";
  if (cut.pieces.size() > 1) return "a discontinuity lies within the range";
  if (cut::is_hdr(cut.pieces.front().colour)) return "the video is HDR, and the clip is not to be";
  if (encoding.codec != cut::VideoCodec::h264) return "another codec than H.264 is asked for";
  const auto& codec = cut.video->measured.probe.video->codec;
  if (codec != "h264") return fmt::format("the video is {}, not H.264", core::printable(codec));
  return {};
}

const cut::Stream& video_of(const MeasuredCut& cut) {
  return *cut.video->measured.probe.video;
}

cut::ParameterSets sets_in(const std::filesystem::path& file) {
  return cut::parameter_sets_in(io::read_file(file, kMostSetBytes));
}

struct Scan {
  std::vector<std::int64_t> keys;
  cut::ParameterSets sets;
};

// nullopt: its timestamps are not those that were measured.
std::optional<Scan> scan(const MeasuredCut& cut, Workbench& workbench, Context& context) {
  const auto sets_file = workbench.folder() / "parameter-sets.h264";
  cut::KeyReader reader;
  run_program(
      cut::scan_argv(workbench.tools().ffmpeg, cut.video->measured.join.input(),
                     sets_file.native()),
      "look for key frames", [&](std::string_view line) { reader.line(line); }, context);
  const auto keys = reader.keys(video_of(cut).time_base);
  if (!keys) return {};
  return Scan{*keys, sets_in(sets_file)};
}

// The edges in the order of the clip: what to decode them from, and where they belong.
cut::Edge head_edge(const SmartPlan& plan, const cut::Piece& piece, const MeasuredCut& cut) {
  cut::Edge edge;
  edge.input = piece.input;
  edge.frames = plan.parts.head.shifted(piece.first - cut.video->verdict.cut.first);
  edge.set_id = plan.edges.head_id;
  return edge;
}

cut::Edge tail_edge(const SmartPlan& plan, const MeasuredCut& cut, Workbench& workbench) {
  const auto& tail = plan.parts.tail;
  cut::Edge edge;
  edge.set_id = plan.edges.tail_id;
  const auto later = workbench.shortened(cut, tail);
  edge.input = later ? later->input : cut.video->measured.join.input();
  edge.frames = later ? later->frames : tail;
  edge.place = core::rescaled(tail.first - cut.video->verdict.cut.first, video_of(cut).time_base,
                              cut::kClipBase);
  return edge;
}

// Appends each file to the first of them, and removes it.
void join_files(const std::vector<std::string>& files, io::Interrupt& interrupt) {
  io::JoinedFile joined(files.front(), io::JoinedFile::Begin::where_it_ends);
  for (std::size_t i = 1; i < files.size(); ++i) {
    joined.append(files[i], 0, io::kToTheEnd, interrupt);
    io::remove_file(files[i]);
  }
}

std::string bytes_at(const std::string& file, std::uint64_t offset, std::uint64_t size,
                     io::Interrupt& interrupt) {
  std::string bytes;
  io::each_piece(file, offset, size, interrupt, [&](std::string_view piece) { bytes += piece; });
  return bytes;
}

// Where the boxes of an MP4 are that ffmpeg wrote with the index at its end.
struct Layout {
  std::uint64_t media = 0;  // behind the file type
  std::uint64_t index = 0;
  std::uint64_t size = 0;  // of the index
};

Layout layout_of(const std::string& file, io::Interrupt& interrupt) {
  const auto whole = io::file_size(file).value_or(0);
  Layout layout;
  for (std::uint64_t at = 0; at < whole;) {
    const auto box =
        cut::parse_box_header(bytes_at(file, at, cut::BoxHeader::kMostBytes, interrupt));
    if (!box || box->size == 0 || box->size > whole - at) break;
    if (box->type == "ftyp") layout.media = at + box->size;
    if (box->type == "moov") {
      layout.index = at;
      layout.size = box->size;
    }
    at += box->size;
  }
  const bool is_known = layout.media > 0 && layout.index >= layout.media &&
                        layout.size <= kMostIndexBytes && layout.index + layout.size == whole;
  if (!is_known) throw Error(ErrorKind::internal, "the clip's boxes are not where they were to be");
  return layout;
}

// Players begin while they still load: the index goes to the front. It also tells of the parameter
// sets of what was copied and of what was encoded.
void write_clip(const std::string& from, const std::string& to, const cut::ParameterSets& sets,
                io::Interrupt& interrupt) {
  const auto layout = layout_of(from, interrupt);
  const auto index =
      cut::index_for_front(bytes_at(from, layout.index, layout.size, interrupt), sets);
  io::JoinedFile clip(to, io::JoinedFile::Begin::emptied);
  clip.append(from, 0, layout.media, interrupt);
  clip.append(index);
  clip.append(from, layout.media, layout.index - layout.media, interrupt);
}

// The programs that make one clip's parts beside each other.
class Parts {
 public:
  Parts(Workbench& workbench, Context& context) : workbench_(workbench), context_(context) {}

  // Where a part goes.
  std::string add(std::string_view name) {
    return files_.emplace_back((workbench_.folder() / fmt::format("part-{}.ts", name)).native());
  }
  void start(const std::vector<std::string>& argv, std::string_view doing,
             std::function<void(std::string_view)> on_line = {}) {
    programs_.push_back(std::make_unique<Program>(argv, doing, std::move(on_line), context_));
  }
  void finish() {
    for (const auto& program : programs_) program->finish();
  }
  [[nodiscard]] const std::vector<std::string>& files() const { return files_; }

 private:
  Workbench& workbench_;
  Context& context_;
  std::vector<std::string> files_;
  std::vector<std::unique_ptr<Program>> programs_;
};

void start_edge(Parts& parts, cut::Edge edge, std::string_view name, const SmartPlan& plan,
                const cut::RenderJob& job, const Tools& tools) {
  const auto& piece = job.pieces.front();
  edge.base = piece.base;
  edge.delay = core::rescaled(plan.parts.delay, piece.base, cut::kClipBase);
  parts.start(cut::edge_argv(tools.ffmpeg, tools.version, edge, plan.edges, job.encoding,
                             piece.colour, parts.add(name)),
              fmt::format("encode the clip's {}", name));
}

}  // namespace

std::variant<SmartPlan, cut::Refusal> plan_smart(const cut::Encoding& encoding,
                                                 const MeasuredCut& cut, Workbench& workbench,
                                                 Context& context) {
  if (auto why = unfit(encoding, cut); !why.empty()) return cut::Refusal{std::move(why)};
  auto found = scan(cut, workbench, context);
  if (!found) return cut::Refusal{"its packets are not its frames"};
  auto parts = cut::plan_copy(video_of(cut), cut.video->verdict.cut, found->keys);
  if (auto* refusal = std::get_if<cut::Refusal>(&parts)) return std::move(*refusal);
  auto& copy = std::get<cut::CopyPlan>(parts);
  if (copy.leading > 0) return cut::Refusal{"pictures shown before an IDR picture follow it"};
  auto edges = cut::edge_encoding(found->sets, copy.reorder);
  if (auto* refusal = std::get_if<cut::Refusal>(&edges)) return std::move(*refusal);
  return SmartPlan{std::move(copy), std::get<cut::EdgeEncoding>(edges), std::move(found->sets)};
}

void render_smart(const SmartPlan& plan, const cut::RenderJob& job, const MeasuredCut& cut,
                  Workbench& workbench, Context& context) {
  const auto& tools = workbench.tools();
  const auto& piece = job.pieces.front();
  const auto file = [&](std::string_view name) { return (workbench.folder() / name).native(); };
  context.detail(fmt::format("{} are encoded, then {} copied, then {} encoded",
                             core::counted(plan.parts.head.timestamps.size(), "frame"),
                             plan.parts.copied(), plan.parts.tail.timestamps.size()));
  // The longest first.
  std::optional<std::string> audio;
  std::unique_ptr<Program> encoder;
  if (piece.audio) {
    audio = file("audio.m4a");
    encoder = std::make_unique<Program>(
        cut::render_argv(tools.ffmpeg, tools.version, cut::audio_job(job, *audio)),
        "encode the clip's audio", watch_render(job, kPartsDone, context), context);
  }
  Parts parts(workbench, context);
  if (!plan.parts.head.empty()) {
    start_edge(parts, head_edge(plan, piece, cut), "head", plan, job, tools);
  }
  const cut::Copied copied(cut.video->measured.join.input(), video_of(cut), plan.parts,
                           cut.video->verdict.cut.first);
  parts.start(cut::copy_argv(tools.ffmpeg, copied, parts.add("middle")), "copy what can be copied");
  if (!plan.parts.tail.empty()) {
    start_edge(parts, tail_edge(plan, cut, workbench), "tail", plan, job, tools);
  }
  parts.finish();
  join_files(parts.files(), context.interrupt());
  if (encoder) encoder->finish();
  context.progress(kPartsDone);

  const cut::Stitch stitch{parts.files().front(), audio, file("stitched.mp4"),
                           file("stitched-sets.h264")};
  run_program(cut::stitch_argv(tools.ffmpeg, stitch, job), "put the clip together", {}, context);
  io::remove_file(stitch.parts);
  // What was copied may have its sets in a segment that was not.
  auto sets = sets_in(stitch.sets);
  sets.add(plan.sets);
  write_clip(stitch.output, job.output, sets, context.interrupt());
  io::remove_file(stitch.output);
  context.progress(1);
}

core::Range copyable_range(const MeasuredCut& cut, Workbench& workbench, Context& context) {
  const auto refuse = [](std::string_view why) {
    throw Error(ErrorKind::bad_data, fmt::format("the range cannot be copied: {}", why),
                "cut it with --mode exact");
  };
  if (!cut.has_video()) refuse("there is no video to copy");
  if (!cut.gaps.empty()) refuse("media is missing within it");
  if (cut.pieces.size() > 1) refuse("a discontinuity lies within it");
  const auto& video = video_of(cut);
  const auto& frames = cut.video->verdict.cut;
  std::vector<std::int64_t> keys;
  if (video.codec == "h264") {
    if (const auto found = scan(cut, workbench, context)) keys = found->keys;
  }
  const auto is_late = [&](std::int64_t key) { return key > frames.first; };
  keys.erase(std::remove_if(keys.begin(), keys.end(), is_late), keys.end());
  if (keys.empty()) {
    // Without IDR, other pictures at which decoding can begin.
    for (const auto& packet : video.packets) {
      if (packet.key && packet.pts != cut::kNoTimestamp && !is_late(packet.pts)) {
        keys.push_back(packet.pts);
      }
    }
  }
  if (keys.empty()) refuse("no key frame lies before it");
  const auto start = *std::max_element(keys.begin(), keys.end());
  const auto& clock = cut.video->measured.clock;
  return {clock.time_of(start), clock.time_of(cut::copyable_end(video, start, frames.end))};
}

std::vector<std::string> copy_argv(const cut::RenderJob& job, const MeasuredCut& cut,
                                   const Tools& tools) {
  const auto& video = video_of(cut);
  const auto& frames = cut.video->verdict.cut;
  const auto plan = cut::plan_copy(video, frames, std::vector{frames.first}, 0);
  const auto* parts = std::get_if<cut::CopyPlan>(&plan);
  if (parts == nullptr || parts->has_edges()) {
    throw Error(ErrorKind::bad_data,
                fmt::format("the range cannot be copied: {}",
                            parts == nullptr ? std::get<cut::Refusal>(plan).why
                                             : "it does not end where copying can stop"),
                "cut it with --mode exact");
  }
  return cut::copied_clip_argv(tools.ffmpeg, job,
                               {cut.video->measured.join.input(), video, *parts, frames.first},
                               video.codec);
}

cut::Failure render_copy(const cut::RenderJob& job, const MeasuredCut& cut, const Tools& tools,
                         Context& context) {
  return cut::explain_failure(run_program(copy_argv(job, cut, tools), "copy the clip",
                                          watch_render(job, 1, context), context));
}

}  // namespace momentcut::pipeline
