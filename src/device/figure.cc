// SPDX-License-Identifier: Apache-2.0
#include "device/figure.h"

#include <cassert>

namespace fettle::device {

namespace {

struct Tag {
  std::string_view start;
  Confidence confidence;
};
constexpr Tag kTags[] = {
    {"measured", Confidence::measured}, {"survey", Confidence::measured},
    {"vendor", Confidence::vendor},     {"fitted", Confidence::fitted},
    {"derived", Confidence::derived},   {"recalled", Confidence::estimate},
    {"estimate", Confidence::estimate},
};

constexpr Unit kCores[] = {{"cores", 1}};
constexpr Unit kClocks[] = {{"MHz", 1}, {"GHz", 1e3}};
constexpr Unit kVoltages[] = {{"V", 1}, {"mV", 1e-3}};
constexpr Unit kPowers[] = {{"W", 1}, {"mW", 1e-3}};
constexpr Unit kSizes[] = {{"KiB", 1}, {"MiB", 1024}, {"GiB", 1048576}};
constexpr Unit kBandwidths[] = {{"GB/s", 1}, {"MB/s", 1e-3}};
constexpr Unit kRates[] = {{"GMAC/s", 1}, {"MMAC/s", 1e-3}};
constexpr Unit kDurations[] = {{"s", 1}, {"ms", 1e-3}, {"us", 1e-6}};
constexpr Unit kTemperatures[] = {{"C", 1}};
constexpr Unit kRises[] = {{"K", 1}};
constexpr Unit kEnergies[] = {{"Wh", 1}, {"mWh", 1e-3}, {"J", 1.0 / 3600}};

constexpr QuantityRow kRows[] = {
    {Quantity::count, 1, 1024, kCores},
    {Quantity::clock, 0.01, 1e4, kClocks},
    {Quantity::voltage, 0.01, 1000, kVoltages},
    {Quantity::power, 0, 1e4, kPowers},
    {Quantity::size, 0, 1e12, kSizes},
    {Quantity::bandwidth, 1e-6, 1e5, kBandwidths},
    {Quantity::rate, 1e-6, 1e7, kRates},
    {Quantity::duration, 0, 1e7, kDurations},
    {Quantity::temperature, -100, 250, kTemperatures},
    {Quantity::rise, 0, 250, kRises},
    {Quantity::energy, 0, 1e6, kEnergies},
};

}  // namespace

std::string_view name_of(Confidence confidence) {
  switch (confidence) {
    case Confidence::estimate:
      return "estimate";
    case Confidence::derived:
      return "derived";
    case Confidence::fitted:
      return "fitted";
    case Confidence::stated:
      return "stated";
    case Confidence::vendor:
      return "vendor";
    case Confidence::measured:
      return "measured";
  }
  return "unknown";
}

Confidence confidence_of(std::string_view source) {
  if (source.empty()) return Confidence::estimate;
  if (source.front() != '[') return Confidence::stated;
  const std::string_view tag = source.substr(1, source.find(']') - 1);
  // "[derived, unverified]" and the like admit that nobody has held the figure to anything.
  if (tag.find("unverified") != tag.npos) return Confidence::estimate;
  for (const Tag& t : kTags) {
    if (tag.starts_with(t.start)) return t.confidence;
  }
  return Confidence::stated;
}

const QuantityRow& row_of(Quantity quantity) {
  const QuantityRow& row = kRows[static_cast<size_t>(quantity)];
  assert(row.quantity == quantity);
  return row;
}

}  // namespace fettle::device
