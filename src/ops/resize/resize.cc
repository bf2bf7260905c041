// SPDX-License-Identifier: Apache-2.0
#include "ops/resize/resize.h"

#include "ops/cases.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"antialias", AttrKind::integer},
                               {"axes", AttrKind::integers},
                               {"coordinate_transformation_mode", AttrKind::string},
                               {"cubic_coeff_a", AttrKind::real},
                               {"exclude_outside", AttrKind::integer},
                               {"extrapolation_value", AttrKind::real},
                               {"keep_aspect_ratio_policy", AttrKind::string},
                               {"mode", AttrKind::string},
                               {"nearest_mode", AttrKind::string}};

Status infer(const OpCall& call) {
  ResizeShape s;
  FETTLE_TRY(resolve_resize(call, &s));
  const DType type = call.in[0].dtype;
  const bool small =
      type == DType::i8 || type == DType::u8 || type == DType::i16 || type == DType::i32;
  if (s.mode != ResizeMode::nearest && !small) {
    FETTLE_TRY(require_float("Resize", "input", call.in[0]));
  }
  call.out[0].dtype = type;
  call.out[0].dims = call.in[0].dims;
  for (int a = 0; a < s.rank; ++a) call.out[0].dims[a] = s.axis[a].out;
  call.out[0].dynamic = any_dynamic(call);
  call.out[0].quant = call.in[0].quant;  // weights sum to 1: the range stays
  return {};
}

Cost cost(const OpCall& call) {
  ResizeShape s;
  if (!resolve_resize(call, &s).ok() || s.mode == ResizeMode::nearest) return {};
  int64_t taps = 1;
  for (int a = 0; a < s.rank; ++a) taps *= s.axis[a].taps;
  return {.flops = 2 * taps * call.out[0].elements()};
}

std::vector<Case> cases() { return {}; }  // sizes are values: made by the operator's own test

constexpr OpDef kOps[] = {{
    .name = "Resize",
    .schema = Schema(1, 4, 1, 1, kAttrs),
    .infer = infer,
    .cost = cost,
    .reference = reference_resize,
    .scratch = scratch_resize,
    .in_place = kNotApplicable,
    .rows = kNotApplicable,
    .quant = QuantRule::pass_through,
    .onnx = kResizeOnnx,
    .tflite = kResizeTflite,
    .cases = cases,
}};

}  // namespace

FETTLE_OP_TABLE(resize, kOps)

}  // namespace fettle::ops
