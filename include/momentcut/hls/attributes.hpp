// Attribute lists: NAME=value,NAME="quoted value",… (RFC 8216 §4.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "momentcut/hls/playlist.hpp"

namespace momentcut::hls {

// More in one list is an attack, not a playlist: duplicates are searched for one by one.
inline constexpr std::size_t kMostAttributes = 256;

// The attributes of one tag. Names and values are views into the text it was made from. Names are
// compared as written: they are upper case (§4.2).
//
// Lenient, as hls.js, ffmpeg and Shaka are, where it cannot change a value: spaces and tabs around
// names, '=' and values; empty items, such as after a trailing comma; lower case in names; strings
// that should be quoted and are not, and the other way round.
//
// Strict where the players would guess, each in its own way: a quoted string that does not close or
// has text after its closing quote, a quote inside an unquoted value, an item without '=', an empty
// name or one with a space in it. A name that appears twice is refused too: the RFC says MUST NOT,
// hls.js and ffmpeg take the last, Shaka takes the first, so one of two URIs or byte ranges would
// be cut without anybody having decided which.
class AttributeList {
 public:
  // Throws core::Error(bad_data), whose message is the reason alone; parse() adds file and line.
  explicit AttributeList(std::string_view text);

  [[nodiscard]] std::size_t size() const noexcept { return attributes_.size(); }

  // The value without its quotes, whatever its type; nullopt where there is no such attribute.
  [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const noexcept;

  // The same of an attribute that has to be there and not to be empty. Throws like the constructor.
  [[nodiscard]] std::string_view required(std::string_view name) const;

  // True for NAME=YES alone.
  [[nodiscard]] bool is_yes(std::string_view name) const noexcept;

  // Values as hls/values reads them: nullopt for an attribute that is missing or has no such value,
  // and throws for a number that is negative, not finite or too large.
  [[nodiscard]] std::optional<std::uint64_t> integer(std::string_view name) const;
  [[nodiscard]] std::optional<double> decimal(std::string_view name) const;
  [[nodiscard]] std::optional<Resolution> resolution(std::string_view name) const;

 private:
  struct Attribute {
    std::string_view name;
    std::string_view value;
  };

  void add(std::string_view name, std::string_view value);

  std::vector<Attribute> attributes_;
};

}  // namespace momentcut::hls
