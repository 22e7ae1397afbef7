// The AWS profile in force, and its settings with those of the environment before them ("AWS SDKs
// and Tools Reference Guide", "Shared config and credentials files").
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "momentcut/s3/ini.hpp"

namespace momentcut::s3 {

using Environment = std::map<std::string, std::string, std::less<>>;

// A value, and how messages call it: never by the value itself, since an editor's slip puts a
// secret where a region should be.
struct Setting {
  std::string_view value;  // empty: not set
  std::string origin;
};

class Profile {
 public:
  // `option` names it, else AWS_PROFILE, else AWS_DEFAULT_PROFILE, else it is "default". Throws
  // core::Error(configuration) where one is named that is in neither file. What is given to it has
  // to outlive it.
  Profile(const std::string& option, const Environment& environment, const Sections& config,
          const Sections& credentials);

  [[nodiscard]] const std::string& name() const { return name_; }

  // `profile "x"`, for messages.
  [[nodiscard]] std::string title() const;

  // All of these throw core::Error(configuration) for a value with a control character in it.
  // Empty counts as not set everywhere.

  // The environment's.
  [[nodiscard]] Setting variable(std::string_view name) const;

  // The profile's, from the credentials file before the config file.
  [[nodiscard]] Setting setting(std::string_view key) const;

  // The first of `variables` that is set, else the profile's `key`.
  [[nodiscard]] Setting setting(std::initializer_list<std::string_view> variables,
                                std::string_view key) const;

  // The profile's of one file alone.
  [[nodiscard]] Setting setting_in_config(std::string_view key) const;
  [[nodiscard]] Setting setting_in_credentials(std::string_view key) const;

  // The profile's as it stands, whose '\n' may be meant.
  [[nodiscard]] std::string_view text_of(std::string_view key) const;

  // `key` in the block `service` of the services section that the profile names. Throws
  // core::Error(configuration) where there is no such section.
  [[nodiscard]] Setting service_setting(std::string_view service, std::string_view key) const;

 private:
  void choose(const std::string& option);

  const Environment& environment_;
  const Sections& config_;
  std::string name_;
  std::string named_by_;  // "AWS_PROFILE"; empty: nothing names it
  const Section* in_config_ = nullptr;
  const Section* in_credentials_ = nullptr;
};

}  // namespace momentcut::s3
