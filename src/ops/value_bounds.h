// SPDX-License-Identifier: Apache-2.0
//
// Bounds of integers that are computed from data. A tensor whose extents depend on data has an
// upper bound for them, so its Shape has bounds as values, and what an exporter computes from them
// (Gather, Concat, Min, ...) has, too. Extents that follow from such values are dynamic again.
//
//   k: i64 [1] = Min(300, Shape(x: f32 [3234] at most))     k is in [0, 300]
//   y = TopK(x, k)                                          y: f32 [300] at most
//
// Only operators that never fall as an operand grows take part, so that the operator's own
// reference, run on the lower and on the upper bounds, gives those of its result.
#pragma once

#include <memory>

#include "ir/graph.h"

namespace fettle::ops {

// Of output 0, typed already; null where nothing is known of it.
std::shared_ptr<const Bounds> derive_bounds(const ir::Node& node, const ir::Type& output);

}  // namespace fettle::ops
