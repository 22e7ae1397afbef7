// What the stages need around them in a test: an observer that hears nothing, nobody to interrupt,
// and a network that nobody asks.
#pragma once

#include "momentcut/io/interrupt.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/remote.hpp"
#include "momentcut/pipeline/request.hpp"

namespace momentcut::pipeline {

struct World {
  explicit World(Request wanted = {})
      : request(std::move(wanted)),
        context(observer, interrupt, std::chrono::seconds(5)),
        remote(request, context) {}

  Request request;
  Observer observer;
  io::Interrupt interrupt;
  Context context;
  Remote remote;
};

}  // namespace momentcut::pipeline
