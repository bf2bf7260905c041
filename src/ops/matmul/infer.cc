// SPDX-License-Identifier: Apache-2.0
#include "ops/matmul/matmul.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

Status resolve_gemm(const OpCall& call, GemmShape* s) {
  FETTLE_TRY(require_rank("Gemm", "A", call.in[0], 2, 2));
  FETTLE_TRY(require_rank("Gemm", "B", call.in[1], 2, 2));
  FETTLE_TRY(parse_activation(call.attrs, &s->activation));
  const bool ta = call.attrs.get_int("transA", 0) != 0, tb = call.attrs.get_int("transB", 0) != 0;
  const Dims& a = call.in[0].dims;
  const Dims& b = call.in[1].dims;
  s->alpha = call.attrs.get_float("alpha", 1);
  s->beta = call.attrs.get_float("beta", 1);
  MatrixProduct& p = s->product;
  p = {.m = a[ta ? 1 : 0],
       .n = b[tb ? 0 : 1],
       .k = a[ta ? 0 : 1],
       .a_row = ta ? 1 : a[1],
       .a_col = ta ? a[1] : 1,
       .b_row = tb ? 1 : b[1],
       .b_col = tb ? b[1] : 1};
  if (p.k != b[tb ? 1 : 0]) {
    return invalid_input("Gemm: " + a.to_string() + " and " + b.to_string() +
                         " do not multiply (transA " + std::to_string(ta) + ", transB " +
                         std::to_string(tb) + ")");
  }
  if (!call.has_in(2)) return {};
  const Dims& c = call.in[2].dims;
  Dims both;
  FETTLE_TRY(broadcast("Gemm", c, {p.m, p.n}, &both));
  if (!(both == Dims{p.m, p.n})) {
    return invalid_input("Gemm: a bias of " + c.to_string() + " does not broadcast to " +
                         Dims{p.m, p.n}.to_string());
  }
  const Strides steps = broadcast_strides(c, both);
  s->c_row = steps.step[0];
  s->c_col = steps.step[1];
  return {};
}

Status resolve_matmul(const char* op, const TensorView& a, const TensorView& b, MatMulShape* s) {
  FETTLE_TRY(require_rank(op, "first operand", a, 1, kMaxRank));
  FETTLE_TRY(require_rank(op, "second operand", b, 1, kMaxRank));
  const int ra = a.dims.rank(), rb = b.dims.rank();
  MatrixProduct& p = s->product;
  p.m = ra == 1 ? 1 : a.dims[ra - 2];
  p.k = a.dims[ra - 1];
  p.n = rb == 1 ? 1 : b.dims[rb - 1];
  p.a_row = p.k;
  p.a_col = 1;
  p.b_row = rb == 1 ? 1 : p.n;
  p.b_col = 1;
  if (p.k != b.dims[rb == 1 ? 0 : rb - 2]) {
    return invalid_input(std::string(op) + ": " + a.dims.to_string() + " and " +
                         b.dims.to_string() + " do not multiply");
  }
  s->a_batch = Dims(a.dims.begin(), a.dims.begin() + (ra > 2 ? ra - 2 : 0));
  s->b_batch = Dims(b.dims.begin(), b.dims.begin() + (rb > 2 ? rb - 2 : 0));
  FETTLE_TRY(broadcast(op, s->a_batch, s->b_batch, &s->batch));
  s->out = s->batch;
  if (ra > 1) s->out.push_back(p.m);
  if (rb > 1) s->out.push_back(p.n);
  return {};
}

void matrix_offsets(const MatMulShape& s, int64_t i, int64_t* a, int64_t* b) {
  const Strides sa = broadcast_strides(s.a_batch, s.batch);
  const Strides sb = broadcast_strides(s.b_batch, s.batch);
  int64_t at_a = 0, at_b = 0;
  for (int axis = s.batch.rank() - 1; axis >= 0; --axis) {
    const int64_t index = i % s.batch[axis];
    i /= s.batch[axis];
    at_a += index * sa.step[axis];
    at_b += index * sb.step[axis];
  }
  *a = at_a * s.product.m * s.product.k;
  *b = at_b * s.product.k * s.product.n;
}

}  // namespace fettle::ops
