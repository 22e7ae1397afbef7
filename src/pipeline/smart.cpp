#include "momentcut/pipeline/smart.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "momentcut/core/text.hpp"
#include "momentcut/cut/stitch.hpp"
#include "momentcut/io/files.hpp"
#include "momentcut/pipeline/front_index.hpp"
#include "momentcut/pipeline/key_scan.hpp"
#include "momentcut/pipeline/render.hpp"
#include "momentcut/pipeline/tools.hpp"

namespace momentcut::pipeline {
namespace {

// Of the rendering, how much is done when only putting it together is left.
constexpr double kPartsDone = 0.9;

// What does not depend on the video's packets.
std::string unfit(const cut::Encoding& encoding, const MeasuredCut& cut) {
  if (!cut.has_video()) return "there is no video to copy";
  if (!cut.gaps.empty()) return "media is missing within the range";
  if (cut.pieces.size() > 1) return "a discontinuity lies within the range";
  if (cut::is_hdr(cut.pieces.front().colour)) return "the video is HDR, and the clip is not to be";
  if (encoding.codec != cut::VideoCodec::h264) return "another codec than H.264 is asked for";
  const auto& codec = cut.video_stream().codec;
  if (codec != "h264") return fmt::format("the video is {}, not H.264", core::printable(codec));
  return {};
}

std::string audio_file(const Workbench& workbench) {
  return (workbench.folder() / "audio.m4a").native();
}

// nullptr: there is none.
std::unique_ptr<Program> start_audio(const cut::Encoding& encoding, const MeasuredCut& cut,
                                     Workbench& workbench, Context& context) {
  if (!cut.has_audio()) return nullptr;
  const auto& tools = workbench.tools();
  const auto job = cut::audio_job(cut.pieces, encoding, audio_file(workbench));
  return std::make_unique<Program>(cut::render_argv(tools.ffmpeg, tools.version, job),
                                   "encode the clip's audio",
                                   watch_render(job, kPartsDone, context), context);
}

// Frames to encode, and the least that has to be decoded for them. Where that cannot be told, it is
// `otherwise`, what the whole clip would be decoded from, whose timestamps are `later`.
cut::Edge edge_of(const cut::FrameCut& frames, const SmartPlan& plan, const MeasuredCut& cut,
                  const cut::Input& otherwise, std::int64_t later, std::string_view name,
                  Workbench& workbench) {
  const auto base = cut.video_stream().time_base;
  cut::Edge edge{otherwise, frames.shifted(later)};
  edge.place = core::rescaled(frames.first - cut.video->verdict.cut.first, base, cut::kClipBase);
  edge.delay = core::rescaled(plan.parts.delay, base, cut::kClipBase);
  const auto after = std::upper_bound(plan.keys.begin(), plan.keys.end(), frames.first);
  if (after == plan.keys.begin()) return edge;
  const auto decodable =
      workbench.decodable(cut, frames, *std::prev(after), fmt::format("source-{}", name));
  if (!decodable) return edge;
  edge.input = decodable->input;
  edge.frames = decodable->frames;
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

// Programs that make a clip's parts beside each other.
class Parts {
 public:
  Parts(Workbench& workbench, Context& context) : workbench_(workbench), context_(context) {}

  // Where a part goes.
  [[nodiscard]] std::string file(std::string_view name) const {
    return (workbench_.folder() / fmt::format("part-{}.ts", name)).native();
  }
  void start(const std::vector<std::string>& argv, std::string_view doing) {
    programs_.push_back(std::make_unique<Program>(argv, doing, nullptr, context_));
  }
  void finish() {
    for (const auto& program : programs_) program->finish();
  }

 private:
  Workbench& workbench_;
  Context& context_;
  std::vector<std::unique_ptr<Program>> programs_;
};

void start_edge(Parts& parts, const cut::Edge& edge, std::string_view name, const SmartPlan& plan,
                const cut::RenderJob& job, const Tools& tools) {
  parts.start(cut::edge_argv(tools.ffmpeg, tools.version, edge, plan.edges, job.encoding,
                             job.pieces.front().colour, parts.file(name)),
              fmt::format("encode the clip's {}", name));
}

}  // namespace

std::variant<SmartPlan, cut::Refusal> plan_smart(const cut::Encoding& encoding,
                                                 const MeasuredCut& cut, bool begin,
                                                 Workbench& workbench, Context& context) {
  if (auto why = unfit(encoding, cut); !why.empty()) return cut::Refusal{std::move(why)};
  auto audio = begin ? start_audio(encoding, cut, workbench, context) : nullptr;
  auto found = scan_keys(cut, workbench.folder(), workbench.tools(), context);
  if (!found) return cut::Refusal{"its packets are not its frames"};
  auto parts = cut::plan_copy(cut.video_stream(), cut.video->verdict.cut, found->keys);
  if (auto* refusal = std::get_if<cut::Refusal>(&parts)) return std::move(*refusal);
  auto& copy = std::get<cut::CopyPlan>(parts);
  if (copy.leading > 0) return cut::Refusal{"pictures shown before an IDR picture follow it"};
  auto edges = cut::edge_encoding(found->sets, copy.reorder);
  if (auto* refusal = std::get_if<cut::Refusal>(&edges)) return std::move(*refusal);
  return SmartPlan{std::move(copy), std::get<cut::EdgeEncoding>(edges), std::move(found->sets),
                   std::move(found->keys), std::move(audio)};
}

void render_smart(const SmartPlan& plan, const cut::RenderJob& job, const MeasuredCut& cut,
                  Workbench& workbench, Context& context) {
  const auto& tools = workbench.tools();
  const auto& piece = job.pieces.front();
  const auto file = [&](std::string_view name) { return (workbench.folder() / name).native(); };
  context.detail(fmt::format("{} to encode, {} to copy, {} to encode",
                             core::counted(plan.parts.head.timestamps.size(), "frame"),
                             plan.parts.copied(), plan.parts.tail.timestamps.size()));
  Parts parts(workbench, context);
  const auto& whole = cut.video->measured.join;
  const auto& frames = cut.video->verdict.cut;
  const cut::Copied copied(whole.input(), cut.video_stream(), plan.parts, frames.first);
  parts.start(cut::copy_argv(tools.ffmpeg, copied, parts.file("middle")),
              "copy what can be copied");
  std::vector<std::string> files{parts.file("middle")};
  if (!plan.parts.head.empty()) {
    auto head = edge_of(plan.parts.head, plan, cut, piece.input, piece.first - frames.first, "head",
                        workbench);
    head.set_id = plan.edges.head_id;
    start_edge(parts, head, "head", plan, job, tools);
    files.insert(files.begin(), parts.file("head"));
  }
  if (!plan.parts.tail.empty()) {
    auto tail = edge_of(plan.parts.tail, plan, cut, whole.input(), 0, "tail", workbench);
    tail.set_id = plan.edges.tail_id;
    start_edge(parts, tail, "tail", plan, job, tools);
    files.push_back(parts.file("tail"));
  }
  parts.finish();
  join_files(files, context.interrupt());
  if (plan.audio) plan.audio->finish();
  context.progress(kPartsDone);

  const auto audio = plan.audio ? std::optional(audio_file(workbench)) : std::nullopt;
  const cut::Stitch stitch{files.front(), audio, file("stitched.mp4"), file("stitched-sets.h264")};
  run_program(cut::stitch_argv(tools.ffmpeg, stitch, job), "put the clip together", {}, context);
  io::remove_file(stitch.parts);
  // What was copied may have its sets in a segment that was not.
  auto sets = parameter_sets_of(stitch.sets);
  sets.add(plan.sets);
  write_with_index_first(stitch.output, job.output, sets, context.interrupt());
  io::remove_file(stitch.output);
  context.progress(1);
}

}  // namespace momentcut::pipeline
