#include "momentcut/pipeline/key_scan.hpp"

#include <string_view>

#include "momentcut/cut/stitch.hpp"
#include "momentcut/io/files.hpp"

namespace momentcut::pipeline {
namespace {

constexpr std::size_t kMostSetBytes = 64U << 20U;

}  // namespace

std::optional<KeyScan> scan_keys(const MeasuredCut& cut, const std::filesystem::path& folder,
                                 const Tools& tools, Context& context) {
  const auto sets_file = folder / "parameter-sets.h264";
  cut::KeyReader reader;
  run_program(
      cut::scan_argv(tools.ffmpeg, cut.video->measured.join.input(), sets_file.native()),
      "look for key frames", [&](std::string_view line) { reader.line(line); }, context);
  const auto keys = reader.keys(cut.video_stream().time_base);
  if (!keys) return {};
  return KeyScan{*keys, parameter_sets_of(sets_file)};
}

cut::ParameterSets parameter_sets_of(const std::filesystem::path& file) {
  return cut::parameter_sets_in(io::read_file(file, kMostSetBytes));
}

}  // namespace momentcut::pipeline
