// SPDX-License-Identifier: Apache-2.0
//
// Lookup: any function of one 8-bit code, as a table of its 256 results: output code =
// table[input code + 128]. The table is made where the model is compiled (quantized_forms pass),
// so a device gives bit for bit what the workstation did, whatever its exp() rounds to.
//
//   x i8, quantized;  table i8 [256], constant  ->  y i8; the graph states y's quantization
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/quantized.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

Status infer_lookup(const OpCall& call) {
  FETTLE_TRY(require_quantized("Lookup", "the input", call.in[0]));
  if (call.in[0].dtype != DType::i8 || call.in[1].dtype != DType::i8) {
    return invalid_input("Lookup: input and table should be i8");
  }
  FETTLE_TRY(require_dims("Lookup", "table", call.in[1], {256}));
  FETTLE_TRY(infer_quantized_output("Lookup", call, DType::i8));
  call.out[0].dims = call.in[0].dims;
  call.out[0].dynamic = call.in[0].dynamic;
  return {};
}

Status reference_lookup(const OpCall& call) {
  const int8_t* x = call.in[0].as<int8_t>();
  const int8_t* table = call.in[1].as<int8_t>() + 128;
  int8_t* y = call.out[0].as_mutable<int8_t>();
  const int64_t n = call.in[0].elements();
  for (int64_t i = 0; i < n; ++i) y[i] = table[x[i]];
  return {};
}

// Its output's quantization is part of the call, which a Case cannot state: see integer_test.cc.
std::vector<Case> lookup_cases() { return {}; }

}  // namespace

std::span<const OpDef> lookup_ops() {
  static const OpDef ops[] = {{
      .name = "Lookup",
      .schema = Schema(2, 2, 1, 1),
      .infer = infer_lookup,
      .cost = kNotApplicable,
      .reference = reference_lookup,
      .scratch = kNotApplicable,
      .in_place = in_place_first,
      .quant = QuantRule::compute,
      .onnx = kNotApplicable,
      .tflite = kNotApplicable,
      .cases = lookup_cases,
  }};
  return ops;
}

}  // namespace fettle::ops
