// SPDX-License-Identifier: Apache-2.0
//
// How far one runtime's outputs agree with another's. Runtimes keep the elements of a tensor and
// change what is around them: names, extents of 1, and the place of the channels. Those are
// followed; anything else is a disagreement.
#pragma once

#include "measure/compare/worker.h"

namespace fettle::measure {

// The extents as `slot` wants them, from a tensor with those elements: unchanged, with other
// extents of 1, or with the channels moved last or first. Empty `slot` extents take anything. An
// error says what was wanted.
Result<Tensor> fit_layout(const Tensor& value, std::span<const int64_t> slot);

struct Agreement {
  // Signal to noise over all elements of all outputs; absent where they are the same to the bit.
  std::optional<double> snr_db;
  double largest_difference = 0;
};

// Outputs are matched by name, or else by their place, or else by their extents. `reference` is
// what the others are held to. An error says how they cannot be compared.
Result<Agreement> agree(const std::vector<NamedTensor>& reference,
                        const std::vector<NamedTensor>& outputs);

}  // namespace fettle::measure
