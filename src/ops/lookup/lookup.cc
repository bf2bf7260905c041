// SPDX-License-Identifier: Apache-2.0
//
// Lookup: any function of one code, as a table that is made where the model is compiled
// (quantized_forms pass), so a device gives bit for bit what the workstation did, whatever its
// exp() rounds to.
//
//   x i8, quantized;   table i8 [256]             ->  y = table[x + 128]
//   x i16, quantized;  table i16 [65536 / s + 1]  ->  y between neighbouring entries, s = 2^k codes
//                                                     apart, k = 0 to 7:
//     u = x + 32768,  i = u >> k,  f = u & (s - 1)
//     y = (table[i] * (s - f) + table[i + 1] * f + s / 2) >> k
//
// The graph states y's quantization. With s = 1 the table has an entry for each code.
#include "ops/lookup/lookup.h"

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
  } else if (call.in[1].dims.rank() != 1 || wide_table_shift(call.in[1].dims[0]) < 0) {
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
    const int shift = wide_table_shift(call.in[1].dims[0]);
    for (int64_t i = 0; i < n; ++i) y[i] = look_up(table, shift, x[i]);
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

}  // namespace

int wide_table_shift(int64_t entries) {
  for (int shift = 0; shift <= kMostTableShift; ++shift) {
    if (entries == wide_table_entries(shift)) return shift;
  }
  return -1;
}

int16_t look_up(const int16_t* table, int shift, int16_t x) {
  const int32_t u = x + 32768, step = 1 << shift;
  const int16_t* at = table + (u >> shift);
  const int32_t f = u & (step - 1);
  return static_cast<int16_t>((at[0] * (step - f) + at[1] * f + step / 2) >> shift);
}

namespace {

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
