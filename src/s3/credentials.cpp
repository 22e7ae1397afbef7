#include "momentcut/s3/credentials.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <tuple>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/s3/url.hpp"

namespace momentcut::s3 {
namespace {

using core::Error;
using core::ErrorKind;

constexpr std::chrono::minutes kRenewedBefore{5};
constexpr std::uint64_t kMostAttempts = 100;

[[noreturn]] void refuse(const std::string& message, std::string hint = {}) {
  throw Error(ErrorKind::configuration, message, std::move(hint));
}

bool is_visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_true(std::string_view text) {
  return core::lowered(text) == "true";
}

bool is_region(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// STS API Reference, AssumeRoleWithWebIdentity.
bool is_session_name(std::string_view text) {
  return text.size() >= 2 && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return is_alphanumeric(c) || std::string_view("_+=,.@-").find(c) != std::string::npos;
         });
}

// `host` is one whose network nobody else is on: loopback, or where AWS's containers are served.
bool is_near(const std::string& host) {
  if (host == "localhost" || host == "169.254.170.2" || host == "169.254.170.23") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24U) == 127;
  in6_addr v6{};
  if (!host.starts_with('[') || !host.ends_with(']')) return false;
  if (inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6) != 1) return false;
  constexpr std::array<unsigned char, 16> kPods{0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0,
                                                0,    0, 0,    0,    0, 0, 0, 0x23};
  return IN6_IS_ADDR_LOOPBACK(&v6) || std::memcmp(&v6, kPods.data(), kPods.size()) == 0;
}

bool is_port(std::string_view text) {
  const auto port = core::parse_unsigned(text);
  return port && *port > 0 && *port <= 65'535;
}

// Whether credentials may be asked for at `url`, and a token be sent there.
bool is_permitted(std::string_view url) {
  if (!is_visible_ascii(url)) return false;
  const auto parts = url_parts(url);
  const auto scheme = core::lowered(parts.scheme);
  const auto bracket = parts.authority.starts_with('[') ? parts.authority.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  const auto colon = parts.authority.find(':', bracket);
  const auto host = core::lowered(parts.authority.substr(0, colon));
  if (colon != std::string_view::npos && !is_port(parts.authority.substr(colon + 1))) return false;
  const bool is_plain = std::all_of(host.begin(), host.end(), [](char c) {
    return is_alphanumeric(c) || std::string_view("-._:[]").find(c) != std::string::npos;
  });
  if (host.empty() || !is_plain) return false;
  return scheme == "https" || (scheme == "http" && is_near(host));
}

// nullopt where neither of the pair is set.
std::optional<CredentialSource> whole_keys(const Setting& access_key, const Setting& secret_key,
                                           const Setting& token) {
  if (access_key.value.empty() && secret_key.value.empty()) return {};
  if (access_key.value.empty() != secret_key.value.empty()) {
    const auto& given = access_key.value.empty() ? secret_key : access_key;
    const auto& missing = access_key.value.empty() ? access_key : secret_key;
    refuse(fmt::format("{} is set, and {} is not", given.origin, missing.origin),
           "set both or neither");
  }
  return Credentials{std::string(access_key.value), std::string(secret_key.value),
                     std::string(token.value), std::nullopt};
}

class SettingsResolver {
 public:
  SettingsResolver(const AwsOptions& options, const Environment& environment,
                   const Sections& config, const Sections& credentials)
      : options_(options), profile_(options.profile, environment, config, credentials) {}

  [[nodiscard]] AwsSettings resolve() const {
    AwsSettings out;
    out.profile = profile_.name();
    resolve_region(out);
    out.endpoint.style = addressing_style();
    out.endpoint.url = endpoint_url();
    out.ca_bundle = profile_.setting({"AWS_CA_BUNDLE"}, "ca_bundle").value;
    out.max_attempts = max_attempts();
    std::tie(out.source, out.source_name) = find_source();
    return out;
  }

 private:
  using Found = std::pair<CredentialSource, std::string>;

  void resolve_region(AwsSettings& out) const {
    const bool is_option = !options_.region.empty();
    const auto region = is_option
                            ? Setting{options_.region, "--region " + core::quoted(options_.region)}
                            : profile_.setting({"AWS_REGION", "AWS_DEFAULT_REGION"}, "region");
    if (!is_region(region.value)) {
      throw Error(is_option ? ErrorKind::usage : ErrorKind::configuration,
                  region.origin + " is no AWS region", "write it as in eu-west-1");
    }
    out.region_is_given = !region.value.empty();
    out.region = out.region_is_given ? region.value : "us-east-1";
  }

  [[nodiscard]] AddressingStyle addressing_style() const {
    const auto style = profile_.setting("s3.addressing_style");
    if (style.value == "path") return AddressingStyle::path;
    if (style.value == "virtual") return AddressingStyle::virtual_host;
    if (!style.value.empty() && style.value != "auto") {
      refuse(style.origin + " is none of auto, path and virtual");
    }
    return AddressingStyle::automatic;
  }

  [[nodiscard]] std::optional<std::uint32_t> max_attempts() const {
    const auto attempts = profile_.setting({"AWS_MAX_ATTEMPTS"}, "max_attempts");
    if (attempts.value.empty()) return {};
    const auto number = core::parse_unsigned(attempts.value);
    if (!number || *number == 0 || *number > kMostAttempts) {
      refuse(fmt::format("{} is no number from 1 to {}", attempts.origin, kMostAttempts));
    }
    return static_cast<std::uint32_t>(*number);
  }

  [[nodiscard]] std::string endpoint_url() const {
    if (!options_.endpoint_url.empty()) {
      check_endpoint_url(options_.endpoint_url, "--endpoint-url");
      return options_.endpoint_url;
    }
    const auto endpoint = configured_endpoint();
    if (!endpoint.value.empty()) check_configured_url(endpoint);
    return std::string(endpoint.value);
  }

  [[nodiscard]] Setting configured_endpoint() const {
    const auto ignored = profile_.variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    if (is_true(ignored.value)) return {};
    for (const auto* name : {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}) {
      if (auto found = profile_.variable(name); !found.value.empty()) return found;
    }
    // The environment's "false" goes before the profile's "true", too.
    if (ignored.value.empty() &&
        is_true(profile_.setting("ignore_configured_endpoint_urls").value)) {
      return {};
    }
    if (auto found = profile_.service_setting("s3", "endpoint_url"); !found.value.empty()) {
      return found;
    }
    return profile_.setting("endpoint_url");
  }

  static void check_configured_url(const Setting& url) {
    try {
      check_endpoint_url(url.value, url.origin);
    } catch (const Error& error) {
      // What is a mistake on the command line is bad configuration elsewhere.
      throw Error(ErrorKind::configuration, error.what(), error.hint());
    }
  }

  // A profile that the command line names goes before the environment's credentials.
  [[nodiscard]] bool environment_counts() const { return options_.profile.empty(); }

  [[nodiscard]] Found find_source() const {
    if (options_.no_sign_request) return {Anonymous{}, "nowhere: requests go unsigned"};
    if (environment_counts()) {
      if (auto keys = environment_keys()) return {std::move(*keys), "environment"};
      if (!profile_.variable("AWS_WEB_IDENTITY_TOKEN_FILE").value.empty()) {
        return {web_identity(), "web identity of the environment"};
      }
    }
    if (auto source = find_in_profile()) return {std::move(*source), profile_.title()};
    if (auto endpoint = container_endpoint()) return {std::move(*endpoint), "container endpoint"};
    if (is_true(profile_.variable("AWS_EC2_METADATA_DISABLED").value)) {
      throw Error(ErrorKind::no_permission, "no AWS credentials found",
                  "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile with --profile, "
                  "or run `aws configure`; --no-sign-request reads public buckets");
    }
    return {InstanceMetadata{metadata_url()}, "instance metadata"};
  }

  // In botocore's order: roles and SSO go before keys that stand beside them.
  [[nodiscard]] std::optional<CredentialSource> find_in_profile() const {
    const auto has = [this](std::string_view key) { return !profile_.text_of(key).empty(); };
    const bool has_web_identity = has("web_identity_token_file");
    if (has("role_arn") && !has_web_identity) refuse_profile("assumes a role (role_arn)");
    if (has_web_identity) return web_identity();
    if (has("sso_account_id") || has("sso_role_name")) refuse_profile("signs in by SSO");
    if (auto keys = keys_in_credentials_file()) return keys;
    if (has("credential_process")) return credential_process();
    if (auto keys = keys_in_config_file()) return keys;
    if (has("sso_session") || has("sso_start_url")) refuse_profile("signs in by SSO");
    if (has("login_session")) refuse_profile("signs in by `aws login`");
    return {};
  }

  [[noreturn]] void refuse_profile(std::string_view what) const {
    // The name stands in the command as a shell takes it.
    refuse(fmt::format("{} {}, which momentcut does not do", profile_.title(), what),
           fmt::format("give it a credential_process, or put what `aws configure "
                       "export-credentials --profile {}` says into the environment",
                       core::printable(core::shell_quoted({profile_.name()}))));
  }

  [[nodiscard]] std::optional<CredentialSource> environment_keys() const {
    return whole_keys(profile_.variable("AWS_ACCESS_KEY_ID"),
                      profile_.variable("AWS_SECRET_ACCESS_KEY"),
                      profile_.variable("AWS_SESSION_TOKEN"));
  }

  [[nodiscard]] std::optional<CredentialSource> keys_in_credentials_file() const {
    return whole_keys(profile_.setting_in_credentials("aws_access_key_id"),
                      profile_.setting_in_credentials("aws_secret_access_key"),
                      profile_.setting_in_credentials("aws_session_token"));
  }

  [[nodiscard]] std::optional<CredentialSource> keys_in_config_file() const {
    return whole_keys(profile_.setting_in_config("aws_access_key_id"),
                      profile_.setting_in_config("aws_secret_access_key"),
                      profile_.setting_in_config("aws_session_token"));
  }

  [[nodiscard]] ProcessCredentials credential_process() const {
    auto words = split_words(profile_.text_of("credential_process"));
    const auto origin = "credential_process of " + profile_.title();
    if (!words) refuse(origin + " has an unclosed quote, or ends in a backslash");
    if (words->empty() || words->front().empty()) refuse(origin + " names no program");
    return {std::move(*words)};
  }

  [[nodiscard]] WebIdentity web_identity() const {
    const auto part = [this](std::string_view name, std::string_view key) {
      return environment_counts() ? profile_.setting({name}, key) : profile_.setting(key);
    };
    const auto token_file = part("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    const auto role = part("AWS_ROLE_ARN", "role_arn");
    const auto session = part("AWS_ROLE_SESSION_NAME", "role_session_name");
    if (role.value.empty()) {
      refuse(token_file.origin + " is set without a role",
             "set AWS_ROLE_ARN, or role_arn in the profile");
    }
    if (!role.value.starts_with("arn:")) refuse(role.origin + " is no ARN");
    if (!session.value.empty() && !is_session_name(session.value)) {
      refuse(session.origin + " is no session name", "use 2 to 64 of A-Z a-z 0-9 _ + = , . @ -");
    }
    return {std::string(role.value), std::string(token_file.value),
            session.value.empty() ? "momentcut" : std::string(session.value)};
  }

  [[nodiscard]] std::optional<ContainerEndpoint> container_endpoint() const {
    const auto path = profile_.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const auto url = profile_.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (path.value.empty() && url.value.empty()) return {};
    ContainerEndpoint out;
    if (!path.value.empty()) {
      out.url = fmt::format("http://169.254.170.2{}", path.value);
      if (!path.value.starts_with('/') || !is_permitted(out.url)) {
        refuse(path.origin + " is no path that begins with \"/\"");
      }
    } else {
      out.url = url.value;
      if (!is_permitted(out.url)) {
        refuse(url.origin + " is no URL that credentials may be asked for at",
               "use https, loopback, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]");
      }
    }
    out.token_file = profile_.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").value;
    out.token = profile_.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").value;
    return out;
  }

  [[nodiscard]] std::string metadata_url() const {
    const auto url =
        profile_.setting({"AWS_EC2_METADATA_SERVICE_ENDPOINT"}, "ec2_metadata_service_endpoint");
    if (!url.value.empty()) {
      check_configured_url(url);
      return std::string(url.value.substr(0, url.value.find_last_not_of('/') + 1));
    }
    const auto mode = profile_.setting({"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"},
                                       "ec2_metadata_service_endpoint_mode");
    const auto name = core::lowered(mode.value);
    if (name == "ipv6") return "http://[fd00:ec2::254]";
    if (!name.empty() && name != "ipv4") refuse(mode.origin + " is neither IPv4 nor IPv6");
    return InstanceMetadata{}.url;
  }

  const AwsOptions& options_;
  Profile profile_;
};

}  // namespace

SharedFilePaths shared_file_paths(const Environment& environment) {
  const auto variable = [&](std::string_view name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  };
  const auto home = variable("HOME");
  const auto path = [&](std::string_view name, std::string_view usual) -> std::string {
    const auto given = variable(name);
    if (given.empty()) return home.empty() ? "" : fmt::format("{}/.aws/{}", home, usual);
    return given.starts_with("~/") && !home.empty() ? home + given.substr(1) : given;
  };
  return {path("AWS_CONFIG_FILE", "config"), path("AWS_SHARED_CREDENTIALS_FILE", "credentials")};
}

AwsSettings resolve_settings(const AwsOptions& options, const Environment& environment,
                             const Sections& config, const Sections& credentials) {
  return SettingsResolver(options, environment, config, credentials).resolve();
}

bool is_due(const Credentials& credentials, core::WallTime now) {
  return credentials.expires && *credentials.expires <= now + kRenewedBefore;
}

}  // namespace momentcut::s3
