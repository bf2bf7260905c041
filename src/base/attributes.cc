// SPDX-License-Identifier: Apache-2.0
#include "base/attributes.h"

#include <algorithm>

namespace fettle {

namespace {
template <class T>
const T* get(const Attributes& attrs, std::string_view name) {
  const Attribute* a = attrs.find(name);
  return a == nullptr ? nullptr : std::get_if<T>(a);
}
}  // namespace

const Attribute* Attributes::find(std::string_view name) const {
  for (const Entry& e : entries_) {
    if (e.first == name) return &e.second;
  }
  return nullptr;
}

int64_t Attributes::get_int(std::string_view name, int64_t fallback) const {
  const int64_t* v = get<int64_t>(*this, name);
  return v ? *v : fallback;
}
float Attributes::get_float(std::string_view name, float fallback) const {
  const float* v = get<float>(*this, name);
  return v ? *v : fallback;
}
std::string_view Attributes::get_string(std::string_view name, std::string_view fallback) const {
  const std::string* v = get<std::string>(*this, name);
  return v ? std::string_view(*v) : fallback;
}
std::span<const int64_t> Attributes::get_ints(std::string_view name) const {
  const auto* v = get<std::vector<int64_t>>(*this, name);
  return v ? std::span<const int64_t>(*v) : std::span<const int64_t>();
}
std::span<const float> Attributes::get_floats(std::string_view name) const {
  const auto* v = get<std::vector<float>>(*this, name);
  return v ? std::span<const float>(*v) : std::span<const float>();
}
std::span<const std::string> Attributes::get_strings(std::string_view name) const {
  const auto* v = get<std::vector<std::string>>(*this, name);
  return v ? std::span<const std::string>(*v) : std::span<const std::string>();
}

void Attributes::set(std::string_view name, Attribute value) {
  auto at = std::lower_bound(entries_.begin(), entries_.end(), name,
                             [](const Entry& e, std::string_view n) { return e.first < n; });
  if (at != entries_.end() && at->first == name) {
    at->second = std::move(value);
  } else {
    entries_.insert(at, Entry(std::string(name), std::move(value)));
  }
}

void Attributes::erase(std::string_view name) {
  std::erase_if(entries_, [&](const Entry& e) { return e.first == name; });
}

}  // namespace fettle
