// SPDX-License-Identifier: Apache-2.0
//
// TensorScatter: writes a run of positions into a cache, from a position of its own for each
// element of the batch. In mode "circular" the run goes on at the beginning.
#include <cstring>

#include "ops/indices.h"
#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/scatter/scatter.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"axis", AttrKind::integer}, {"mode", AttrKind::string}};

Status infer(const OpCall& call) {
  const TensorView &cache = call.in[0], &update = call.in[1];
  int axis;
  FETTLE_TRY(
      normalize_axis("TensorScatter", call.attrs.get_int("axis", -2), cache.dims.rank(), &axis));
  FETTLE_TRY(require_same_dtype("TensorScatter", cache, update));
  Dims expected = cache.dims;
  if (axis == 0) return invalid_input("TensorScatter along the batch axis");
  if (update.dims.rank() == expected.rank()) expected[axis] = update.dims[axis];
  FETTLE_TRY(require_dims("TensorScatter", "update", update, expected));
  if (update.dims[axis] > cache.dims[axis]) {
    return invalid_input("TensorScatter: the update is longer than the cache");
  }
  if (call.has_in(2)) {
    FETTLE_TRY(require_indices("TensorScatter", call.in[2]));
    FETTLE_TRY(require_dims("TensorScatter", "write_indices", call.in[2], {cache.dims[0]}));
  }
  const std::string_view mode = call.attrs.get_string("mode", "linear");
  if (mode != "linear" && mode != "circular") {
    return invalid_input("TensorScatter: there is no mode '" + std::string(mode) + "'");
  }
  FETTLE_TRY(infer_same(call));
  call.out[0].dynamic = any_dynamic(call);
  return inherit_quant("TensorScatter", call);
}

Status reference(const OpCall& call) {
  const TensorView &cache = call.in[0], &update = call.in[1];
  int axis;
  FETTLE_TRY(
      normalize_axis("TensorScatter", call.attrs.get_int("axis", -2), cache.dims.rank(), &axis));
  const bool circular = call.attrs.get_string("mode", "linear") == "circular";
  copy_data(call);
  const int64_t room = cache.dims[axis], run = update.dims[axis];
  const int64_t middle = cache.dims.product(1, axis);
  const size_t bytes =
      static_cast<size_t>(cache.dims.product(axis + 1, cache.dims.rank())) * size_of(cache.dtype);
  const char* from = static_cast<const char*>(update.data);
  char* to = static_cast<char*>(call.out[0].data);
  for (int64_t b = 0; b < cache.dims[0]; ++b) {
    int64_t first = 0;
    if (call.has_in(2)) {
      first = value_at(call.in[2], b);
      if (first < 0 || first > (circular ? room - 1 : room - run)) {
        return bad_index("TensorScatter", call.in[2], b, room);
      }
    }
    for (int64_t m = 0; m < middle; ++m) {
      for (int64_t i = 0; i < run; ++i, from += bytes) {
        std::memcpy(to + static_cast<size_t>((first + i) % room) * bytes, from, bytes);
      }
      to += static_cast<size_t>(room) * bytes;
    }
  }
  return {};
}

constexpr OnnxRule kOnnx[] = {{"TensorScatter", 24, nullptr, refuse_to_write}};
constexpr OpDef kOps[] = {{.name = "TensorScatter",
                           .schema = Schema(2, 3, 1, 1, kAttrs),
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

FETTLE_OP_TABLE(tensor_scatter, kOps)

}  // namespace fettle::ops
