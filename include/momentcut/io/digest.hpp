// Digests of texts and files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "momentcut/io/interrupt.hpp"

namespace momentcut::io {

// MD5 is what S3 names an object's content by, not what anything is trusted for.
enum class Algorithm { md5, sha256 };

struct Digest {
  std::string bytes;

  [[nodiscard]] std::string hex() const;  // in lower case
  [[nodiscard]] std::string base64() const;
};

Digest digest_of(Algorithm algorithm, std::string_view text);

// Of at most `length` bytes of a file from `offset` on. Throws core::Error as each_piece() does.
Digest digest_of(Algorithm algorithm, const std::filesystem::path& path, std::uint64_t offset,
                 std::uint64_t length, Interrupt& interrupt);

}  // namespace momentcut::io
