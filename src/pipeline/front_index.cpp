#include "momentcut/pipeline/front_index.hpp"

#include <cstdint>
#include <string_view>

#include "momentcut/core/error.hpp"
#include "momentcut/cut/mp4.hpp"
#include "momentcut/io/files.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

constexpr std::uint64_t kMostIndexBytes = 1U << 30U;

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

}  // namespace

void write_with_index_first(const std::string& from, const std::string& to,
                            const cut::ParameterSets& sets, io::Interrupt& interrupt) {
  const auto layout = layout_of(from, interrupt);
  const auto index =
      cut::index_for_front(bytes_at(from, layout.index, layout.size, interrupt), sets);
  io::JoinedFile clip(to, io::JoinedFile::Begin::emptied);
  clip.append(from, 0, layout.media, interrupt);
  clip.append(index);
  clip.append(from, layout.media, layout.index - layout.media, interrupt);
}

}  // namespace momentcut::pipeline
