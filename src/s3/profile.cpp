#include "momentcut/s3/profile.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::s3 {
namespace {

using core::Error;
using core::ErrorKind;

const Section* section(const Sections& sections, const std::string& title) {
  const auto found = sections.find(title);
  return found == sections.end() ? nullptr : &found->second;
}

template <typename Settings>
std::string_view value_in(const Settings& settings, std::string_view name) {
  const auto found = settings.find(name);
  return found == settings.end() ? std::string_view() : std::string_view(found->second);
}

// `setting`, whose value is one line without anything odd in it.
Setting checked(Setting setting) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(setting.value.begin(), setting.value.end(), is_control)) {
    throw Error(ErrorKind::configuration,
                setting.origin + " has a line break or another control character in it",
                "in a file, indent no line that begins a setting");
  }
  return setting;
}

}  // namespace

Profile::Profile(const std::string& option, const Environment& environment, const Sections& config,
                 const Sections& credentials)
    : environment_(environment), config_(config) {
  choose(option);
  in_config_ = find_section(config, "profile", name_);
  if (in_config_ == nullptr && name_ == "default") in_config_ = section(config, name_);
  in_credentials_ = section(credentials, name_);
  if (in_config_ != nullptr || in_credentials_ != nullptr || named_by_.empty()) return;
  throw Error(ErrorKind::configuration,
              fmt::format("no AWS profile {}, which {} names", core::quoted(name_), named_by_),
              "`aws configure list-profiles` shows those there are");
}

void Profile::choose(const std::string& option) {
  name_ = option;
  named_by_ = "--profile";
  for (const auto* name : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}) {
    if (!name_.empty()) return;
    name_ = value_in(environment_, name);
    named_by_ = name;
  }
  if (!name_.empty()) return;
  name_ = "default";
  named_by_.clear();
}

std::string Profile::title() const {
  return "profile " + core::quoted(name_);
}

Setting Profile::variable(std::string_view name) const {
  return checked({value_in(environment_, name), std::string(name)});
}

Setting Profile::setting(std::string_view key) const {
  return checked({text_of(key), fmt::format("{} of {}", key, title())});
}

Setting Profile::setting(std::initializer_list<std::string_view> variables,
                         std::string_view key) const {
  for (const auto name : variables) {
    if (auto found = variable(name); !found.value.empty()) return found;
  }
  return setting(key);
}

Setting Profile::setting_in_config(std::string_view key) const {
  const auto value = in_config_ != nullptr ? value_in(*in_config_, key) : std::string_view();
  return checked({value, fmt::format("{} of {} in the config file", key, title())});
}

Setting Profile::setting_in_credentials(std::string_view key) const {
  const auto value =
      in_credentials_ != nullptr ? value_in(*in_credentials_, key) : std::string_view();
  return checked({value, fmt::format("{} of {} in the credentials file", key, title())});
}

std::string_view Profile::text_of(std::string_view key) const {
  for (const auto* section : {in_credentials_, in_config_}) {
    if (section == nullptr) continue;
    if (const auto value = value_in(*section, key); !value.empty()) return value;
  }
  return {};
}

Setting Profile::service_setting(std::string_view service, std::string_view key) const {
  const auto services = setting("services");
  if (services.value.empty()) return {};
  const auto* found = find_section(config_, "services", services.value);
  if (found == nullptr) {
    throw Error(ErrorKind::configuration,
                services.origin + " names a services section that is not in the config file",
                "add [services NAME] with that name, or take the setting out");
  }
  return checked({value_in(*found, fmt::format("{}.{}", service, key)),
                  fmt::format("{} of {} in the services of {}", key, service, title())});
}

}  // namespace momentcut::s3
