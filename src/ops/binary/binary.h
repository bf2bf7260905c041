// SPDX-License-Identifier: Apache-2.0
//
// Operators of two operands that broadcast. A member is a formula on one element of each; the
// walk over rows (row_walk.h) is shared, and a row's loop exists once for each element type.
#pragma once

#include "ops/op.h"
#include "ops/row_walk.h"

namespace fettle::ops {

// One row: step 1 goes along an operand, step 0 repeats its first element.
using RowLoop = void (*)(const void* a, int64_t a_step, const void* b, int64_t b_step, void* y,
                         int64_t n);

// out = loop(a, b) for operands that broadcast to out.
void run_rows(const TensorView& a, const TensorView& b, const TensorView& out, RowLoop loop);

// dtype and broadcast dims of out from inputs 0 and 1 (and all further ones); refuses operands
// that differ in type.
Status infer_broadcast(const char* op, const OpCall& call, DType out);

template <class F, class T, class R>
void row_loop(const void* a_raw, int64_t a_step, const void* b_raw, int64_t b_step, void* y_raw,
              int64_t n) {
  const T* a = static_cast<const T*>(a_raw);
  const T* b = static_cast<const T*>(b_raw);
  R* y = static_cast<R*>(y_raw);
#ifdef __OPTIMIZE_SIZE__  // one loop in place of three
  for (int64_t i = 0; i < n; ++i) y[i] = F::template apply<T>(a[i * a_step], b[i * b_step]);
#else
  if (a_step && b_step) {
    for (int64_t i = 0; i < n; ++i) y[i] = F::template apply<T>(a[i], b[i]);
  } else if (a_step) {
    const T right = b[0];
    for (int64_t i = 0; i < n; ++i) y[i] = F::template apply<T>(a[i], right);
  } else {
    const T left = a[0];
    for (int64_t i = 0; i < n; ++i) y[i] = F::template apply<T>(left, b[i * b_step]);
  }
#endif
}

std::vector<Case> binary_cases(DType type, double low, double high);
// Input 0 or 1, where it has the shape and element size of the output.
bool in_place_binary(const OpCall& call, int input);

// ONNX before opset 7 broadcast only where `broadcast` said so, input 1 from `axis` on.
Status read_old_broadcast(ir::Graph& graph, ir::Node* node, int opset);

}  // namespace fettle::ops
