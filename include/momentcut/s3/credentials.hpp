// AWS settings and where credentials come from, as the AWS SDKs read them from the environment and
// the shared files ("AWS SDKs and Tools Reference Guide"). Pure: texts and variables in, a plan
// out; pipeline/credentials carries it out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "momentcut/core/time.hpp"
#include "momentcut/s3/credentials_json.hpp"
#include "momentcut/s3/endpoint.hpp"
#include "momentcut/s3/ini.hpp"
#include "momentcut/s3/profile.hpp"
#include "momentcut/s3/sigv4.hpp"

namespace momentcut::s3 {

// The shared files: $AWS_CONFIG_FILE, else ~/.aws/config; $AWS_SHARED_CREDENTIALS_FILE, else
// ~/.aws/credentials. Empty without a home.
struct SharedFilePaths {
  std::string config;
  std::string credentials;
};
SharedFilePaths shared_file_paths(const Environment& environment);

// The ways to credentials. What each needs, nothing read or asked yet.
struct Anonymous {};  // requests go unsigned
struct ProcessCredentials {
  std::vector<std::string> argv;  // the words of credential_process, quotes resolved; no shell
};
struct WebIdentity {
  std::string role_arn;
  std::string token_file;
  std::string session_name;
};
struct ContainerEndpoint {
  std::string url;
  std::string token_file;  // read first where it is given
  std::string token;       // sent as Authorization
};
struct InstanceMetadata {
  std::string url = "http://169.254.169.254";  // or AWS_EC2_METADATA_SERVICE_ENDPOINT
};
using CredentialSource = std::variant<Credentials, Anonymous, ProcessCredentials, WebIdentity,
                                      ContainerEndpoint, InstanceMetadata>;

// What the user says on our own command line; empty: nothing.
struct AwsOptions {
  std::string profile;
  std::string region;
  std::string endpoint_url;
  bool no_sign_request = false;
};

struct AwsSettings {
  std::string profile;  // its name, for messages: "default"
  std::string region;   // "us-east-1" where nothing says
  bool region_is_given = false;
  Endpoint endpoint;
  std::string ca_bundle;                      // AWS_CA_BUNDLE or ca_bundle; empty: the system's
  std::optional<std::uint32_t> max_attempts;  // AWS_MAX_ATTEMPTS or max_attempts, of all attempts
  CredentialSource source;
  std::string source_name;  // for -v: "environment", "profile \"x\"", "instance metadata"
};

// Decides everything. `config` and `credentials` are what the shared files hold (empty: no such
// file). Credentials in this order:
//   1. no_sign_request;
//   2. the environment's access key, then its web identity, unless `options` names a profile;
//   3. the profile's (AWS_PROFILE, AWS_DEFAULT_PROFILE, "default"): role_arn with
//      web_identity_token_file, its access key in the credentials file, credential_process, its
//      access key in the config file;
//   4. the container endpoint;
//   5. instance metadata, unless AWS_EC2_METADATA_DISABLED is true.
// Throws core::Error(configuration) for a profile that is named and missing, for half a pair of
// keys, for a profile that assumes a role from source_profile or credential_source or that signs in
// by SSO (also where it has keys beside that: the SDKs would not use them; the hint names
// credential_process and `aws configure export-credentials`), for a container endpoint on a host
// that is not permitted (https, loopback, 169.254.170.2, 169.254.170.23, [fd00:ec2::23]) and for
// values out of their form; core::Error(usage) for an option out of its form;
// core::Error(no_permission) where there is no way to credentials left. No value is ever quoted but
// the profile's name, --region and endpoint URLs.
AwsSettings resolve_settings(const AwsOptions& options, const Environment& environment,
                             const Sections& config, const Sections& credentials);

// Whether they should be renewed before a request at `now` is signed: they end within five minutes.
bool is_due(const Credentials& credentials, core::WallTime now);

}  // namespace momentcut::s3
