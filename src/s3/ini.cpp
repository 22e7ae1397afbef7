#include "momentcut/s3/ini.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::s3 {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

bool begins_comment(std::string_view text) {
  return text.starts_with('#') || text.starts_with(';');
}

// `text` up to a comment, which has white space before it.
std::string_view without_comment(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (begins_comment(text.substr(i)) && is_space(text[i - 1])) text = text.substr(0, i);
  }
  return core::trimmed(text);
}

// White space collapsed to single spaces, none at the ends.
std::string collapsed(std::string_view text) {
  std::string out;
  for (const char c : core::trimmed(text)) {
    if (!is_space(c)) {
      out += c;
    } else if (!out.ends_with(' ')) {
      out += ' ';
    }
  }
  return out;
}

class IniReader {
 public:
  explicit IniReader(std::string_view name) : name_(name) {}

  Sections read(std::string_view text) {
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    for (const auto line : core::split(text, '\n')) {
      ++line_;
      read_line(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line);
    }
    return std::move(sections_);
  }

 private:
  // The line itself is never quoted: it may hold a secret.
  [[noreturn]] void refuse(std::string_view reason) const {
    throw core::Error(core::ErrorKind::configuration,
                      fmt::format("{}:{}: {}", core::printable(name_), line_, reason));
  }

  void read_line(std::string_view line) {
    if (std::any_of(line.begin(), line.end(), is_control)) refuse("a control character");
    const auto text = core::trimmed(line);
    if (text.empty() || begins_comment(text)) return;
    const auto indent = static_cast<std::size_t>(text.data() - line.data());
    if (!key_.empty() && indent > indent_) {
      go_on(without_comment(text));
    } else if (text.starts_with('[')) {
      begin_section(text);
    } else {
      indent_ = indent;
      begin_setting(without_comment(text));
    }
  }

  void begin_section(std::string_view text) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) refuse("a section without its \"]\"");
    const auto rest = core::trimmed(text.substr(end + 1));
    if (!rest.empty() && !begins_comment(rest)) refuse("something after a section's \"]\"");
    const auto title = collapsed(text.substr(1, end - 1));
    if (title.empty()) refuse("a section without a name");
    section_ = &sections_[title];
    key_.clear();
  }

  void begin_setting(std::string_view text) {
    if (section_ == nullptr) refuse("a setting before the first section");
    const auto separator = text.find_first_of("=:");
    if (separator == std::string_view::npos) refuse("neither a section nor NAME = VALUE");
    key_ = core::lowered(core::trimmed(text.substr(0, separator)));
    if (key_.empty()) refuse("a setting without a name");
    const auto value = core::trimmed(text.substr(separator + 1));
    is_block_ = value.empty();
    (*section_)[key_] = value;
  }

  void go_on(std::string_view text) {
    if (!is_block_) {
      auto& value = (*section_)[key_];
      value += '\n';
      value += text;
      return;
    }
    const auto separator = text.find('=');
    if (separator == std::string_view::npos) refuse("not NAME = VALUE within a nested block");
    const auto name = core::lowered(core::trimmed(text.substr(0, separator)));
    if (name.empty()) refuse("a setting without a name");
    (*section_)[key_ + '.' + name] = core::trimmed(text.substr(separator + 1));
  }

  std::string_view name_;
  std::size_t line_ = 0;
  Sections sections_;
  Section* section_ = nullptr;
  std::string key_;         // the setting that a deeper line belongs to; empty: none yet
  std::size_t indent_ = 0;  // that setting's
  bool is_block_ = false;   // it has nothing on its own line
};

}  // namespace

Sections parse_ini(std::string_view text, std::string_view name) {
  return IniReader(name).read(text);
}

const Section* find_section(const Sections& sections, std::string_view kind,
                            std::string_view name) {
  for (const auto& [title, section] : sections) {
    const auto words = split_words(title);
    if (words && words->size() == 2 && words->front() == kind && words->back() == name) {
      return &section;
    }
  }
  return nullptr;
}

std::optional<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  bool within_word = false;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\0' && (is_space(c) || c == '\n')) {
      within_word = false;
      continue;
    }
    if (!within_word) words.emplace_back();
    within_word = true;
    // Within double quotes a backslash is one, unless what follows is special there.
    const bool escapes =
        c == '\\' &&
        (quote == '\0' || (quote == '"' && i + 1 < text.size() &&
                           std::string_view("\"\\$`").find(text[i + 1]) != std::string_view::npos));
    if (escapes) {
      if (++i == text.size()) return {};
      words.back() += text[i];
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else if (quote != '\0' && c == quote) {
      quote = '\0';
    } else {
      words.back() += c;
    }
  }
  if (quote != '\0') return {};
  return words;
}

}  // namespace momentcut::s3
