// AES-128 decryption of segments and initialization sections (RFC 8216 §5.2).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "momentcut/hls/playlist.hpp"

namespace momentcut::hls {

inline constexpr std::size_t kBlockBytes = 16;
using Block = std::array<unsigned char, kBlockBytes>;

// The key that a key file holds: exactly 16 bytes (§5). Throws core::Error(bad_data) otherwise.
Block read_key(std::string_view content);

// The initialization vector of what `key` applies to: its IV attribute, else the segment's media
// sequence number in big-endian order (§5.2). Throws core::Error(bad_data) for an IV attribute that
// is none.
Block initialization_vector(const Key& key, std::uint64_t media_sequence);

// Why what `key` encrypts is not decrypted, one phrase: its method, its key format or where the key
// stands. Empty: it is.
std::string why_not_decrypted(const Key& key);

// Decrypts one segment, in pieces of any size: AES-128 in CBC mode with PKCS7 padding.
class Decryptor {
 public:
  Decryptor(const Block& key, const Block& iv);
  ~Decryptor();
  Decryptor(Decryptor&&) noexcept;
  Decryptor& operator=(Decryptor&&) noexcept;

  // What can be told of the plain text by now; the last block is held back until finish().
  std::string pass(std::string_view bytes);
  // The rest. Throws core::Error(bad_data) where the padding is wrong: another key or IV, or a
  // segment that is cut short.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace momentcut::hls
