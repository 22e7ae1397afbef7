// Brings AWS credentials from where the settings say they are, and renews them before they end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "momentcut/core/time.hpp"
#include "momentcut/io/http.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/s3/credentials.hpp"

namespace momentcut::pipeline {

class CredentialProvider {
 public:
  // `sts_url` is where web identities are turned into credentials: "https://sts.REGION…".
  CredentialProvider(s3::CredentialSource source, std::string sts_url,
                     const io::HttpSettings& settings, Context& context);

  // Those to sign with at `now`; nullopt: requests go unsigned. Throws core::Error: no_permission
  // where there are none or they cannot be had, configuration, temporary.
  std::optional<s3::Credentials> get(core::WallTime now);

  // The service says that they have expired: get() asks for new ones. false: they are fixed.
  bool renew();

 private:
  s3::Credentials fetch();
  s3::Credentials fetch_from(const s3::ProcessCredentials& source);
  s3::Credentials fetch_from(const s3::WebIdentity& source);
  s3::Credentials fetch_from(const s3::ContainerEndpoint& source);
  s3::Credentials fetch_from(const s3::InstanceMetadata& source);
  std::string ask(io::HttpRequest request, std::string_view what);

  s3::CredentialSource source_;
  std::string sts_url_;
  Context& context_;
  io::Http local_;   // metadata endpoints: near, or not there
  io::Http remote_;  // STS
  std::optional<s3::Credentials> known_;
};

}  // namespace momentcut::pipeline
