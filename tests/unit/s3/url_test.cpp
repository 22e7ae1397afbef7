// URLs in parts, and references resolved against them.
#include "momentcut/s3/url.hpp"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "print.hpp"

using namespace momentcut::s3;

namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// The parts of `text`, each where it is in "scheme|authority|path|query"; "-" for one that is
// missing.
std::string parted(std::string_view text) {
  const auto parts = url_parts(text);
  const auto shown = [](bool there, std::string_view part) {
    return there ? std::string(part) : "-";
  };
  return std::string(parts.scheme) + "|" + shown(parts.has_authority, parts.authority) + "|" +
         std::string(parts.path) + "|" + shown(parts.has_query, parts.query);
}

// What `reference` means in the resource of RFC 3986 §5.4.
std::string in_rfc(std::string_view reference) {
  return resolved_url("http://a/b/c/d;p?q", reference);
}

}  // namespace

TEST_CASE("a URL comes apart into its parts, and what it lacks is not an empty part") {
  CHECK(parted("https://user@h:1/p/q?x=1&y#frag") == "https|user@h:1|/p/q|x=1&y");
  CHECK(parted("HTTP://h") == "HTTP|h||-");
  CHECK(parted("http://h?") == "http|h||");
  CHECK(parted("http://h?a/b:c") == "http|h||a/b:c");
  CHECK(parted("//h/p") == "|h|/p|-");
  CHECK(parted("file:///p") == "file||/p|-");
  CHECK(parted("data:,x") == "data|-|,x|-");
  CHECK(parted("/p:q") == "|-|/p:q|-");
  CHECK(parted("10:30.ts") == "|-|10:30.ts|-");
  CHECK(parted("seg.ts?t=a:b") == "|-|seg.ts|t=a:b");
  CHECK(parted("#only") == "|-||-");
  CHECK(parted("") == "|-||-");
  CHECK(parted("a#b?c") == "|-|a|-");
}

TEST_CASE("a reference means what RFC 3986 has it mean") {
  // §5.4.1, without the fragments.
  CHECK(in_rfc("g") == "http://a/b/c/g");
  CHECK(in_rfc("./g") == "http://a/b/c/g");
  CHECK(in_rfc("g/") == "http://a/b/c/g/");
  CHECK(in_rfc("/g") == "http://a/g");
  CHECK(in_rfc("//g") == "http://g");
  CHECK(in_rfc("?y") == "http://a/b/c/d;p?y");
  CHECK(in_rfc("g?y") == "http://a/b/c/g?y");
  CHECK(in_rfc("#s") == "http://a/b/c/d;p?q");
  CHECK(in_rfc("g#s") == "http://a/b/c/g");
  CHECK(in_rfc(";x") == "http://a/b/c/;x");
  CHECK(in_rfc("") == "http://a/b/c/d;p?q");
  CHECK(in_rfc(".") == "http://a/b/c/");
  CHECK(in_rfc("./") == "http://a/b/c/");
  CHECK(in_rfc("..") == "http://a/b/");
  CHECK(in_rfc("../g") == "http://a/b/g");
  CHECK(in_rfc("../..") == "http://a/");
  CHECK(in_rfc("../../g") == "http://a/g");
  // §5.4.2.
  CHECK(in_rfc("../../../g") == "http://a/g");
  CHECK(in_rfc("/./g") == "http://a/g");
  CHECK(in_rfc("/../g") == "http://a/g");
  CHECK(in_rfc("g.") == "http://a/b/c/g.");
  CHECK(in_rfc("..g") == "http://a/b/c/..g");
  CHECK(in_rfc("./g/.") == "http://a/b/c/g/");
  CHECK(in_rfc("g/../h") == "http://a/b/c/h");
  CHECK(in_rfc("g?y/../x") == "http://a/b/c/g?y/../x");
  CHECK(in_rfc("https://o/x/../y?z") == "https://o/y?z");
}

TEST_CASE("a reference in a host without a path lies at its top") {
  CHECK(resolved_url("http://h", "0.ts") == "http://h/0.ts");
  CHECK(resolved_url("http://h?q", "0.ts") == "http://h/0.ts");
  CHECK(resolved_url("http://h:8080/p.m3u8", "/0.ts") == "http://h:8080/0.ts");
}

TEST_CASE("a base's query is not handed to what it names") {
  CHECK(resolved_url("http://h/r/p.m3u8?token=1", "0.ts") == "http://h/r/0.ts");
  CHECK(resolved_url("http://h/r/p.m3u8?a=/x/", "0.ts") == "http://h/r/0.ts");
}

TEST_CASE("what no URL may hold is encoded, and what is encoded stays") {
  CHECK(resolved_url("http://h/r/p", "a b%20c.ts") == "http://h/r/a%20b%20c.ts");
  CHECK(encoded_where_needed("/größe|\"<>\\^`{}\x7f\r\n") ==
        "/gr%C3%B6%C3%9Fe%7C%22%3C%3E%5C%5E%60%7B%7D%7F%0D%0A");
  const std::string fine = "http://u:p@h:1/a-b._~!$&'()*+,;=:@%41[1]?q/?";
  CHECK(encoded_where_needed(fine) == fine);
}

TEST_CASE("dot segments go, and empty ones are folders like others") {
  CHECK(without_dot_segments("/a/b/c/./../../g") == "/a/g");
  CHECK(without_dot_segments("/..") == "/");
  CHECK(without_dot_segments("/.") == "/");
  CHECK(without_dot_segments("/a/..") == "/");
  CHECK(without_dot_segments("/a//../b") == "/a/b");
  CHECK(without_dot_segments("//a") == "//a");
  CHECK(without_dot_segments("/%2e%2e/a") == "/%2e%2e/a");
  CHECK(without_dot_segments("") == "");
  CHECK(without_dot_segments("/") == "/");
}

TEST_CASE("a fragment is cut off at the first hash") {
  CHECK(without_fragment("http://h/p?q#a#b") == "http://h/p?q");
  CHECK(without_fragment("http://h/p%23") == "http://h/p%23");
  CHECK(without_fragment("") == "");
}

TEST_CASE("an origin is scheme, host and port, however they are written") {
  CHECK(origin_of("HTTPS://Host.Example/p?q") == "https://host.example:443");
  CHECK(origin_of("https://host.example:443/other") == "https://host.example:443");
  CHECK(origin_of("https://host.example:/x") == "https://host.example:443");
  CHECK(origin_of("http://h") == "http://h:80");
  CHECK(origin_of("http://[::1]/p") == "http://[::1]:80");
  CHECK(origin_of("http://[::1]:8080/p") == "http://[::1]:8080");
}

TEST_CASE("another port, scheme or host is another origin, and a user is none") {
  CHECK(origin_of("https://h") != origin_of("http://h"));
  CHECK(origin_of("http://h:8080") != origin_of("http://h"));
  CHECK(origin_of("http://h.evil") != origin_of("http://h"));
  // What stands before '@' is a user, however much it looks like a host.
  CHECK(origin_of("http://good:80@evil/") == "http://evil:80");
  CHECK(origin_of("http://good@bad@evil/") == "http://evil:80");
  CHECK(origin_of("http://evil/?@good/") == "http://evil:80");
}

TEST_CASE("query parameters are decoded, and the first of a name counts") {
  CHECK(query_parameters("http://h/p?a=1&b=x%20y%3D&a=2&c&=d&%61=3&e=f=g#h=i") ==
        Parameters{{"a", "1"}, {"b", "x y="}, {"c", ""}, {"e", "f=g"}});
  CHECK(query_parameters("http://h/p").empty());
  CHECK(query_parameters("http://h/p?").empty());
  CHECK(query_parameters("http://h/a=1").empty());
}

TEST_CASE("percent forms stand for bytes, and half ones for themselves") {
  CHECK(percent_decoded("a%20b%2Fc%2f") == "a b/c/");
  CHECK(percent_decoded("gr%C3%B6%C3%9fe") == "größe");
  CHECK(percent_decoded("%") == "%");
  CHECK(percent_decoded("%4") == "%4");
  CHECK(percent_decoded("%4g") == "%4g");
  CHECK(percent_decoded("%-1%+1% 1%0x") == "%-1%+1% 1%0x");
  CHECK(percent_decoded("%%41") == "%A");
  CHECK(percent_decoded("%2541") == "%41");
  CHECK(percent_decoded("") == "");
}
