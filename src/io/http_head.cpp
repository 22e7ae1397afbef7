#include "momentcut/io/http_head.hpp"

#include <utility>

#include "momentcut/core/text.hpp"

namespace momentcut::io {
namespace {

constexpr std::size_t kMostHeader = 256U << 10U;
constexpr std::size_t kMostFields = 1'000;

}  // namespace

bool HttpHeadReader::take(std::string_view line) {
  size_ += line.size();
  if (size_ > kMostHeader) return refuse("a header of more than 256 KiB");
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (whole_) return true;
  if (!begun_) return take_status(line);
  if (!line.empty()) return take_field(line);
  begun_ = false;
  whole_ = head_.status >= 200;
  return true;
}

bool HttpHeadReader::take_status(std::string_view line) {
  head_ = {};
  const auto space = line.find(' ');
  if (!line.starts_with("HTTP/") || space == std::string_view::npos) {
    return refuse("no HTTP status line");
  }
  line = core::trimmed(line.substr(space));
  const auto status = core::parse_unsigned(line.substr(0, line.find(' ')));
  if (!status || *status < 100 || *status > 999) return refuse("no HTTP status line");
  if (*status == 101) return refuse("the server switched to another protocol");
  head_.status = static_cast<int>(*status);
  begun_ = true;
  return true;
}

bool HttpHeadReader::take_field(std::string_view line) {
  auto& fields = head_.fields;
  if (line.front() == ' ' || line.front() == '\t') {
    // The obsolete continuation of the field before it (RFC 9112 §5.2).
    if (fields.empty()) return refuse("a header line that continues nothing");
    auto& value = fields.back().second;
    if (!value.empty()) value += ' ';
    value += core::trimmed(line);
    return true;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return refuse("a header line without a colon");
  if (fields.size() == kMostFields) return refuse("more than 1000 header fields");
  auto name = core::lowered(core::trimmed(line.substr(0, colon)));
  const auto value = core::trimmed(line.substr(colon + 1));
  if (name == "content-length") {
    // libcurl would read on until the connection ends, and take a part for the whole.
    const auto* other = head_.field(name);
    if (!core::parse_unsigned(value) || (other != nullptr && *other != value)) {
      return refuse("a Content-Length that is none");
    }
  }
  fields.emplace_back(std::move(name), value);
  return true;
}

bool HttpHeadReader::refuse(std::string complaint) {
  complaint_ = std::move(complaint);
  return false;
}

}  // namespace momentcut::io
