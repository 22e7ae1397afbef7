// Small text work that every room needs: trimming, whole-number parsing, safe display.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace momentcut::core {

// Without spaces and tabs at either end.
std::string_view trimmed(std::string_view text) noexcept;

// The pieces between `separator`s; "a,,b" has three, "" has one (empty).
std::vector<std::string_view> split(std::string_view text, char separator);

// A whole decimal number, digits only, that fits 64 bits; nullopt otherwise.
std::optional<std::uint64_t> parse_unsigned(std::string_view text) noexcept;

// ASCII lower case; other bytes are kept.
std::string lowered(std::string_view text);

// The most bytes of `text`, up to `at_most`, that do not end within a UTF-8 character.
std::size_t whole_characters(std::string_view text, std::size_t at_most) noexcept;

// A URL without what may be secret in it: user and password, query and fragment give way to "…".
// Text without "://" is kept, and so is "s3://…".
std::string redacted(std::string_view text);

// The same for a playlist's URI, which may be relative, "seg.ts?…", or hold the content itself,
// "data:text/plain,…".
std::string redacted_reference(std::string_view uri);

// `text` between double quotes for a message: redacted, control characters escaped, so that hostile
// input can neither break the one line of an error nor drive a terminal, and long text shortened.
std::string quoted(std::string_view text, std::size_t at_most = 120);

// `text` for a line of output that is not quoted: control characters replaced by '?'.
std::string printable(std::string_view text);

// `argv` as a POSIX shell would have to be given it, for people who want to run it by hand.
std::string shell_quoted(const std::vector<std::string>& argv);

// "1 segment", "2 segments": a count with its noun, the plural by an appended 's'.
std::string counted(std::uint64_t count, std::string_view noun);

}  // namespace momentcut::core
