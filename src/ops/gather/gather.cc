// SPDX-License-Identifier: Apache-2.0
//
// Operators that pick elements by index: Gather (whole slices along an axis), GatherElements (one
// element for each index) and GatherND (slices at coordinates). Negative indices count from the
// end; one outside the tensor is an error of the call, found while it runs.
#include <cstring>

#include "ops/cases.h"
#include "ops/indices.h"
#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

// batch_dims is TFLite's: that many leading axes of data and indices go along together.
constexpr AttrSpec kAttrs[] = {{"axis", AttrKind::integer}, {"batch_dims", AttrKind::integer}};

Status axes_of(const OpCall& call, int* axis, int* batch) {
  const Dims &x = call.in[0].dims, &indices = call.in[1].dims;
  if (x.rank() == 0) return invalid_input("Gather from a scalar");
  FETTLE_TRY(normalize_axis("Gather", call.attrs.get_int("axis"), x.rank(), axis));
  int64_t dims = call.attrs.get_int("batch_dims");
  if (dims < 0) dims += indices.rank();
  if (dims < 0 || dims > *axis || dims > indices.rank()) {
    return invalid_input("Gather: batch_dims " + std::to_string(dims) + " does not fit");
  }
  *batch = static_cast<int>(dims);
  for (int i = 0; i < *batch; ++i) {
    if (x[i] != indices[i]) return invalid_input("Gather: batches differ");
  }
  return {};
}

Status infer(const OpCall& call) {
  const Dims &x = call.in[0].dims, &indices = call.in[1].dims;
  int axis, batch;
  FETTLE_TRY(axes_of(call, &axis, &batch));
  FETTLE_TRY(require_indices("Gather", call.in[1]));
  if (x.rank() - 1 + indices.rank() - batch > kMaxRank) return unsupported("Gather: rank too high");
  FETTLE_TRY(inherit_quant("Gather", call));
  TensorView& y = call.out[0];
  y.dtype = call.in[0].dtype;
  y.dynamic = any_dynamic(call);
  y.dims = Dims(x.begin(), x.begin() + axis);
  for (int i = batch; i < indices.rank(); ++i) y.dims.push_back(indices[i]);
  for (int i = axis + 1; i < x.rank(); ++i) y.dims.push_back(x[i]);
  return {};
}

Status reference(const OpCall& call) {
  const TensorView &x = call.in[0], &indices = call.in[1];
  int axis, batch_axes;
  FETTLE_TRY(axes_of(call, &axis, &batch_axes));
  const int64_t extent = x.dims[axis];
  const int64_t batches = x.dims.product(0, batch_axes);
  const int64_t outer = x.dims.product(batch_axes, axis);
  const int64_t picks = indices.dims.product(batch_axes, indices.dims.rank());
  const size_t bytes =
      static_cast<size_t>(x.dims.product(axis + 1, x.dims.rank())) * size_of(x.dtype);
  const char* from = static_cast<const char*>(x.data);
  char* to = static_cast<char*>(call.out[0].data);
  for (int64_t b = 0; b < batches; ++b) {
    for (int64_t o = 0; o < outer; ++o) {
      for (int64_t p = 0; p < picks; ++p, to += bytes) {
        int64_t i;
        if (!index_at(indices, b * picks + p, extent, &i)) {
          return bad_index("Gather", indices, b * picks + p, extent);
        }
        std::memcpy(to, from + static_cast<size_t>(i) * bytes, bytes);
      }
      from += static_cast<size_t>(extent) * bytes;
    }
  }
  return {};
}

Status to_onnx(ir::Graph&, ir::Node* node) {
  if (node->attrs.get_int("batch_dims") != 0) {
    return unsupported("Gather: ONNX has no batch_dims", node->label());
  }
  node->attrs.erase("batch_dims");
  return {};
}

constexpr OnnxRule kOnnx[] = {{"Gather", 1, nullptr, to_onnx}};
constexpr TfliteRule kTflite[] = {{"GATHER"}};
constexpr OpDef kOps[] = {{.name = "Gather",
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

FETTLE_OP_TABLE(gather, kOps)

}  // namespace fettle::ops
