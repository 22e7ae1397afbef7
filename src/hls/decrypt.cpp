#include "momentcut/hls/decrypt.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::hls {
namespace {

using core::Error;
using core::ErrorKind;

unsigned nibble(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  return static_cast<unsigned>((digit | 0x20) - 'a') + 10;
}

}  // namespace

Block read_key(std::string_view content) {
  if (content.size() != kBlockBytes) {
    throw Error(ErrorKind::bad_data,
                fmt::format("the key has {} instead of 16", core::counted(content.size(), "byte")),
                "is the key's URI right, and are you allowed to read it?");
  }
  Block key{};
  std::copy(content.begin(), content.end(), key.begin());
  return key;
}

Block initialization_vector(const Key& key, std::uint64_t media_sequence) {
  Block iv{};
  if (!key.iv) {
    for (std::size_t i = 0; i < sizeof media_sequence; ++i) {
      iv[kBlockBytes - 1 - i] = static_cast<unsigned char>(media_sequence >> (8 * i));
    }
    return iv;
  }
  const std::string_view text = *key.iv;
  const auto digits = text.substr(std::min<std::size_t>(2, text.size()));
  static constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
  const bool is_hexadecimal = digits.find_first_not_of(kDigits) == std::string_view::npos;
  if (digits.empty() || digits.size() > 2 * kBlockBytes || !is_hexadecimal) {
    throw Error(ErrorKind::bad_data, fmt::format("the IV {} is none", core::quoted(text)));
  }
  // A number of 128 bits, so that digits left out are zeros in front.
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const auto value = nibble(digits[digits.size() - 1 - i]);
    iv[kBlockBytes - 1 - i / 2] |= static_cast<unsigned char>(i % 2 == 0 ? value : value << 4U);
  }
  return iv;
}

std::string why_not_decrypted(const Key& key) {
  if (key.method != "AES-128") return fmt::format("encrypted by {}", core::printable(key.method));
  if (key.keyformat != "identity") {
    return fmt::format("encrypted with a key of the format {}", core::quoted(key.keyformat));
  }
  // §4.3.2.4 has keys fetched; one that stands in the playlist protects nothing.
  if (core::lowered(key.uri.substr(0, 5)) == "data:") return "encrypted with a key in a data: URL";
  return {};
}

struct Decryptor::State {
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher{EVP_CIPHER_CTX_new(),
                                                                         &EVP_CIPHER_CTX_free};
};

Decryptor::Decryptor(const Block& key, const Block& iv) : state_(std::make_unique<State>()) {
  auto* cipher = state_->cipher.get();
  if (cipher == nullptr ||
      EVP_DecryptInit_ex(cipher, EVP_aes_128_cbc(), nullptr, key.data(), iv.data()) != 1) {
    throw Error(ErrorKind::internal, "cannot decrypt");
  }
}

Decryptor::~Decryptor() = default;
Decryptor::Decryptor(Decryptor&&) noexcept = default;
Decryptor& Decryptor::operator=(Decryptor&&) noexcept = default;

std::string Decryptor::pass(std::string_view bytes) {
  std::string plain(bytes.size() + kBlockBytes, '\0');
  int size = 0;
  if (EVP_DecryptUpdate(state_->cipher.get(), reinterpret_cast<unsigned char*>(plain.data()), &size,
                        reinterpret_cast<const unsigned char*>(bytes.data()),
                        static_cast<int>(bytes.size())) != 1) {
    throw Error(ErrorKind::internal, "cannot decrypt");
  }
  plain.resize(static_cast<std::size_t>(size));
  return plain;
}

std::string Decryptor::finish() {
  std::string plain(kBlockBytes, '\0');
  int size = 0;
  if (EVP_DecryptFinal_ex(state_->cipher.get(), reinterpret_cast<unsigned char*>(plain.data()),
                          &size) != 1) {
    throw Error(ErrorKind::bad_data, "it cannot be decrypted: its padding is wrong",
                "either the key or the IV is another one, or the segment is cut short");
  }
  plain.resize(static_cast<std::size_t>(size));
  return plain;
}

}  // namespace momentcut::hls
