// SPDX-License-Identifier: Apache-2.0
//
// GatherElements: y[i][j][k] = x[index[i][j][k]][j][k], for axis 0.
#include "ops/element_size.h"
#include "ops/indices.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"axis", AttrKind::integer}};

Status infer(const OpCall& call) {
  const Dims &x = call.in[0].dims, &indices = call.in[1].dims;
  int axis;
  FETTLE_TRY(normalize_axis("GatherElements", call.attrs.get_int("axis"), x.rank(), &axis));
  FETTLE_TRY(require_indices("GatherElements", call.in[1]));
  bool fits = x.rank() == indices.rank() && x.rank() > 0;
  for (int i = 0; i < x.rank() && fits; ++i) fits = i == axis || indices[i] <= x[i];
  if (!fits) {
    return invalid_input("GatherElements: indices " + indices.to_string() + " do not fit data " +
                         x.to_string());
  }
  FETTLE_TRY(inherit_quant("GatherElements", call));
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dims = indices;
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

template <class T>
Status run(const OpCall& call, int axis) {
  const TensorView &x = call.in[0], &indices = call.in[1];
  const T* from = static_cast<const T*>(x.data);
  T* to = static_cast<T*>(call.out[0].data);
  const Strides strides = row_major_strides(x.dims);
  const int rank = x.dims.rank();
  int64_t position[kMaxRank] = {};
  int64_t at = 0;  // of `position` in x, less what the axis adds
  for (int64_t k = 0, n = indices.elements(); k < n; ++k) {
    int64_t i;
    if (!index_at(indices, k, x.dims[axis], &i)) {
      return bad_index("GatherElements", indices, k, x.dims[axis]);
    }
    to[k] = from[at + i * strides.step[axis]];
    for (int d = rank - 1; d >= 0; --d) {
      const int64_t step = d == axis ? 0 : strides.step[d];
      at += step;
      if (++position[d] < indices.dims[d]) break;
      at -= step * indices.dims[d];
      position[d] = 0;
    }
  }
  return {};
}

Status reference(const OpCall& call) {
  int axis;
  FETTLE_TRY(
      normalize_axis("GatherElements", call.attrs.get_int("axis"), call.in[0].dims.rank(), &axis));
  Status status;
  visit_element_size(size_of(call.in[0].dtype), [&]<class T>(T) { status = run<T>(call, axis); });
  return status;
}

constexpr OnnxRule kOnnx[] = {{"GatherElements"}};
constexpr OpDef kOps[] = {{.name = "GatherElements",
                           .schema = Schema(2, 2, 1, 1, kAttrs),
                           .infer = infer,
                           .cost = kNotApplicable,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::pass_through,
                           .onnx = kOnnx,
                           .tflite = kNotApplicable,
                           .cases = kNotApplicable}};  // random indices would be out of range

}  // namespace

FETTLE_OP_TABLE(gather_elements, kOps)

}  // namespace fettle::ops
