// SPDX-License-Identifier: Apache-2.0
//
// CenterCropPad: brings axes to given extents, cutting off or adding zeros evenly on both sides;
// of an odd number one more goes behind.
#include <algorithm>
#include <cstring>

#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/small_ints.h"
#include "ops/strided_copy.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"axes", AttrKind::integers}};

Status infer(const OpCall& call) {
  const Dims& dims = call.in[0].dims;
  SmallInts shape, axes = all_axes(dims.rank());
  FETTLE_TRY(read_ints("CenterCropPad", "shape", call, 1, &shape));
  if (call.attrs.has("axes")) {
    const auto given = call.attrs.get_ints("axes");
    if (given.size() > kMaxRank) return invalid_input("CenterCropPad: too many axes");
    axes.count = static_cast<int>(given.size());
    for (int i = 0; i < axes.count; ++i) axes.value[i] = given[static_cast<size_t>(i)];
    FETTLE_TRY(normalize_axes("CenterCropPad", dims.rank(), &axes));
  }
  if (axes.count != shape.count) return invalid_input("CenterCropPad: axes and shape differ");
  FETTLE_TRY(refuse_quantized("CenterCropPad", call));
  FETTLE_TRY(infer_same(call));
  call.out[0].dynamic = any_dynamic(call);
  for (int i = 0; i < axes.count; ++i) call.out[0].dims[static_cast<int>(axes[i])] = shape[i];
  return {};
}

Status reference(const OpCall& call) {
  const TensorView &x = call.in[0], &y = call.out[0];
  std::memset(y.data, 0, y.bytes());
  const Strides from = row_major_strides(x.dims), to = row_major_strides(y.dims);
  CopyAxis axes[kMaxRank];
  int64_t src = 0, dst = 0;
  for (int i = 0; i < x.dims.rank(); ++i) {
    const int64_t have = x.dims[i], want = y.dims[i];
    axes[i] = {std::min(have, want), from.step[i], to.step[i]};
    src += have > want ? (have - want) / 2 * from.step[i] : 0;
    dst += want > have ? (want - have) / 2 * to.step[i] : 0;
  }
  const size_t size = size_of(x.dtype);
  copy_strided(size, static_cast<const char*>(x.data) + static_cast<size_t>(src) * size,
               static_cast<char*>(y.data) + static_cast<size_t>(dst) * size,
               {axes, static_cast<size_t>(x.dims.rank())});
  return {};
}

constexpr OnnxRule kOnnx[] = {{"CenterCropPad"}};
constexpr OpDef kOps[] = {{.name = "CenterCropPad",
                           .schema = Schema(2, 2, 1, 1, kAttrs),
                           .infer = infer,
                           .cost = kNotApplicable,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kOnnx,
                           .tflite = kNotApplicable,
                           .cases = kNotApplicable}};  // its shape has to be a constant

}  // namespace

FETTLE_OP_TABLE(center_crop_pad, kOps)

}  // namespace fettle::ops
