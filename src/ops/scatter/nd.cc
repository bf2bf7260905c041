// SPDX-License-Identifier: Apache-2.0
//
// ScatterND: the last axis of the indices holds coordinates into data; the slice there is
// replaced by, or combined with, one of the updates.
#include "ops/indices.h"
#include "ops/operands.h"
#include "ops/scatter/scatter.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"reduction", AttrKind::string}};

Status infer(const OpCall& call) {
  const Dims &x = call.in[0].dims, &indices = call.in[1].dims;
  FETTLE_TRY(require_indices("ScatterND", call.in[1]));
  FETTLE_TRY(require_same_dtype("ScatterND", call.in[0], call.in[2]));
  if (indices.rank() == 0 || indices.back() > x.rank()) {
    return invalid_input("ScatterND: indices " + indices.to_string() + " do not fit data " +
                         x.to_string());
  }
  const int depth = static_cast<int>(indices.back());
  if (indices.rank() - 1 + x.rank() - depth > kMaxRank) return unsupported("ScatterND: rank");
  Dims updates(indices.begin(), indices.end() - 1);
  for (int i = depth; i < x.rank(); ++i) updates.push_back(x[i]);
  FETTLE_TRY(require_dims("ScatterND", "updates", call.in[2], updates));
  Combine combine;
  FETTLE_TRY(find_combine("ScatterND", call, &combine));
  FETTLE_TRY(infer_same(call));
  call.out[0].dynamic = any_dynamic(call);
  return inherit_quant("ScatterND", call);
}

Status reference(const OpCall& call) {
  const TensorView &x = call.in[0], &indices = call.in[1];
  Combine combine;
  FETTLE_TRY(find_combine("ScatterND", call, &combine));
  copy_data(call);
  const int depth = static_cast<int>(indices.dims.back());
  const int64_t slices = indices.dims.product(0, indices.dims.rank() - 1);
  const int64_t length = x.dims.product(depth, x.dims.rank());
  const Strides strides = row_major_strides(x.dims);
  const size_t size = size_of(x.dtype);
  const char* update = static_cast<const char*>(call.in[2].data);
  char* to = static_cast<char*>(call.out[0].data);
  for (int64_t s = 0; s < slices; ++s) {
    int64_t at = 0;
    for (int d = 0; d < depth; ++d) {
      const int64_t k = s * depth + d;
      int64_t i;
      if (!index_at(indices, k, x.dims[d], &i)) {
        return bad_index("ScatterND", indices, k, x.dims[d]);
      }
      at += i * strides.step[d];
    }
    combine(update + static_cast<size_t>(s * length) * size, to + static_cast<size_t>(at) * size,
            length);
  }
  return {};
}

constexpr OnnxRule kOnnx[] = {{"ScatterND"}};
constexpr OpDef kOps[] = {{.name = "ScatterND",
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

FETTLE_OP_TABLE(scatter_nd, kOps)

}  // namespace fettle::ops
