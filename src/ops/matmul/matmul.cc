// SPDX-License-Identifier: Apache-2.0
#include "ops/matmul/matmul.h"

#include "ops/cases.h"
#include "ops/operands.h"
#include "ops/quantized.h"

namespace fettle::ops {

namespace {
constexpr AttrSpec kGemmAttrs[] = {
    {"alpha", AttrKind::real},        {"beta", AttrKind::real},
    {"transA", AttrKind::integer},    {"transB", AttrKind::integer},
    {"activation", AttrKind::string}, {"activation_params", AttrKind::reals}};
constexpr AttrSpec kMatMulAttrs[] = {{"activation", AttrKind::string},
                                     {"activation_params", AttrKind::reals}};

Status check_types(const char* op, const OpCall& call) {
  const DType type = call.in[0].dtype;
  const bool wide =
      type == DType::i32 || type == DType::u32 || type == DType::i64 || type == DType::u64;
  if (!wide) FETTLE_TRY(require_float(op, "first operand", call.in[0]));
  if (wide && call.attrs.get_string("activation", "none") != "none") {
    return unsupported(std::string(op) + ": an activation on integers");
  }
  for (size_t i = 1; i < call.in.size(); ++i) {
    if (call.has_in(i)) FETTLE_TRY(require_same_dtype(op, call.in[0], call.in[i]));
  }
  if (wide && (call.attrs.get_float("alpha", 1) != 1 || call.attrs.get_float("beta", 1) != 1)) {
    return unsupported(std::string(op) + ": alpha or beta on integers");
  }
  return {};
}

Status infer_gemm(const OpCall& call) {
  GemmShape s;
  FETTLE_TRY(resolve_gemm(call, &s));
  if (has_dynamic_range(call)) {
    FETTLE_TRY(infer_gemm_dynamic_range(call, s));
  } else if (any_quantized(call)) {
    FETTLE_TRY(infer_gemm_integer(call, s));
  } else {
    FETTLE_TRY(check_types("Gemm", call));
    call.out[0].dtype = call.in[0].dtype;
  }
  call.out[0].dims = {s.product.m, s.product.n};
  call.out[0].dynamic = any_dynamic(call);
  return {};
}
Cost cost_gemm(const OpCall& call) {
  GemmShape s;
  if (!resolve_gemm(call, &s).ok()) return {};
  return {.macs = s.product.m * s.product.n * s.product.k};
}
size_t scratch_gemm(const OpCall& call) {
  GemmShape s;
  return resolve_gemm(call, &s).ok() ? scratch_product(s.product) : 0;
}
Status reference_gemm(const OpCall& call) {
  GemmShape s;
  FETTLE_TRY(resolve_gemm(call, &s));
  if (call.in[0].quant) return reference_gemm_integer(call, s);
  return call.in[1].quant ? reference_gemm_dynamic_range(call, s) : reference_gemm_float(call, s);
}

Status infer_matmul(const OpCall& call) {
  MatMulShape s;
  FETTLE_TRY(resolve_matmul("MatMul", call.in[0], call.in[1], &s));
  FETTLE_TRY(parse_activation(call.attrs, &s.activation));
  if (has_dynamic_range(call)) {
    FETTLE_TRY(infer_matmul_dynamic_range(call));
  } else if (any_quantized(call)) {
    FETTLE_TRY(infer_matmul_integer(call));
  } else {
    FETTLE_TRY(check_types("MatMul", call));
    call.out[0].dtype = call.in[0].dtype;
  }
  call.out[0].dims = s.out;
  call.out[0].dynamic = any_dynamic(call);
  return {};
}
Cost cost_matmul(const OpCall& call) {
  MatMulShape s;
  if (!resolve_matmul("MatMul", call.in[0], call.in[1], &s).ok()) return {};
  return {.macs = s.batch.elements() * s.product.m * s.product.n * s.product.k};
}
size_t scratch_matmul(const OpCall& call) {
  MatMulShape s;
  const bool fits = resolve_matmul("MatMul", call.in[0], call.in[1], &s).ok();
  return fits ? scratch_product(s.product) : 0;
}
Status reference_matmul(const OpCall& call) {
  MatMulShape s;
  FETTLE_TRY(resolve_matmul("MatMul", call.in[0], call.in[1], &s));
  FETTLE_TRY(parse_activation(call.attrs, &s.activation));
  if (call.in[0].quant) return reference_matmul_integer(call, s);
  return call.in[1].quant ? reference_matmul_dynamic_range(call, s)
                          : reference_matmul_float(call, s);
}

}  // namespace

std::vector<Case> gemm_cases() {
  return {
      {.name = "plain", .inputs = {f32({5, 7}), f32({7, 9}), f32({9})}, .constants = {1, 2}},
      {.name = "dense_relu",
       .attrs = {{"transB", int64_t{1}}, {"activation", "relu"}},
       .inputs = {f32({1, 33}), f32({10, 33}), f32({10})},
       .constants = {1, 2}},
      {.name = "both_transposed_scaled",
       .attrs = {{"transA", int64_t{1}}, {"transB", int64_t{1}}, {"alpha", 0.5f}, {"beta", 2.0f}},
       .inputs = {f32({6, 4}), f32({8, 6}), f32({4, 1})}},
      {.name = "i8_weights",
       .attrs = {{"transB", int64_t{1}}, {"activation", "relu"}},
       .inputs = {f32({7, 83}), weights_i8({51, 83}, 0), f32({51})},
       .constants = {1, 2}},
      {.name = "i8_weights_as_stored",
       .inputs = {f32({1, 40}), weights_i8({40, 18}, 1)},
       .constants = {1}},
      {.name = "no_bias", .inputs = {f32({17, 16}), f32({16, 65})}, .constants = {1}},
  };
}

std::vector<Case> matmul_cases() {
  return {
      {.name = "matrix", .inputs = {f32({4, 19}), f32({19, 13})}, .constants = {1}},
      {.name = "batched", .inputs = {f32({2, 3, 5, 8}), f32({2, 3, 8, 6})}},
      {.name = "broadcast", .inputs = {f32({3, 1, 5, 8}), f32({2, 8, 6})}},
      {.name = "weights_gelu",
       .attrs = {{"activation", "gelu"}},
       .inputs = {f32({2, 7, 16}), f32({16, 24})},
       .constants = {1}},
      {.name = "i8_weights",
       .attrs = {{"activation", "silu"}},
       .inputs = {f32({3, 5, 34}), weights_i8({34, 21}, 1)},
       .constants = {1}},
      {.name = "vectors", .inputs = {f32({9}), f32({9})}},
      {.name = "vector_matrix", .inputs = {f32({9}), f32({2, 9, 4})}},
  };
}

namespace {

constexpr OnnxRule kMatMul[] = {{"MatMul"}};
constexpr OpDef kOps[] = {
    {.name = "Gemm",
     .schema = Schema(2, 3, 1, 1, kGemmAttrs),
     .infer = infer_gemm,
     .cost = cost_gemm,
     .reference = reference_gemm,
     .scratch = scratch_gemm,
     .in_place = kNotApplicable,
     .rows = kNotApplicable,
     .quant = QuantRule::weighted,
     .onnx = kGemmOnnx,
     .tflite = kGemmTflite,
     .cases = gemm_cases},
    {.name = "MatMul",
     .schema = Schema(2, 2, 1, 1, kMatMulAttrs),
     .infer = infer_matmul,
     .cost = cost_matmul,
     .reference = reference_matmul,
     .scratch = scratch_matmul,
     .in_place = kNotApplicable,
     .rows = kNotApplicable,
     .quant = QuantRule::weighted,
     .onnx = std::span<const OnnxRule>(kMatMul),
     .tflite = kMatmulTflite,
     .cases = matmul_cases},
};

}  // namespace

FETTLE_OP_TABLE(matmul, kOps)

}  // namespace fettle::ops
