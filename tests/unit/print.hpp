// How doctest prints the values that the tests compare.
#pragma once

#include <chrono>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace doctest {

template <typename Rep, typename Period>
struct StringMaker<std::chrono::duration<Rep, Period>> {
  static String convert(const std::chrono::duration<Rep, Period>& value) {
    const std::chrono::microseconds us = value;
    return (std::to_string(us.count()) + " us").c_str();
  }
};

template <typename Value>
struct StringMaker<std::optional<Value>> {
  static String convert(const std::optional<Value>& value) {
    return value ? StringMaker<Value>::convert(*value) : String("nullopt");
  }
};

template <typename Value>
struct StringMaker<std::vector<Value>> {
  static String convert(const std::vector<Value>& values) {
    String text = "[";
    for (const auto& value : values) text += StringMaker<Value>::convert(value) + String(", ");
    return text + String("]");
  }
};

}  // namespace doctest
