// SPDX-License-Identifier: Apache-2.0
//
// A number about a device and how far to believe it. Profiles hold no bare numbers: every figure
// names its source, and a source begins with the way it was come by in brackets ("[measured] ..."),
// from which the confidence is read. A figure without a source is an estimate.
//
// Units: every figure is held in the canonical unit of its quantity, whatever unit it was written
// in; the member that holds it carries that unit in its name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fettle::device {

// Weakest first, so that the confidence of something computed is the least of its parts.
enum class Confidence : uint8_t {
  estimate,  // a guess, a recalled figure, or anything marked so
  derived,   // computed from other figures
  fitted,    // a model's parameter fitted to measurements
  stated,    // a source says so, without saying how it knows
  vendor,    // data sheet, device tree, vendor's documentation
  measured,
};
std::string_view name_of(Confidence confidence);
// Reads the bracket that a source begins with: "[vendor-dt] torvalds/linux ..." is vendor's.
Confidence confidence_of(std::string_view source);

struct Figure {
  double value = 0;
  Confidence confidence = Confidence::estimate;
  std::string source;
  friend bool operator==(const Figure&, const Figure&) = default;
};
using MaybeFigure = std::optional<Figure>;

enum class Quantity : uint8_t {
  count,
  clock,
  voltage,
  power,
  size,
  bandwidth,
  rate,
  duration,
  temperature,
  rise,
  energy,
};

struct Unit {
  std::string_view name;
  double scale;  // canonical = scale * written
};
struct QuantityRow {
  Quantity quantity;
  double least, most;           // in the canonical unit; anything outside is refused
  std::span<const Unit> units;  // the canonical one first
};
const QuantityRow& row_of(Quantity quantity);

}  // namespace fettle::device
