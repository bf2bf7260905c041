// SPDX-License-Identifier: Apache-2.0
//
// Lookup: any function of one code, as a table that is made where the model is compiled
// (quantized_forms pass), so a device gives bit for bit what the workstation did, whatever its
// exp() rounds to.
//
//   x i8, quantized;   table i8 [256]             ->  y = table[x + 128]
//   x i16, quantized;  table i16, lines or curves ->  y between entries (base/wide_table.h)
//
// The graph states y's quantization.
#include "base/wide_table.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/quantized.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

Status infer_lookup(const OpCall& call) {
  FETTLE_TRY(require_quantized("Lookup", "the input", call.in[0]));
  const DType type = call.in[0].dtype;
  if (call.in[1].dtype != type) return invalid_input("Lookup: input and table differ in type");
  if (type == DType::i8) {
    FETTLE_TRY(require_dims("Lookup", "table", call.in[1], {256}));
  } else if (WideTable::of(call.in[1].dims).shift < 0) {
    return invalid_input("Lookup: no table of 16-bit codes has shape " +
                         call.in[1].dims.to_string());
  }
  FETTLE_TRY(infer_quantized_output("Lookup", call, type));
  call.out[0].dims = call.in[0].dims;
  call.out[0].dynamic = call.in[0].dynamic;
  return {};
}

Status reference_lookup(const OpCall& call) {
  const int64_t n = call.in[0].elements();
  if (call.in[0].dtype == DType::i16) {
    const int16_t* x = call.in[0].as<int16_t>();
    const int16_t* table = call.in[1].as<int16_t>();
    int16_t* y = call.out[0].as_mutable<int16_t>();
    const WideTable form = WideTable::of(call.in[1].dims);
    for (int64_t i = 0; i < n; ++i) y[i] = form.look_up(table, x[i]);
    return {};
  }
  const int8_t* x = call.in[0].as<int8_t>();
  const int8_t* table = call.in[1].as<int8_t>() + 128;
  int8_t* y = call.out[0].as_mutable<int8_t>();
  for (int64_t i = 0; i < n; ++i) y[i] = table[x[i]];
  return {};
}

// Its output's quantization is part of the call, which a Case cannot state: see integer_test.cc.
std::vector<Case> lookup_cases() { return {}; }

constexpr OpDef kOps[] = {{
    .name = "Lookup",
    .schema = Schema(2, 2, 1, 1),
    .infer = infer_lookup,
    .cost = kNotApplicable,
    .reference = reference_lookup,
    .scratch = kNotApplicable,
    .in_place = in_place_first,
    .rows = rows_same,
    .quant = QuantRule::compute,
    .onnx = kNotApplicable,
    .tflite = kNotApplicable,
    .cases = lookup_cases,
}};

}  // namespace

FETTLE_OP_TABLE(lookup, kOps)

}  // namespace fettle::ops
