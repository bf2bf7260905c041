// SPDX-License-Identifier: Apache-2.0
//
// Expand (broadcast to a shape) and Tile (repeat along each axis).
#include <algorithm>

#include "ops/cases.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/small_ints.h"
#include "ops/strided_copy.h"

namespace fettle::ops {

namespace {

Status infer_expand(const OpCall& call) {
  SmallInts shape;
  FETTLE_TRY(read_most("Expand", "shape", call, 1, &shape));
  const Dims& from = call.in[0].dims;
  Dims to(shape.value, shape.value + shape.count);
  if (!to.valid()) return invalid_input("Expand to an impossible shape");
  if (shape.bounded) {  // they may be less, and then fit
    call.out[0].dims = widest(from, to);
  } else {
    FETTLE_TRY(broadcast("Expand", from, to, &call.out[0].dims));
  }
  FETTLE_TRY(inherit_quant("Expand", call));
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dynamic = shape.bounded || any_dynamic(call);
  return {};
}

Status reference_expand(const OpCall& call) {
  const TensorView &x = call.in[0], &y = call.out[0];
  const Strides from = broadcast_strides(x.dims, y.dims), to = row_major_strides(y.dims);
  CopyAxis axes[kMaxRank];
  for (int i = 0; i < y.dims.rank(); ++i) axes[i] = {y.dims[i], from.step[i], to.step[i]};
  copy_strided(size_of(x.dtype), x.data, y.data, {axes, static_cast<size_t>(y.dims.rank())});
  return {};
}

Status infer_tile(const OpCall& call) {
  SmallInts repeats;
  FETTLE_TRY(read_most("Tile", "repeats", call, 1, &repeats));
  Dims dims = call.in[0].dims;
  if (repeats.count != dims.rank()) {
    return invalid_input("Tile: " + std::to_string(repeats.count) + " repeats for a tensor " +
                         dims.to_string());
  }
  for (int i = 0; i < dims.rank(); ++i) {
    if (repeats[i] < 0 || (dims[i] > 0 && repeats[i] > kMaxElements / dims[i])) {
      return invalid_input("Tile: it cannot repeat " + std::to_string(repeats[i]) + " times");
    }
    dims[i] *= repeats[i];
  }
  FETTLE_TRY(inherit_quant("Tile", call));
  call.out[0].dims = dims;
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dynamic = repeats.bounded || any_dynamic(call);
  return {};
}

Status reference_tile(const OpCall& call) {
  const TensorView &x = call.in[0], &y = call.out[0];
  if (y.elements() == 0) return {};
  const Strides from = row_major_strides(x.dims), to = row_major_strides(y.dims);
  CopyAxis axes[kMaxCopyAxes];
  size_t n = 0;
  for (int i = 0; i < y.dims.rank(); ++i) {  // each axis is a repeat and a position
    axes[n++] = {y.dims[i] / x.dims[i], 0, to.step[i] * x.dims[i]};
    axes[n++] = {x.dims[i], from.step[i], to.step[i]};
  }
  copy_strided(size_of(x.dtype), x.data, y.data, {axes, n});
  return {};
}

constexpr OpDef define(std::string_view name, Status (*infer)(const OpCall&),
                       Status (*reference)(const OpCall&), std::span<const OnnxRule> onnx,
                       std::span<const TfliteRule> tflite) {
  return {.name = name,
          .schema = Schema(2, 2, 1, 1),
          .infer = infer,
          .cost = kNotApplicable,
          .reference = reference,
          .scratch = kNotApplicable,
          .in_place = kNotApplicable,
          .rows = kNotApplicable,
          .quant = QuantRule::pass_through,
          .onnx = onnx,
          .tflite = tflite,
          .cases = kNotApplicable};  // an example's shape would have to be a constant
}

constexpr OnnxRule kExpand[] = {{"Expand"}}, kTile[] = {{"Tile", 6}};
constexpr TfliteRule kTfliteExpand[] = {{"BROADCAST_TO"}}, kTfliteTile[] = {{"TILE"}};
constexpr OpDef kOps[] = {define("Expand", infer_expand, reference_expand, kExpand, kTfliteExpand),
                          define("Tile", infer_tile, reference_tile, kTile, kTfliteTile)};

}  // namespace

FETTLE_OP_TABLE(expand, kOps)

}  // namespace fettle::ops
