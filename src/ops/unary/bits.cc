// SPDX-License-Identifier: Apache-2.0
//
// Not and BitwiseNot.
#include "ops/cases.h"
#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/unary/unary.h"

namespace fettle::ops {

namespace {

Status infer_not(const OpCall& call) {
  if (call.in[0].dtype != DType::boolean) return invalid_input("Not: its input is not bool");
  return infer_same(call);
}

Status reference_not(const OpCall& call) {
  const bool* x = call.in[0].as<bool>();
  bool* y = call.out[0].as_mutable<bool>();
  for (int64_t i = 0, n = call.in[0].elements(); i < n; ++i) y[i] = !x[i];
  return {};
}

Status infer_bitwise_not(const OpCall& call) {
  if (!is_integer(call.in[0].dtype)) {
    return invalid_input("BitwiseNot: its input is " + std::string(name_of(call.in[0].dtype)) +
                         ", not an integer type");
  }
  FETTLE_TRY(refuse_quantized("BitwiseNot", call));
  return infer_same(call);
}

Status reference_bitwise_not(const OpCall& call) {
  const auto* x = static_cast<const unsigned char*>(call.in[0].data);
  auto* y = static_cast<unsigned char*>(call.out[0].data);
  for (size_t i = 0, n = call.in[0].bytes(); i < n; ++i) y[i] = static_cast<unsigned char>(~x[i]);
  return {};
}

Cost cost(const OpCall& call) { return {.flops = call.in[0].elements()}; }

std::vector<Case> cases_not() {
  return {{.name = "odd", .inputs = {typed(DType::boolean, {3, 37})}, .low = 0, .high = 1}};
}
std::vector<Case> cases_bitwise_not() {
  return {{.name = "i32", .inputs = {typed(DType::i32, {3, 37})}, .low = -99, .high = 99}};
}

constexpr OnnxRule kNot[] = {{"Not"}}, kBitwiseNot[] = {{"BitwiseNot"}};
constexpr TfliteRule kTfliteNot[] = {{"LOGICAL_NOT"}};
constexpr OpDef kOps[] = {{.name = "Not",
                           .schema = Schema(1, 1, 1, 1),
                           .infer = infer_not,
                           .cost = cost,
                           .reference = reference_not,
                           .scratch = kNotApplicable,
                           .in_place = in_place_same_shape,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kNot,
                           .tflite = kTfliteNot,
                           .cases = cases_not},
                          {.name = "BitwiseNot",
                           .schema = Schema(1, 1, 1, 1),
                           .infer = infer_bitwise_not,
                           .cost = cost,
                           .reference = reference_bitwise_not,
                           .scratch = kNotApplicable,
                           .in_place = in_place_same_shape,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kBitwiseNot,
                           .tflite = kNotApplicable,
                           .cases = cases_bitwise_not}};

}  // namespace

FETTLE_OP_TABLE(bit_unary, kOps)

}  // namespace fettle::ops
