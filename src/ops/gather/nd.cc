// SPDX-License-Identifier: Apache-2.0
//
// GatherND: the last axis of the indices holds coordinates into data, behind batch_dims axes that
// both have; what follows the coordinates is copied whole.
#include <cstring>

#include "ops/indices.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"batch_dims", AttrKind::integer}};

Status infer(const OpCall& call) {
  const Dims &x = call.in[0].dims, &indices = call.in[1].dims;
  FETTLE_TRY(require_indices("GatherND", call.in[1]));
  const int64_t batch = call.attrs.get_int("batch_dims");
  if (indices.rank() == 0 || batch < 0 || batch >= indices.rank() || batch > x.rank() ||
      indices.back() > x.rank() - batch) {
    return invalid_input("GatherND: indices " + indices.to_string() + " do not fit data " +
                         x.to_string());
  }
  for (int i = 0; i < batch; ++i) {
    if (x[i] != indices[i]) return invalid_input("GatherND: batches differ");
  }
  const int first = static_cast<int>(batch + indices.back());  // axis of x copied whole
  if (indices.rank() - 1 + x.rank() - first > kMaxRank) return unsupported("GatherND: rank");
  FETTLE_TRY(inherit_quant("GatherND", call));
  TensorView& y = call.out[0];
  y.dtype = call.in[0].dtype;
  y.dynamic = any_dynamic(call);
  y.dims = Dims(indices.begin(), indices.end() - 1);
  for (int i = first; i < x.rank(); ++i) y.dims.push_back(x[i]);
  return {};
}

Status reference(const OpCall& call) {
  const TensorView &x = call.in[0], &indices = call.in[1];
  const int batch_axes = static_cast<int>(call.attrs.get_int("batch_dims"));
  const int depth = static_cast<int>(indices.dims.back());
  const int64_t batches = x.dims.product(0, batch_axes);
  const int64_t picks = indices.dims.product(batch_axes, indices.dims.rank() - 1);
  const Strides strides = row_major_strides(x.dims);
  const size_t size = size_of(x.dtype);
  const size_t bytes =
      static_cast<size_t>(x.dims.product(batch_axes + depth, x.dims.rank())) * size;
  const int64_t batch_step = x.dims.product(batch_axes, x.dims.rank());
  char* to = static_cast<char*>(call.out[0].data);
  for (int64_t b = 0; b < batches; ++b) {
    for (int64_t p = 0; p < picks; ++p, to += bytes) {
      int64_t at = b * batch_step;
      for (int d = 0; d < depth; ++d) {
        const int64_t k = (b * picks + p) * depth + d, extent = x.dims[batch_axes + d];
        int64_t i;
        if (!index_at(indices, k, extent, &i)) return bad_index("GatherND", indices, k, extent);
        at += i * strides.step[batch_axes + d];
      }
      std::memcpy(to, static_cast<const char*>(x.data) + static_cast<size_t>(at) * size, bytes);
    }
  }
  return {};
}

constexpr OnnxRule kOnnx[] = {{"GatherND"}};
constexpr TfliteRule kTflite[] = {{"GATHER_ND"}};
constexpr OpDef kOps[] = {{.name = "GatherND",
                           .schema = Schema(2, 2, 1, 1, kAttrs),
                           .infer = infer,
                           .cost = kNotApplicable,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::pass_through,
                           .onnx = kOnnx,
                           .tflite = kTflite,
                           .cases = kNotApplicable}};  // random indices would be out of range

}  // namespace

FETTLE_OP_TABLE(gather_nd, kOps)

}  // namespace fettle::ops
