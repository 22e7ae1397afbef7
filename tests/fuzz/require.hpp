// What a fuzz target holds to be true of whatever it is fed.
#pragma once

#include <cstdlib>
#include <iostream>

inline void require(bool holds, const char* invariant) {
  if (holds) return;
  std::cerr << "broken invariant: " << invariant << '\n';
  std::abort();
}
