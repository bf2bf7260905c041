// SPDX-License-Identifier: Apache-2.0
//
// An operator's attributes: a short list of named numbers, strings and lists of them, read the
// same way in the graph and on the device. Look-ups never allocate.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace fettle {

using Attribute = std::variant<int64_t, float, std::string, std::vector<int64_t>,
                               std::vector<float>, std::vector<std::string>>;

class Attributes {
 public:
  using Entry = std::pair<std::string, Attribute>;
  Attributes() = default;
  Attributes(std::initializer_list<Entry> entries) {
    for (const Entry& e : entries) set(e.first, e.second);
  }
  bool has(std::string_view name) const { return find(name) != nullptr; }
  const Attribute* find(std::string_view name) const;
  // A missing attribute, or one of another kind, reads as the fallback (an empty span).
  int64_t get_int(std::string_view name, int64_t fallback = 0) const;
  float get_float(std::string_view name, float fallback = 0) const;
  std::string_view get_string(std::string_view name, std::string_view fallback = {}) const;
  std::span<const int64_t> get_ints(std::string_view name) const;
  std::span<const float> get_floats(std::string_view name) const;
  std::span<const std::string> get_strings(std::string_view name) const;

  void set(std::string_view name, Attribute value);  // keeps the list sorted by name
  void erase(std::string_view name);
  const std::vector<Entry>& entries() const { return entries_; }
  friend bool operator==(const Attributes&, const Attributes&) = default;

 private:
  std::vector<Entry> entries_;
};

}  // namespace fettle
