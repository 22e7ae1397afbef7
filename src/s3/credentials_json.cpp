#include "momentcut/s3/credentials_json.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "momentcut/core/error.hpp"

namespace momentcut::s3 {
namespace {

using core::Error;
using core::ErrorKind;
using Json = nlohmann::json;

// What a program or an endpoint answers. Nothing of it is ever quoted.
class CredentialsReader {
 public:
  CredentialsReader(std::string_view json, ErrorKind kind, std::string_view source)
      : kind_(kind),
        source_(source),
        answer_(Json::parse(json, nullptr, /*allow_exceptions=*/false)) {
    if (!answer_.is_object()) refuse_answer("no JSON object");
  }

  [[nodiscard]] Credentials read(const char* token, bool needs_version) const {
    if (needs_version) {
      const auto version = answer_.find("Version");
      if (version == answer_.end() || *version != 1) refuse_answer("no credentials of Version 1");
    }
    // Instance metadata has a Code, which says whether there are any.
    if (const auto code = text("Code"); !code.empty() && code != "Success") {
      refuse_answer("a Code that is not Success");
    }
    Credentials out{text("AccessKeyId"), text("SecretAccessKey"), text(token), std::nullopt};
    if (out.access_key.empty()) refuse_answer("no AccessKeyId");
    if (out.secret_key.empty()) refuse_answer("no SecretAccessKey");
    if (const auto end = text("Expiration"); !end.empty()) {
      out.expires = core::parse_wall_time(end);
      if (!out.expires) refuse_answer("an Expiration that is no ISO 8601 time");
    }
    return out;
  }

 private:
  [[noreturn]] void refuse_answer(std::string_view what) const {
    throw Error(kind_, fmt::format("{} answers with {}", source_, what));
  }

  [[nodiscard]] std::string text(const char* member) const {
    const auto found = answer_.find(member);
    if (found == answer_.end() || found->is_null()) return {};
    if (!found->is_string()) refuse_answer(fmt::format("{} that is no string", member));
    auto value = found->get<std::string>();
    const auto is_control = [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    };
    if (std::any_of(value.begin(), value.end(), is_control)) {
      refuse_answer(fmt::format("a control character in {}", member));
    }
    return value;
  }

  ErrorKind kind_;
  std::string_view source_;
  Json answer_;
};

}  // namespace

Credentials parse_process_credentials(std::string_view json) {
  return CredentialsReader(json, ErrorKind::configuration, "credential_process")
      .read("SessionToken", /*needs_version=*/true);
}

Credentials parse_served_credentials(std::string_view json) {
  return CredentialsReader(json, ErrorKind::protocol, "the credentials endpoint")
      .read("Token", /*needs_version=*/false);
}

}  // namespace momentcut::s3
