// SPDX-License-Identifier: Apache-2.0
#include "measure/compare/agreement.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace fettle::measure {

namespace {

using Extents = std::vector<int64_t>;

Extents without_ones(std::span<const int64_t> extents) {
  Extents kept;
  for (const int64_t e : extents) {
    if (e != 1) kept.push_back(e);
  }
  return kept;
}

bool same_but_for_free(std::span<const int64_t> extents, std::span<const int64_t> slot) {
  if (extents.size() != slot.size()) return false;
  for (size_t i = 0; i < slot.size(); ++i) {
    if (slot[i] >= 0 && slot[i] != extents[i]) return false;
  }
  return true;
}

// Axis 1 moved to the end (`last`), or the last one to axis 1.
Tensor move_channels(const Tensor& from, bool last) {
  const Extents in(from.dims().begin(), from.dims().end());
  const int64_t batch = in[0], channels = last ? in[1] : in.back();
  const int64_t places = from.elements() / std::max<int64_t>(1, batch * channels);
  Extents out = in;
  if (last) {
    std::rotate(out.begin() + 1, out.begin() + 2, out.end());
  } else {
    std::rotate(out.begin() + 1, out.end() - 1, out.end());
  }
  Dims dims;
  for (const int64_t e : out) dims.push_back(e);
  Tensor to(from.dtype(), dims);
  const size_t size = size_of(from.dtype());
  const auto* source = static_cast<const std::byte*>(from.raw());
  auto* target = static_cast<std::byte*>(to.mutable_raw());
  const int64_t rows = last ? channels : places, columns = last ? places : channels;
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < columns; ++c) {
        const int64_t at = b * rows * columns;
        std::memcpy(target + static_cast<size_t>(at + c * rows + r) * size,
                    source + static_cast<size_t>(at + r * columns + c) * size, size);
      }
    }
  }
  return to;
}

std::string text_of(std::span<const int64_t> extents) {
  std::string text;
  for (const int64_t e : extents) text += (text.empty() ? "" : "x") + std::to_string(e);
  return text.empty() ? "scalar" : text;
}

Result<std::vector<double>> numbers(const Tensor& t) {
  std::vector<double> values(static_cast<size_t>(t.elements()));
  const bool known = visit_dtype(
      t.dtype(),
      [&](auto tag) {
        const auto from = t.data<decltype(tag)>();
        for (size_t i = 0; i < values.size(); ++i) {
          values[i] = static_cast<double>(static_cast<decltype(tag)>(from[i]));
        }
        return true;
      },
      false);
  if (!known) return unsupported("an output has no numbers");
  return values;
}

// The counterpart of output `i`: that name; else that place, if it fits; else the first that does.
Result<Tensor> find_output(const NamedTensor& wanted, size_t i,
                           const std::vector<NamedTensor>& outputs) {
  const Extents extents(wanted.value.dims().begin(), wanted.value.dims().end());
  const auto named = std::find_if(outputs.begin(), outputs.end(),
                                  [&](const NamedTensor& o) { return o.name == wanted.name; });
  if (named != outputs.end()) return fit_layout(named->value, extents);
  auto placed = fit_layout(outputs[i].value, extents);
  if (placed.ok()) return placed;
  for (const NamedTensor& o : outputs) {
    if (auto other = fit_layout(o.value, extents); other.ok()) return other;
  }
  return placed;
}

}  // namespace

Result<Tensor> fit_layout(const Tensor& value, std::span<const int64_t> slot) {
  const Extents own(value.dims().begin(), value.dims().end());
  if (same_but_for_free(own, slot)) return value;
  if (own.size() == slot.size() && own.size() >= 3) {
    Extents last = own, first = own;
    std::rotate(last.begin() + 1, last.begin() + 2, last.end());
    std::rotate(first.begin() + 1, first.end() - 1, first.end());
    if (same_but_for_free(last, slot)) return move_channels(value, true);
    if (same_but_for_free(first, slot)) return move_channels(value, false);
  }
  if (without_ones(own) == without_ones(slot)) {
    Dims dims;
    for (const int64_t e : slot) dims.push_back(e);
    return value.reshaped(dims);
  }
  return unsupported("extents " + text_of(own) + " where " + text_of(slot) + " are wanted");
}

Result<Agreement> agree(const std::vector<NamedTensor>& reference,
                        const std::vector<NamedTensor>& outputs) {
  if (reference.size() != outputs.size()) {
    return unsupported(std::to_string(outputs.size()) + " outputs where there are " +
                       std::to_string(reference.size()));
  }
  double signal = 0, noise = 0;
  Agreement agreement;
  for (size_t i = 0; i < reference.size(); ++i) {
    const Tensor& wanted = reference[i].value;
    auto fitted = find_output(reference[i], i, outputs);
    if (!fitted.ok()) return fitted.take_status().at("output '" + reference[i].name + "'");
    FETTLE_ASSIGN(const auto a, numbers(wanted));
    FETTLE_ASSIGN(const auto b, numbers(*fitted));
    for (size_t k = 0; k < a.size(); ++k) {
      if (a[k] == b[k] || (std::isnan(a[k]) && std::isnan(b[k]))) {
        if (std::isfinite(a[k])) signal += a[k] * a[k];
        continue;
      }
      const double difference = a[k] - b[k];
      if (!std::isfinite(difference)) {
        return unsupported("output '" + reference[i].name + "' is not finite in one of the two");
      }
      signal += a[k] * a[k];
      noise += difference * difference;
      agreement.largest_difference = std::max(agreement.largest_difference, std::abs(difference));
    }
  }
  if (noise > 0) agreement.snr_db = 10 * std::log10(std::max(signal, 1e-300) / noise);
  return agreement;
}

}  // namespace fettle::measure
