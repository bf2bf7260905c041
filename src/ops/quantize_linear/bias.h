// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/graph.h"

namespace fettle::ops {

// The float behind an i32 bias in units of alpha times x's scale times each weight's, as integer
// products have it: a DequantizeLinear before `before`. Null, and nothing made, where a scale is
// not constant f32 or x's not one.
ir::Value* dequantized_bias(ir::Graph& graph, ir::Node* before, ir::Value* bias,
                            const ir::Value* x_scale, const ir::Value* w_scale, float alpha = 1);

}  // namespace fettle::ops
