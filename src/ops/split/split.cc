// SPDX-License-Identifier: Apache-2.0
//
// Split: parts of a tensor along an axis. Their sizes come from input 1, or all but the last are
// the extent divided by their number (attribute num_outputs, or the outputs' count), rounded up.
#include <algorithm>
#include <cstring>

#include "ops/cases.h"
#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/split/rules.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"axis", AttrKind::integer}, {"num_outputs", AttrKind::integer}};

Status sizes_known(const OpCall& call, int64_t extent) {
  const TensorView& sizes = call.in[1];
  if (sizes.dtype != DType::i64 && sizes.dtype != DType::i32) {
    return invalid_input("Split: its sizes are not integers");
  }
  if (!has_values(call, 1)) return needs_value("Split", "sizes");
  if (sizes.elements() != static_cast<int64_t>(call.out.size())) {
    return invalid_input("Split: " + std::to_string(sizes.elements()) + " sizes for " +
                         std::to_string(call.out.size()) + " outputs");
  }
  int64_t left = extent;
  for (int64_t i = 0; i < sizes.elements(); ++i) {
    const int64_t size = value_at(sizes, i);
    if (size < 0 || size > left) return invalid_input("Split: its sizes do not add up");
    left -= size;
  }
  if (left != 0) return invalid_input("Split: its sizes do not add up");
  return {};
}

Status infer(const OpCall& call) {
  const TensorView& x = call.in[0];
  int axis;
  FETTLE_TRY(normalize_axis("Split", call.attrs.get_int("axis"), x.dims.rank(), &axis));
  if (x.dims.rank() == 0) return invalid_input("Split of a scalar");
  const int64_t extent = x.dims[axis];
  const int64_t parts = static_cast<int64_t>(call.out.size());
  const bool given = call.has_in(1);
  if (given) FETTLE_TRY(sizes_known(call, extent));
  const int64_t wanted = call.attrs.get_int("num_outputs", parts);
  if (!given && wanted < parts) return invalid_input("Split: it has more outputs than num_outputs");
  const int64_t part = (extent + wanted - 1) / std::max<int64_t>(wanted, 1);
  for (int64_t i = 0; i < parts; ++i) {
    TensorView& y = call.out[static_cast<size_t>(i)];
    y.dtype = x.dtype;
    y.dynamic = any_dynamic(call);
    y.dims = x.dims;
    y.dims[axis] =
        given ? value_at(call.in[1], i) : std::max<int64_t>(0, std::min(part, extent - i * part));
    if (x.quant) {
      if (!x.quant->per_tensor()) return unsupported("Split of a tensor quantized per channel");
      y.quant = x.quant;
    }
  }
  return {};
}

Status reference(const OpCall& call) {
  const TensorView& x = call.in[0];
  int axis;
  FETTLE_TRY(normalize_axis("Split", call.attrs.get_int("axis"), x.dims.rank(), &axis));
  const int64_t outer = x.dims.product(0, axis);
  const size_t unit =
      static_cast<size_t>(x.dims.product(axis + 1, x.dims.rank())) * size_of(x.dtype);
  const size_t stride = unit * static_cast<size_t>(x.dims[axis]);
  const int64_t parts = static_cast<int64_t>(call.out.size());
  const int64_t wanted = std::max<int64_t>(1, call.attrs.get_int("num_outputs", parts));
  const int64_t part = (x.dims[axis] + wanted - 1) / wanted;
  int64_t begin = 0;
  for (int64_t k = 0; k < parts; ++k) {
    const TensorView& y = call.out[static_cast<size_t>(k)];
    // An output that nobody wants has no extents to read.
    const int64_t extent =
        call.has_in(1) ? value_at(call.in[1], k) : std::min(part, x.dims[axis] - begin);
    const size_t bytes = unit * static_cast<size_t>(std::max<int64_t>(0, extent));
    const char* from = static_cast<const char*>(x.data) + static_cast<size_t>(begin) * unit;
    begin += std::max<int64_t>(0, extent);
    if (y.data == nullptr || bytes == 0) continue;
    char* to = static_cast<char*>(y.data);
    for (int64_t i = 0; i < outer; ++i) {
      std::memcpy(to + static_cast<size_t>(i) * bytes, from + static_cast<size_t>(i) * stride,
                  bytes);
    }
  }
  return {};
}

std::vector<Case> cases() {
  return {{.name = "whole", .attrs = {{"axis", int64_t{1}}}, .inputs = {f32({2, 6, 5})}}};
}

constexpr OnnxRule kOnnx[] = {{"Split", 1, read_split, write_split}};
constexpr TfliteRule kTflite[] = {
    {"SPLIT", from_tflite_split}, {"SPLIT_V", from_tflite_split_v}, {"UNPACK", from_tflite_unpack}};
constexpr OpDef kOps[] = {{.name = "Split",
                           .schema = Schema(1, 2, 1, -1, kAttrs),
                           .infer = infer,
                           .cost = kNotApplicable,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::pass_through,
                           .onnx = kOnnx,
                           .tflite = kTflite,
                           .cases = cases}};

}  // namespace

FETTLE_OP_TABLE(split, kOps)

}  // namespace fettle::ops
