// SPDX-License-Identifier: Apache-2.0
#include "ops/unary/unary.h"

#include <algorithm>

#include "ops/cases.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {
constexpr int64_t kBlock = 128;

template <class T>
void run_blocks(const OpCall& call, FloatLoop loop, const UnaryParams& p) {
  const T* x = call.in[0].as<T>();
  T* y = call.out[0].as_mutable<T>();
  const int64_t n = call.in[0].elements();
  float block[kBlock];
  for (int64_t i = 0; i < n; i += kBlock) {
    const int64_t m = std::min(kBlock, n - i);
    for (int64_t j = 0; j < m; ++j) block[j] = x[i + j];
    loop(block, block, m, p);
    for (int64_t j = 0; j < m; ++j) y[i + j] = T(block[j]);
  }
}
}  // namespace

Status infer_float_unary(const char* op, const OpCall& call) {
  FETTLE_TRY(require_float(op, "input", call.in[0]));
  FETTLE_TRY(refuse_quantized(op, call));
  return infer_same(call);
}

Status run_float_unary(const OpCall& call, FloatLoop f32, DoubleLoop f64, const UnaryParams& p) {
  const TensorView &x = call.in[0], &y = call.out[0];
  switch (x.dtype) {
    case DType::f32:
      f32(x.as<float>(), y.as_mutable<float>(), x.elements(), p);
      break;
    case DType::f64:
      f64(x.as<double>(), y.as_mutable<double>(), x.elements(), p);
      break;
    case DType::f16:
      run_blocks<Half>(call, f32, p);
      break;
    case DType::bf16:
      run_blocks<BFloat16>(call, f32, p);
      break;
    default:
      assert(false);
  }
  return {};
}

Status drop_consumed_inputs(ir::Graph&, ir::Node* node, int) {
  node->attrs.erase("consumed_inputs");
  return {};
}

std::vector<Case> unary_cases(double low, double high) {
  return {{.name = "one", .inputs = {f32({1})}, .low = low, .high = high},
          {.name = "odd", .inputs = {f32({3, 5, 7})}, .low = low, .high = high},
          {.name = "long", .inputs = {f32({4, 1031})}, .low = low, .high = high}};
}

}  // namespace fettle::ops
