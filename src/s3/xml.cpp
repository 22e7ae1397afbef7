#include "momentcut/s3/xml.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/s3/url.hpp"

namespace momentcut::s3 {
namespace {

using core::Error;
using core::ErrorKind;

constexpr std::string_view kWhiteSpace = " \t\r\n";

// Without a namespace's prefix.
std::string_view local_name(pugi::xml_node node) {
  const std::string_view name = node.name();
  const auto colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

bool is_element(pugi::xml_node node, std::string_view name) {
  return node.type() == pugi::node_element && local_name(node) == name;
}

// The first element `name` in `parent`; a null node where there is none.
pugi::xml_node child(pugi::xml_node parent, std::string_view name) {
  return parent.find_child([&](pugi::xml_node node) { return is_element(node, name); });
}

// All of an element's own text, as it stands.
std::string text_of(pugi::xml_node node) {
  std::string text;
  for (const auto part : node.children()) {
    if (part.type() == pugi::node_pcdata || part.type() == pugi::node_cdata) text += part.value();
  }
  return text;
}

// The text of the element `name` in `parent`, without white space around it; empty without it.
std::string word_in(pugi::xml_node parent, std::string_view name) {
  const auto text = text_of(child(parent, name));
  const auto first = text.find_first_not_of(kWhiteSpace);
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhiteSpace) - first + 1);
}

// Parses `body` into `document`. Its root element; a null node for what is no XML.
pugi::xml_node parse_root(pugi::xml_document& document, std::string_view body) {
  const auto begin = body.find_first_not_of(kWhiteSpace);
  // pugixml would take a NUL for the end.
  if (begin == std::string_view::npos || body.find('\0') != std::string_view::npos) return {};
  body.remove_prefix(begin);
  // A key may be a single space.
  constexpr unsigned kHow = pugi::parse_default | pugi::parse_ws_pcdata_single;
  if (!document.load_buffer(body.data(), body.size(), kHow, pugi::encoding_utf8)) return {};
  return document.document_element();
}

[[noreturn]] void refuse(std::string_view answer, std::string_view why) {
  throw Error(ErrorKind::protocol, fmt::format("{}: {}", answer, why));
}

// The root element, which has to be `name`.
pugi::xml_node expect_root(pugi::xml_document& document, std::string_view body,
                           std::string_view name, std::string_view answer) {
  const auto root = parse_root(document, body);
  if (!root) refuse(answer, "no XML");
  if (!is_element(root, name)) refuse(answer, fmt::format("no <{}>", name));
  return root;
}

// A word that has to be there.
std::string expect_word(pugi::xml_node parent, std::string_view name, std::string_view answer) {
  auto word = word_in(parent, name);
  if (word.empty()) refuse(answer, fmt::format("no <{}>", name));
  return word;
}

constexpr std::string_view kListing = "the service's listing of the bucket";
constexpr std::string_view kUpload = "the service's answer to a new multipart upload";
constexpr std::string_view kCompleted = "the service's answer to a complete multipart upload";
constexpr std::string_view kAssumedRole = "the credentials of the web identity's role";

// As application/x-www-form-urlencoded has it: S3 writes a space as '+', and a '+' as "%2B".
std::string url_decoded(std::string text) {
  std::replace(text.begin(), text.end(), '+', ' ');
  return percent_decoded(text);
}

Listing::Entry entry_of(pugi::xml_node node, bool is_encoded) {
  auto key = text_of(child(node, "Key"));
  if (key.empty()) refuse(kListing, "an object without a key");
  const auto size = core::parse_unsigned(word_in(node, "Size"));
  if (!size) refuse(kListing, "an object without a size");
  return {is_encoded ? url_decoded(std::move(key)) : std::move(key), *size};
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace

std::optional<ServiceError> parse_error(std::string_view body) {
  pugi::xml_document document;
  const auto root = parse_root(document, body);
  const bool is_sts = is_element(root, "ErrorResponse");
  const auto error = is_sts ? child(root, "Error") : root;
  if (!is_element(error, "Error")) return {};
  ServiceError out{word_in(error, "Code"), word_in(error, "Message"), word_in(error, "RequestId"),
                   word_in(error, "Region"), word_in(error, "Endpoint")};
  if (is_sts && out.request_id.empty()) out.request_id = word_in(root, "RequestId");
  return out;
}

Listing parse_listing(std::string_view body) {
  pugi::xml_document document;
  const auto root = expect_root(document, body, "ListBucketResult", kListing);
  const bool is_encoded = word_in(root, "EncodingType") == "url";
  Listing out;
  for (const auto node : root.children()) {
    if (is_element(node, "Contents")) out.objects.push_back(entry_of(node, is_encoded));
  }
  const auto truncated = core::lowered(word_in(root, "IsTruncated"));
  if (truncated == "false") return out;
  out.next_token = word_in(root, "NextContinuationToken");
  // Passed over, it would be a listing with objects missing.
  if (truncated == "true" && out.next_token.empty()) refuse(kListing, "no token for its next page");
  return out;
}

std::string parse_upload_id(std::string_view body) {
  pugi::xml_document document;
  const auto root = expect_root(document, body, "InitiateMultipartUploadResult", kUpload);
  return expect_word(root, "UploadId", kUpload);
}

std::string complete_upload_body(const std::vector<std::string>& etags) {
  std::string body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (std::size_t i = 0; i < etags.size(); ++i) {
    body += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", i + 1,
                        escaped(etags[i]));
  }
  return body + "</CompleteMultipartUpload>";
}

std::string parse_completed(std::string_view body) {
  constexpr std::string_view kRoot = "CompleteMultipartUploadResult";
  if (body.find(kRoot) == std::string_view::npos) refuse(kCompleted, fmt::format("no <{}>", kRoot));
  pugi::xml_document document;
  const auto root = parse_root(document, body);
  return root ? word_in(root, "ETag") : std::string();
}

Credentials parse_assumed_role(std::string_view body) {
  pugi::xml_document document;
  const auto root = expect_root(document, body, "AssumeRoleWithWebIdentityResponse", kAssumedRole);
  const auto given = child(child(root, "AssumeRoleWithWebIdentityResult"), "Credentials");
  if (!given) refuse(kAssumedRole, "no <Credentials>");
  Credentials out{expect_word(given, "AccessKeyId", kAssumedRole),
                  expect_word(given, "SecretAccessKey", kAssumedRole),
                  expect_word(given, "SessionToken", kAssumedRole), std::nullopt};
  for (const auto* secret : {&out.access_key, &out.secret_key, &out.session_token}) {
    if (secret->find_first_of(kWhiteSpace) != std::string::npos) {
      refuse(kAssumedRole, "white space within");
    }
  }
  out.expires = core::parse_wall_time(expect_word(given, "Expiration", kAssumedRole));
  if (!out.expires) refuse(kAssumedRole, "an <Expiration> that is no time");
  return out;
}

}  // namespace momentcut::s3
