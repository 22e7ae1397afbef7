// AES-128 as the openssl program encrypts it, and what is refused.
#include "momentcut/hls/decrypt.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"

using namespace momentcut::hls;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;

namespace {

int value_of(char digit) {
  return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

// The bytes that lower-case hexadecimal digits stand for.
std::string bytes(const std::string& digits) {
  std::string result;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    result += static_cast<char>(value_of(digits[i]) * 16 + value_of(digits[i + 1]));
  }
  return result;
}

Block block(const std::string& digits) {
  return read_key(bytes(digits));
}

// All vectors are made by
//   printf TEXT | openssl enc -aes-128-cbc -K KEY -iv IV | xxd -p
// with this KEY, and, where no other one is said, with the same digits as the IV.
const std::string kKeyDigits = "000102030405060708090a0b0c0d0e0f";
const Block kKey = block(kKeyDigits);

const std::string kFox = "The quick brown fox jumps over the lazy dog";
const std::string kFoxDigits =
    "d5f239401cf82914474428e33d8b1c9e380a8f51f8800d23a97775715faf4ba9184136f0641c6aa50af279b95be104"
    "23";

std::string decrypted(const std::string& digits, const Block& iv = kKey, std::size_t piece = 1000) {
  Decryptor decryptor(kKey, iv);
  const auto encrypted = bytes(digits);
  std::string plain;
  for (std::size_t at = 0; at < encrypted.size(); at += piece) {
    plain += decryptor.pass(encrypted.substr(at, piece));
  }
  return plain + decryptor.finish();
}

Key key_with_iv(const std::string& iv) {
  Key key;
  key.method = "AES-128";
  key.iv = iv;
  return key;
}

}  // namespace

TEST_CASE("a segment is decrypted in pieces of any size") {
  for (const std::size_t piece : {1U, 2U, 15U, 16U, 17U, 31U, 32U, 33U, 47U, 48U, 1000U}) {
    CAPTURE(piece);
    CHECK(decrypted(kFoxDigits, kKey, piece) == kFox);
  }
}

TEST_CASE("the last block is held back until the end, as it may be padding") {
  Decryptor decryptor(kKey, kKey);
  const auto encrypted = bytes(kFoxDigits);
  CHECK(decryptor.pass(encrypted.substr(0, 16)).empty());
  CHECK(decryptor.pass("").empty());
  CHECK(decryptor.pass(encrypted.substr(16)) == kFox.substr(0, 32));
  CHECK(decryptor.finish() == kFox.substr(32));
}

TEST_CASE("what fills its last block has a block of padding behind it") {
  CHECK(decrypted("a1848c42bb8b5e1a46acd958ccfec54fa0b8c3327fd78f5ba3f75af79f4834b8") ==
        "0123456789abcdef");
  CHECK(decrypted("07feef74e1d5036e900eee118e949293").empty());
}

TEST_CASE("without an IV it is the media sequence number, with its last byte last") {
  Key key;
  key.method = "AES-128";
  CHECK(initialization_vector(key, 0) == Block{});
  CHECK(initialization_vector(key, 7) == block("00000000000000000000000000000007"));
  CHECK(initialization_vector(key, 0x0123456789abcdef) ==
        block("00000000000000000123456789abcdef"));
  CHECK(initialization_vector(key, UINT64_MAX) == block("0000000000000000ffffffffffffffff"));
  // -iv 00000000000000000000000000000007
  CHECK(decrypted("85dfa6b40526ef6668201cfdc4e6ffe3445425b0e46100445276166110216e750a9e216e0ab78efb"
                  "2d44e74e2085df3e",
                  initialization_vector(key, 7)) == kFox);
  // -iv 00000000000000000123456789abcdef
  CHECK(decrypted("febc57d44bf270d9e9170508200f9ca8",
                  initialization_vector(key, 0x0123456789abcdef)) == "segment");
}

TEST_CASE("an IV attribute counts, whatever the media sequence number is") {
  const auto digits = "00112233445566778899aAbBcCdDeEfF";
  for (const std::string prefix : {"0x", "0X"}) {
    CHECK(initialization_vector(key_with_iv(prefix + digits), 7) ==
          block("00112233445566778899aabbccddeeff"));
  }
}

TEST_CASE("an IV with fewer digits has zeros in front of them") {
  CHECK(initialization_vector(key_with_iv("0x0"), 7) == Block{});
  CHECK(initialization_vector(key_with_iv("0x7"), 1) == initialization_vector(Key{}, 7));
  CHECK(initialization_vector(key_with_iv("0xabc"), 1) ==
        block("00000000000000000000000000000abc"));
  CHECK(initialization_vector(key_with_iv("0x102030405060708090a0b0c0d0e0f"), 1) == kKey);
  // -iv 00000000000000000000000000000abc
  CHECK(decrypted("00b940dccb8dddcc21803a3ddcd8083d",
                  initialization_vector(key_with_iv("0xABC"), 1)) == "segment");
}

TEST_CASE("an IV that is none is refused") {
  for (const std::string iv :
       {"", "0x", "0xg", "0x12 4", "0x0-1", "7", "12", "0x000102030405060708090a0b0c0d0e0f0"}) {
    CAPTURE(iv);
    const auto error = thrown_by([&] { initialization_vector(key_with_iv(iv), 1); });
    CHECK(error.kind() == ErrorKind::bad_data);
    CHECK(error.line() == "the IV \"" + iv + "\" is none");
  }
}

TEST_CASE("a key is 16 bytes, whichever they are") {
  const std::string zeros(16, '\0');
  CHECK(read_key(zeros) == Block{});
  CHECK(read_key(std::string(15, '\xff') + "\n").back() == '\n');
}

TEST_CASE("a key of another length is refused, digits of one too") {
  const auto told = [](const std::string& content) {
    const auto error = thrown_by([&] { read_key(content); });
    CHECK(error.kind() == ErrorKind::bad_data);
    CHECK(error.hint() == "is the key's URI right, and are you allowed to read it?");
    return std::string(error.what());
  };
  CHECK(told("") == "the key has 0 bytes instead of 16");
  CHECK(told("x") == "the key has 1 byte instead of 16");
  CHECK(told(std::string(15, 'x')) == "the key has 15 bytes instead of 16");
  CHECK(told(std::string(17, 'x')) == "the key has 17 bytes instead of 16");
  CHECK(told(kKeyDigits) == "the key has 32 bytes instead of 16");
}

TEST_CASE("wrong padding is another key or IV, or a segment that is cut short") {
  const auto refused = [](const std::string& digits, const Block& key = kKey) {
    Decryptor decryptor(key, kKey);
    decryptor.pass(bytes(digits));
    const auto error = thrown_by([&] { decryptor.finish(); });
    CHECK(error.kind() == ErrorKind::bad_data);
    CHECK(error.line() ==
          "it cannot be decrypted: its padding is wrong; either the key or the IV is another one, "
          "or the segment is cut short");
  };
  // Its last blocks, encrypted with -nopad, end with 00 00, with 01 02 and with 11.
  refused("2bf0fdf157b3317c4ae658bee0e243ac");
  refused("c89dfc58234c7cf2ec1d79940e885e71");
  refused("1ee19caa2babd2a73e7c8b70cd69f1b6");
  // Cut short within a block, at a block, and to nothing.
  refused(kFoxDigits.substr(0, 94));
  refused(kFoxDigits.substr(0, 64));
  refused("");
  refused(kFoxDigits, block("100102030405060708090a0b0c0d0e0f"));
}

TEST_CASE("a head is decrypted without its end") {
  Decryptor decryptor(kKey, kKey);
  CHECK(decryptor.pass(bytes(kFoxDigits).substr(0, 40)) == kFox.substr(0, 32));
}

TEST_CASE("a decryptor may be moved on its way") {
  Decryptor first(kKey, kKey);
  const auto encrypted = bytes(kFoxDigits);
  auto plain = first.pass(encrypted.substr(0, 20));
  Decryptor second = std::move(first);
  plain += second.pass(encrypted.substr(20));
  CHECK(plain + second.finish() == kFox);
}

TEST_CASE("only AES-128 with a plain key can be decrypted") {
  Key key;
  key.method = "AES-128";
  CHECK(why_not_decrypted(key).empty());
  for (const std::string uri : {"data:text/plain;base64,AA==", "DATA:,x"}) {
    key.uri = uri;
    CHECK(why_not_decrypted(key) == "encrypted with a key in a data: URL");
  }
  key.uri = "data/key";
  CHECK(why_not_decrypted(key).empty());
  key.keyformat = "com.apple.streamingkeydelivery";
  CHECK(why_not_decrypted(key) ==
        "encrypted with a key of the format \"com.apple.streamingkeydelivery\"");
  key.method = "SAMPLE-AES";
  CHECK(why_not_decrypted(key) == "encrypted by SAMPLE-AES");
  key.keyformat = "identity";
  CHECK(why_not_decrypted(key) == "encrypted by SAMPLE-AES");
  for (const std::string method : {"SAMPLE-AES-CTR", "AES-256", "aes-128", ""}) {
    key.method = method;
    CHECK(why_not_decrypted(key) == "encrypted by " + method);
  }
}
