// SPDX-License-Identifier: Apache-2.0
//
// Requantize: the same real numbers in another quantization: other scale, other zero point, other
// width. Input and output are quantized per tensor; the graph states the output's quantization,
// attribute `to` its type. Between u8 and i8 of one scale it is exact: zero points differ by 128.
#include "base/requantize.h"

#include <limits>

#include "ops/op.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"to", AttrKind::string}};

bool is_code(DType type) { return type == DType::i8 || type == DType::u8 || type == DType::i16; }

Status check_quantization(const char* which, const TensorView& view) {
  if (view.quant == nullptr || !view.quant->per_tensor() || !(view.quant->scale[0] > 0)) {
    return invalid_input(std::string("Requantize: its ") + which +
                         " needs one scale and one zero point");
  }
  return {};
}

Status infer_requantize(const OpCall& call) {
  FETTLE_TRY(check_quantization("input", call.in[0]));
  FETTLE_TRY(check_quantization("output", call.out[0]));
  const DType to = dtype_from_name(call.attrs.get_string("to"));
  if (!is_code(to) || !is_code(call.in[0].dtype)) {
    return unsupported("Requantize: only between i8, u8 and i16");
  }
  call.out[0].dtype = to;
  call.out[0].dims = call.in[0].dims;
  call.out[0].dynamic = call.in[0].dynamic;
  return {};
}

template <class From, class To>
void requantize(const TensorView& x, const TensorView& y) {
  const From* from = x.as<From>();
  To* to = y.as_mutable<To>();
  const int32_t zero = x.quant->zero_point[0];
  const float multiplier = requantize_multiplier(x.quant->scale[0], y.quant->scale[0]);
  const Requantizer quantize{y.quant->zero_point[0], std::numeric_limits<To>::min(),
                             std::numeric_limits<To>::max()};
  const int64_t n = x.elements();
  for (int64_t i = 0; i < n; ++i) to[i] = static_cast<To>(quantize(from[i] - zero, multiplier));
}

template <class F>
void visit_code(DType type, F&& f) {
  if (type == DType::i8) {
    f(int8_t{});
  } else if (type == DType::u8) {
    f(uint8_t{});
  } else {
    f(int16_t{});
  }
}

Status reference_requantize(const OpCall& call) {
  visit_code(call.in[0].dtype, [&]<class From>(From) {
    visit_code(call.out[0].dtype,
               [&]<class To>(To) { requantize<From, To>(call.in[0], call.out[0]); });
  });
  return {};
}

bool in_place_requantize(const OpCall& call, int) {
  return size_of(call.in[0].dtype) == size_of(call.out[0].dtype);
}

// Its output's quantization is part of the call, which a Case cannot state: see quantized_test.cc.
std::vector<Case> requantize_cases() { return {}; }

constexpr OpDef kOps[] = {{
    .name = "Requantize",
    .schema = Schema(1, 1, 1, 1, kAttrs),
    .infer = infer_requantize,
    .cost = kNotApplicable,
    .reference = reference_requantize,
    .scratch = kNotApplicable,
    .in_place = in_place_requantize,
    .rows = rows_same,
    .quant = QuantRule::compute,
    .onnx = kNotApplicable,
    .tflite = kNotApplicable,
    .cases = requantize_cases,
}};

}  // namespace

FETTLE_OP_TABLE(requantize, kOps)

}  // namespace fettle::ops
