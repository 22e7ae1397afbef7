// The header of an HTTP answer, gathered line by line as libcurl hands it on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "momentcut/io/http.hpp"

namespace momentcut::io {

// Gathers the lines of an answer's header. What precedes the final answer ("100 Continue") is
// forgotten, what follows it (the trailer of a chunked body) is not kept.
class HttpHeadReader {
 public:
  // Takes one line with its end; false: it is no header, or too much of it (see complaint()).
  bool take(std::string_view line);

  // The empty line after the final header has come.
  [[nodiscard]] bool whole() const { return whole_; }
  [[nodiscard]] const HttpHead& head() const { return head_; }
  [[nodiscard]] const std::string& complaint() const { return complaint_; }

 private:
  bool take_status(std::string_view line);
  bool take_field(std::string_view line);
  bool refuse(std::string complaint);

  HttpHead head_;
  std::size_t size_ = 0;
  bool begun_ = false;
  bool whole_ = false;
  std::string complaint_;
};

}  // namespace momentcut::io
