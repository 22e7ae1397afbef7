#include "momentcut/io/digest.hpp"

#include <array>
#include <memory>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "momentcut/core/error.hpp"
#include "momentcut/io/files.hpp"

namespace momentcut::io {
namespace {

class Hash {
 public:
  explicit Hash(Algorithm algorithm) : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    const auto* kind = algorithm == Algorithm::md5 ? EVP_md5() : EVP_sha256();
    good_ = context_ && EVP_DigestInit_ex(context_.get(), kind, nullptr) == 1;
  }

  void add(std::string_view bytes) {
    good_ = good_ && EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1;
  }

  Digest end() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (!good_ || EVP_DigestFinal_ex(context_.get(), digest.data(), &size) != 1) {
      throw core::Error(core::ErrorKind::internal, "cannot compute a digest");
    }
    return {std::string(digest.begin(), digest.begin() + size)};
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
  bool good_ = false;
};

}  // namespace

std::string Digest::hex() const {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

std::string Digest::base64() const {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // with the NUL that OpenSSL adds
  const auto length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                      reinterpret_cast<const unsigned char*>(bytes.data()),
                                      static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

Digest digest_of(Algorithm algorithm, std::string_view text) {
  Hash hash(algorithm);
  hash.add(text);
  return hash.end();
}

Digest digest_of(Algorithm algorithm, const std::filesystem::path& path, std::uint64_t offset,
                 std::uint64_t length, Interrupt& interrupt) {
  Hash hash(algorithm);
  each_piece(path, offset, length, interrupt, [&](std::string_view bytes) { hash.add(bytes); });
  return hash.end();
}

}  // namespace momentcut::io
