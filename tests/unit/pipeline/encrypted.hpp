// What packagers do to segments: AES-128 in CBC mode with PKCS7 padding (RFC 8216 §4.3.2.4).
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/evp.h>

namespace momentcut::pipeline {

// `key` and `iv` are 16 bytes each.
inline std::string encrypted(const std::string& plain, const std::string& key,
                             const std::string& iv) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const auto bytes_of = [](const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  std::string result(plain.size() + 16, '\0');
  auto* at = reinterpret_cast<unsigned char*>(result.data());
  int size = 0;
  int rest = 0;
  if (EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_cbc(), nullptr, bytes_of(key), bytes_of(iv)) !=
          1 ||
      EVP_EncryptUpdate(cipher.get(), at, &size, bytes_of(plain), static_cast<int>(plain.size())) !=
          1 ||
      EVP_EncryptFinal_ex(cipher.get(), at + size, &rest) != 1) {
    throw std::runtime_error("cannot encrypt");
  }
  result.resize(static_cast<std::size_t>(size + rest));
  return result;
}

// A media sequence number below 256 as an IV.
inline std::string sequence_iv(unsigned number) {
  return std::string(15, '\0') + static_cast<char>(number);
}

}  // namespace momentcut::pipeline
