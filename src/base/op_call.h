// SPDX-License-Identifier: Apache-2.0
//
// One call of an operator: what shape inference, cost, the reference kernel and every fast kernel
// receive. The same struct serves the graph (types known, data mostly not), constant folding and
// the device.
//
// Inference reads `in` (data is null where not yet known) and fills dtype, dims and dynamic of
// `out`. A kernel reads `in`, writes `out`; where an output is dynamic, its dims are the actual
// ones by then. Neither allocates on success.
#pragma once

#include <cstddef>
#include <span>

#include "base/attributes.h"
#include "base/status.h"
#include "base/tensor.h"

namespace fettle {

struct OpCall {
  const Attributes& attrs;
  std::span<const TensorView> in;
  std::span<TensorView> out;
  std::span<std::byte> scratch = {};  // as many bytes as the kernel asked for, 64-byte aligned

  bool has_in(size_t i) const { return i < in.size() && in[i].present(); }
};

}  // namespace fettle
