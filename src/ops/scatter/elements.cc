// SPDX-License-Identifier: Apache-2.0
//
// ScatterElements: y[index[i][j][k]][j][k] = update[i][j][k], for axis 0. It was called Scatter.
#include "ops/indices.h"
#include "ops/operands.h"
#include "ops/scatter/scatter.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"axis", AttrKind::integer}, {"reduction", AttrKind::string}};

Status infer(const OpCall& call) {
  const Dims &x = call.in[0].dims, &indices = call.in[1].dims;
  int axis;
  FETTLE_TRY(normalize_axis("ScatterElements", call.attrs.get_int("axis"), x.rank(), &axis));
  FETTLE_TRY(require_indices("ScatterElements", call.in[1]));
  FETTLE_TRY(require_same_dtype("ScatterElements", call.in[0], call.in[2]));
  FETTLE_TRY(require_dims("ScatterElements", "updates", call.in[2], indices));
  bool fits = x.rank() == indices.rank() && x.rank() > 0;
  for (int i = 0; i < x.rank() && fits; ++i) fits = i == axis || indices[i] <= x[i];
  if (!fits) {
    return invalid_input("ScatterElements: indices " + indices.to_string() + " do not fit data " +
                         x.to_string());
  }
  Combine combine;
  FETTLE_TRY(find_combine("ScatterElements", call, &combine));
  FETTLE_TRY(infer_same(call));
  call.out[0].dynamic = any_dynamic(call);
  return inherit_quant("ScatterElements", call);
}

Status reference(const OpCall& call) {
  const TensorView &x = call.in[0], &indices = call.in[1];
  int axis;
  FETTLE_TRY(normalize_axis("ScatterElements", call.attrs.get_int("axis"), x.dims.rank(), &axis));
  Combine combine;
  FETTLE_TRY(find_combine("ScatterElements", call, &combine));
  copy_data(call);
  const Strides strides = row_major_strides(x.dims);
  const size_t size = size_of(x.dtype);
  const char* update = static_cast<const char*>(call.in[2].data);
  char* to = static_cast<char*>(call.out[0].data);
  int64_t position[kMaxRank] = {};
  int64_t at = 0;  // of `position` in x, less what the axis adds
  for (int64_t k = 0, n = indices.elements(); k < n; ++k, update += size) {
    int64_t i;
    if (!index_at(indices, k, x.dims[axis], &i)) {
      return bad_index("ScatterElements", indices, k, x.dims[axis]);
    }
    combine(update, to + static_cast<size_t>(at + i * strides.step[axis]) * size, 1);
    for (int d = x.dims.rank() - 1; d >= 0; --d) {
      const int64_t step = d == axis ? 0 : strides.step[d];
      at += step;
      if (++position[d] < indices.dims[d]) break;
      at -= step * indices.dims[d];
      position[d] = 0;
    }
  }
  return {};
}

Status from_scatter(ir::Graph&, ir::Node* node, int) {
  node->op = "ScatterElements";
  return {};
}

constexpr OnnxRule kOnnx[] = {{"ScatterElements"}, {"Scatter", 9, from_scatter}};
constexpr OpDef kOps[] = {{.name = "ScatterElements",
                           .schema = Schema(3, 3, 1, 1, kAttrs),
                           .infer = infer,
                           .cost = kNotApplicable,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = in_place_first,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kOnnx,
                           .tflite = kNotApplicable,
                           .cases = kNotApplicable}};  // random indices would be out of range

}  // namespace

FETTLE_OP_TABLE(scatter_elements, kOps)

}  // namespace fettle::ops
