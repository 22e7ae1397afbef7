#include "momentcut/hls/parse.hpp"

#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/hls/attributes.hpp"
#include "momentcut/hls/media_builder.hpp"
#include "momentcut/hls/multivariant_builder.hpp"
#include "momentcut/hls/tags.hpp"
#include "momentcut/hls/values.hpp"
#include "momentcut/hls/variables.hpp"

namespace momentcut::hls {
namespace {

[[noreturn]] void refuse(const std::string& reason, const std::string& hint = {}) {
  throw core::Error(core::ErrorKind::bad_data, reason, hint);
}

// Reads a playlist line by line and hands each to the builder that its kind asks for. A refusal
// leaves line() at the line it is about.
class Reader {
 public:
  explicit Reader(const ParseContext& context)
      : variables_(context), media_(variables_), multivariant_(variables_) {}

  Playlist read(std::string_view text);

  [[nodiscard]] std::uint32_t line() const noexcept { return line_; }

 private:
  // A tag that has settled the kind of the playlist.
  struct Evidence {
    std::string_view tag;
    std::uint32_t line;
  };

  void read_line(std::string_view line);
  void read_header(std::string_view line);
  void read_tag(std::string_view line);
  void read_shared_tag(Tag tag, std::string_view value);
  void read_start(std::string_view value);
  void read_uri(std::string_view uri);
  void settle_kind(const TagInfo& info);
  [[noreturn]] void refuse_at(std::uint32_t line, const std::string& reason);

  Playlist finish();
  MediaPlaylist finish_media();
  MultivariantPlaylist finish_multivariant();

  Variables variables_;
  MediaBuilder media_;
  MultivariantBuilder multivariant_;

  std::uint32_t line_ = 1;
  bool has_header_ = false;
  std::optional<Evidence> media_evidence_;
  std::optional<Evidence> multivariant_evidence_;
  bool has_session_tags_ = false;  // multivariant ones that are ignored
  std::uint32_t stray_uri_line_ = 0;

  std::optional<std::uint32_t> version_;
  std::optional<StartPoint> start_;
  bool independent_segments_ = false;
  bool endlist_ = false;
};

Playlist Reader::read(std::string_view text) {
  if (text.size() > kMostPlaylistBytes)
    refuse(fmt::format("is larger than {} MiB", kMostPlaylistBytes >> 20U));
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    while (line.ends_with('\r')) line.remove_suffix(1);
    read_line(line);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
    ++line_;
  }
  if (!has_header_) {
    line_ = 1;
    read_header({});
  }
  return finish();
}

void Reader::read_line(std::string_view line) {
  const bool is_too_long = line.size() > kMostLineBytes;
  line = core::trimmed(line);
  if (line.empty()) return;
  // First of all, since media given for a playlist is one long line too.
  if (!has_header_) return read_header(line);
  if (is_too_long) refuse(fmt::format("the line is longer than {} KiB", kMostLineBytes >> 10U));
  if (line.front() == '#') {
    read_tag(line);
  } else {
    read_uri(line);
  }
}

void Reader::read_header(std::string_view line) {
  constexpr std::string_view kHeader = "#EXTM3U";
  const bool is_header =
      line.starts_with(kHeader) && (line.size() == kHeader.size() || line[kHeader.size()] == ' ' ||
                                    line[kHeader.size()] == '\t');
  if (!is_header) refuse("does not begin with #EXTM3U", "is this an HLS playlist?");
  has_header_ = true;
}

void Reader::read_tag(std::string_view line) {
  if (!line.starts_with("#EXT")) return;
  const auto colon = line.find(':');
  const auto* const info = find_tag(core::trimmed(line.substr(0, colon)));
  if (info == nullptr) return;
  const auto value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  settle_kind(*info);
  if (info->tag == Tag::ignored) return;
  switch (info->kind) {
    case Kind::either:
      return read_shared_tag(info->tag, value);
    case Kind::media:
      return media_.read_tag(info->tag, value, line_);
    case Kind::multivariant:
      return multivariant_.read_tag(info->tag, value, line_);
  }
}

// RFC 8216 §4.1: a playlist of both kinds MUST NOT be accepted. Tags without a say in a cut do not
// settle it.
void Reader::settle_kind(const TagInfo& info) {
  if (info.kind == Kind::either) return;
  const bool is_multivariant = info.kind == Kind::multivariant;
  if (info.tag == Tag::ignored) {
    has_session_tags_ |= is_multivariant;
    return;
  }
  auto& evidence = is_multivariant ? multivariant_evidence_ : media_evidence_;
  const auto& other = is_multivariant ? media_evidence_ : multivariant_evidence_;
  if (other) {
    refuse(fmt::format("{} after {} on line {}: neither a media nor a multivariant playlist",
                       info.name, other->tag, other->line));
  }
  if (!evidence) evidence = Evidence{info.name, line_};
}

void Reader::read_shared_tag(Tag tag, std::string_view value) {
  switch (tag) {
    case Tag::version:
      version_ = read_small_integer(value, "#EXT-X-VERSION");
      return;
    case Tag::independent_segments:
      independent_segments_ = true;
      return;
    case Tag::start:
      return read_start(value);
    case Tag::define:
      return variables_.define(AttributeList(value));
    case Tag::endlist:
      endlist_ = true;
      return;
    default:
      return;
  }
}

void Reader::read_start(std::string_view value) {
  const AttributeList attributes(value);
  start_ = StartPoint{read_signed_decimal(attributes.required("TIME-OFFSET"), "TIME-OFFSET"),
                      attributes.is_yes("PRECISE")};
}

void Reader::read_uri(std::string_view uri) {
  if (multivariant_evidence_) {
    multivariant_.read_uri(uri);
  } else if (media_evidence_) {
    media_.read_uri(uri, line_);
  } else if (stray_uri_line_ == 0) {
    // Harmless if this turns out to be a multivariant playlist; finish() knows.
    stray_uri_line_ = line_;
  }
}

void Reader::refuse_at(std::uint32_t line, const std::string& reason) {
  line_ = line;
  refuse(reason);
}

Playlist Reader::finish() {
  if (multivariant_evidence_ || (has_session_tags_ && !media_evidence_ && stray_uri_line_ == 0))
    return finish_multivariant();
  return finish_media();
}

MediaPlaylist Reader::finish_media() {
  if (stray_uri_line_ != 0)
    refuse_at(stray_uri_line_, "a URI has neither #EXTINF nor #EXT-X-STREAM-INF before it");
  // Without EXT-X-ENDLIST the last segment may still be in the writing, and is not there yet.
  if (endlist_ && media_.open_line() != 0) refuse_at(media_.open_line(), "#EXTINF has no URI");
  auto playlist = media_.finish();
  playlist.version = version_;
  playlist.start = start_;
  playlist.independent_segments = independent_segments_;
  playlist.endlist = endlist_;
  return playlist;
}

MultivariantPlaylist Reader::finish_multivariant() {
  if (multivariant_.open_line() != 0)
    refuse_at(multivariant_.open_line(), "#EXT-X-STREAM-INF has no URI");
  auto playlist = multivariant_.finish();
  playlist.version = version_;
  playlist.start = start_;
  playlist.independent_segments = independent_segments_;
  playlist.variables = variables_.list();
  return playlist;
}

}  // namespace

Playlist parse(std::string_view text, const ParseContext& context) {
  Reader reader(context);
  try {
    return reader.read(text);
  } catch (const core::Error& error) {
    throw core::Error(error.kind(),
                      fmt::format("{}:{}: {}", context.name, reader.line(), error.what()),
                      error.hint());
  }
}

}  // namespace momentcut::hls
