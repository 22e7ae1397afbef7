// An HTTP transfer whose every callback is written down.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "momentcut/io/http.hpp"

namespace momentcut::io {

struct Fetched {
  std::string events;  // p(repare), h(ead), b(ody), e(nd), each as often as it came, runs of b once
  std::string body;
  HttpHead head;  // as on_head was given it
  HttpOutcome outcome;
};

// Past any proxy of the machine that runs the tests.
inline HttpRequest request_for(std::string url, std::string method = "GET") {
  HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.direct = true;
  return request;
}

// A transfer of one attempt. `into` outlives it.
inline HttpTransfer transfer_of(HttpRequest request, Fetched& into) {
  HttpTransfer transfer;
  transfer.prepare = [&into, request = std::move(request)] {
    into.events += 'p';
    return request;
  };
  transfer.on_head = [&into](const HttpHead& head) {
    into.events += 'h';
    into.head = head;
  };
  transfer.on_body = [&into](std::string_view bytes) {
    if (!into.events.ends_with('b')) into.events += 'b';
    into.body += bytes;
    return true;
  };
  transfer.on_end = [&into](const HttpOutcome& outcome) {
    into.events += 'e';
    into.outcome = outcome;
    return std::optional<std::chrono::milliseconds>();
  };
  return transfer;
}

inline HttpSettings impatient(std::chrono::milliseconds stall = std::chrono::seconds(30)) {
  HttpSettings settings;
  settings.stall_timeout = stall;
  settings.user_agent = "momentcut-unit/1";
  return settings;
}

// What comes of one request.
inline Fetched fetch(HttpRequest request, const HttpSettings& settings = impatient()) {
  Interrupt interrupt;
  Http http(settings, interrupt);
  Fetched fetched;
  http.run({transfer_of(std::move(request), fetched)}, 1);
  return fetched;
}

}  // namespace momentcut::io

namespace doctest {

template <>
struct StringMaker<momentcut::io::HttpFailure> {
  static String convert(momentcut::io::HttpFailure failure) {
    static constexpr const char* kNames[] = {"none", "resolve", "connect", "certificate",
                                             "tls",  "stalled", "broken",  "protocol"};
    return kNames[static_cast<int>(failure)];
  }
};

}  // namespace doctest
