// What this build calls itself.
#include "momentcut/core/version.hpp"

#include <doctest/doctest.h>

#include "momentcut/core/text.hpp"
#include "print.hpp"

TEST_CASE("a version is three numbers") {
  const auto numbers = momentcut::core::split(momentcut::core::version(), '.');
  CHECK(numbers.size() == 3);
  for (const auto number : numbers) CHECK(momentcut::core::parse_unsigned(number));
}
