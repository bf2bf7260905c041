// SPDX-License-Identifier: Apache-2.0
//
//   QLinearMatMul(a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero)  ->  i8 or u8
//   MatMulInteger(a, b, a_zero?, b_zero?)                                   ->  i32
//
// Scales and zero points: one, or one for each row of a and each column of b.
#include "ops/matmul/matmul.h"

#include "ops/operands.h"
#include "ops/qlinear/qlinear.h"

namespace fettle::ops {

namespace {

template <bool kInteger>
constexpr const char* kName = kInteger ? "MatMulInteger" : "QLinearMatMul";

struct Operands {
  TensorView a, b;
  const TensorView* a_zero = nullptr;
  const TensorView* b_zero = nullptr;
  MatMulShape shape;
};

Status check_count(const char* op, const TensorView* v, int64_t lines) {
  if (v == nullptr || v->elements() == 1 || v->elements() == lines) return {};
  return invalid_input(std::string(op) + ": a scale or zero point of " + v->dims.to_string() +
                       " should hold 1 or " + std::to_string(lines) + " numbers");
}

template <bool kInteger>
Status resolve(const OpCall& call, Operands* s) {
  const char* op = kName<kInteger>;
  const auto input = [&](size_t i) { return call.has_in(i) ? &call.in[i] : nullptr; };
  s->a = call.in[0];
  s->b = call.in[kInteger ? 1 : 3];
  s->a_zero = input(2);
  s->b_zero = input(kInteger ? 3 : 5);
  if (!is_byte(s->a) || !is_byte(s->b)) {
    return unsupported(std::string(op) + ": operands should be i8 or u8");
  }
  FETTLE_TRY(resolve_matmul(op, s->a, s->b, &s->shape));
  const MatrixProduct& p = s->shape.product;
  FETTLE_TRY(check_count(op, s->a_zero, p.m));
  FETTLE_TRY(check_count(op, s->b_zero, p.n));
  if (s->a_zero) FETTLE_TRY(require_same_dtype(op, s->a, *s->a_zero));
  if (s->b_zero) FETTLE_TRY(require_same_dtype(op, s->b, *s->b_zero));
  if (kInteger) return {};
  for (size_t i : {1, 4, 6}) {
    FETTLE_TRY(require_float(op, "scale", call.in[i]));
    FETTLE_TRY(check_count(op, &call.in[i], i == 1 ? p.m : i == 4 ? p.n : 1));
  }
  if (!is_byte(call.in[7]) || call.in[7].elements() != 1) {
    return invalid_input("QLinearMatMul: the zero point of its output should be one i8 or u8");
  }
  return {};
}

template <bool kInteger>
Status infer(const OpCall& call) {
  Operands s;
  FETTLE_TRY(refuse_quantized(kName<kInteger>, call));
  FETTLE_TRY(resolve<kInteger>(call, &s));
  call.out[0].dtype = kInteger ? DType::i32 : call.in[7].dtype;
  call.out[0].dims = s.shape.out;
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

double element(const TensorView* v, int64_t line) {
  return v == nullptr ? 0 : number_at(*v, v->elements() == 1 ? 0 : line);
}

template <bool kInteger, class X, class W>
void run(const OpCall& call, const Operands& s) {
  const MatrixProduct& p = s.shape.product;
  int64_t to = 0;
  for (int64_t batch = 0; batch < s.shape.batch.elements(); ++batch) {
    int64_t at_a, at_b;
    matrix_offsets(s.shape, batch, &at_a, &at_b);
    for (int64_t i = 0; i < p.m; ++i) {
      const X* a = s.a.as<X>() + at_a + i * p.a_row;
      const auto a_zero = static_cast<int64_t>(element(s.a_zero, i));
      for (int64_t j = 0; j < p.n; ++j, ++to) {
        const W* b = s.b.as<W>() + at_b + j * p.b_col;
        const auto b_zero = static_cast<int64_t>(element(s.b_zero, j));
        int64_t sum = 0;
        for (int64_t k = 0; k < p.k; ++k) sum += (a[k] - a_zero) * (b[k * p.b_row] - b_zero);
        if (kInteger) {
          static_cast<int32_t*>(call.out[0].data)[to] = static_cast<int32_t>(sum);
          continue;
        }
        const float multiplier = static_cast<float>(element(&call.in[1], i)) *
                                 static_cast<float>(element(&call.in[4], j)) /
                                 static_cast<float>(element(&call.in[6], 0));
        store_byte(call.out[0], to, sum, multiplier, static_cast<int64_t>(element(&call.in[7], 0)));
      }
    }
  }
}

template <bool kInteger>
Status reference(const OpCall& call) {
  Operands s;
  FETTLE_TRY(resolve<kInteger>(call, &s));
  visit_bytes(s.a.dtype, s.b.dtype, [&]<class X, class W>(X, W) { run<kInteger, X, W>(call, s); });
  return {};
}

template <bool kInteger>
Cost cost(const OpCall& call) {
  Operands s;
  if (!resolve<kInteger>(call, &s).ok()) return {};
  const MatrixProduct& p = s.shape.product;
  return {.macs = s.shape.batch.elements() * p.m * p.n * p.k};
}

std::vector<Case> cases() { return {}; }  // conformance cases cover them

template <bool kInteger>
constexpr OpDef define(Schema schema, std::span<const OnnxRule> onnx) {
  return {.name = kName<kInteger>,
          .schema = schema,
          .infer = infer<kInteger>,
          .cost = cost<kInteger>,
          .reference = reference<kInteger>,
          .scratch = kNotApplicable,
          .in_place = kNotApplicable,
          .rows = kNotApplicable,
          .quant = QuantRule::keep_float,
          .onnx = onnx,
          .tflite = kNotApplicable,
          .cases = cases};
}

constexpr OnnxRule kLinear[] = {{"QLinearMatMul"}}, kInteger[] = {{"MatMulInteger"}};
constexpr OpDef kOps[] = {define<false>(Schema(8, 8, 1, 1), kLinear),
                          define<true>(Schema(2, 4, 1, 1), kInteger)};

}  // namespace

FETTLE_OP_TABLE(integer_matmul, kOps)

}  // namespace fettle::ops
