// Credentials in the JSON in which programs and endpoints hand them out ("AWS SDKs and Tools
// Reference Guide", "Process credential provider" and "Container credential provider"; Amazon EC2
// User Guide).
#pragma once

#include <string_view>

#include "momentcut/s3/sigv4.hpp"

namespace momentcut::s3 {

// What a credential_process prints: {"Version": 1, "AccessKeyId", "SecretAccessKey",
// "SessionToken", "Expiration"}. Throws core::Error(configuration), never quoting the text.
Credentials parse_process_credentials(std::string_view json);

// What container endpoints and instance metadata answer: {"AccessKeyId", "SecretAccessKey",
// "Token", "Expiration"}. Throws core::Error(protocol), never quoting the text.
Credentials parse_served_credentials(std::string_view json);

}  // namespace momentcut::s3
