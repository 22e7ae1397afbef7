// Digests, as everybody else computes them.
#include "momentcut/io/digest.hpp"

#include <csignal>
#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "io/folder.hpp"
#include "momentcut/io/files.hpp"
#include "print.hpp"

using namespace momentcut::io;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;

TEST_CASE("a digest of a text is the one that everybody else computes") {
  // FIPS 180-2, B.1 and B.3; RFC 1321, A.5.
  CHECK(digest_of(Algorithm::sha256, "abc").hex() ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(digest_of(Algorithm::sha256, std::string(1'000'000, 'a')).hex() ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  CHECK(digest_of(Algorithm::md5, "message digest").hex() == "f96b697d7cb7938d525a2f31aaf161d0");
  CHECK(digest_of(Algorithm::md5, "").base64() == "1B2M2Y8AsgTpgAmY7PhCfg==");
}

TEST_CASE("a digest of a file is of the part that was asked for") {
  const Folder folder;
  Interrupt interrupt;
  const auto sha256 = [&](const std::string& name, std::uint64_t offset, std::uint64_t length) {
    return digest_of(Algorithm::sha256, folder / name, offset, length, interrupt).hex();
  };
  folder.write("abc", "xabcx");
  CHECK(sha256("abc", 1, 3) == digest_of(Algorithm::sha256, "abc").hex());
  CHECK(sha256("abc", 1, kToTheEnd) == digest_of(Algorithm::sha256, "abcx").hex());
  CHECK(sha256("abc", 9, 3) == digest_of(Algorithm::sha256, "").hex());
  // One that takes more than one read.
  folder.write("z", std::string(4U << 20U, '\0'));
  CHECK(sha256("z", 0, kToTheEnd) ==
        "bb9f8df61474d25e71fa00722318cd387396ca1736605e1248821cc0de3d3af8");
  CHECK(thrown_by([&] { sha256("none", 0, 1); }).kind() == ErrorKind::not_found);
}

TEST_CASE("a signal ends the digest of a file") {
  const Folder folder;
  Interrupt interrupt;
  const auto path = folder.write("abc", "abc");
  std::raise(SIGTERM);
  CHECK(thrown_by([&] { digest_of(Algorithm::md5, path, 0, 3, interrupt); }).kind() ==
        ErrorKind::interrupted);
}
