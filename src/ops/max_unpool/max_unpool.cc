// SPDX-License-Identifier: Apache-2.0
//
// MaxUnpool: puts each value where MaxPool's indices say it came from, zeros elsewhere. Indices
// count in the shape that the pooling attributes imply; a larger stated output_shape keeps that
// shape in its first corner.
#include <cstring>

#include "ops/cases.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/window.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"kernel_shape", AttrKind::integers},
                               {"strides", AttrKind::integers},
                               {"pads", AttrKind::integers}};

Status resolve(const OpCall& call, Dims* implied, Dims* out) {
  const Dims& x = call.in[0].dims;
  FETTLE_TRY(require_rank("MaxUnpool", "input", call.in[0], 3, 2 + kSpatial));
  FETTLE_TRY(require_dims("MaxUnpool", "indices", call.in[1], x));
  if (call.in[1].dtype != DType::i64) return invalid_input("MaxUnpool: indices should be i64");
  Dims kernel;
  Window w;
  FETTLE_TRY(kernel_shape("MaxUnpool", call.attrs, x.rank() - 2, &kernel));
  FETTLE_TRY(read_window("MaxUnpool", call.attrs, spatial_of(x, false), kernel, &w));
  for (int a = kSpatial - w.rank; a < kSpatial; ++a) {
    w.out[a] = (w.in[a] - 1) * w.stride[a] + w.kernel[a] - w.pad_begin[a] - w.pad_end[a];
    if (w.in[a] < 1 || w.out[a] < 1) return invalid_input("MaxUnpool: no output is left");
  }
  *implied = *out = image_dims(w.rank, false, x[0], x[1], w.out);
  if (!call.has_in(2)) return {};
  if (!has_values(call, 2)) return needs_value("MaxUnpool", "output shape");
  if (call.in[2].dtype != DType::i64 || call.in[2].elements() != x.rank()) {
    return invalid_input("MaxUnpool: the output shape should be an i64 for each axis");
  }
  for (int i = 0; i < x.rank(); ++i) {
    (*out)[i] = value_at(call.in[2], i);
    if ((*out)[i] < (*implied)[i]) {
      return invalid_input("MaxUnpool: the output shape " + out->to_string() +
                           " is below what its pooling implies, " + implied->to_string());
    }
  }
  return {};
}

Status infer(const OpCall& call) {
  Dims implied, out;
  FETTLE_TRY(resolve(call, &implied, &out));
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dims = out;
  call.out[0].dynamic = any_dynamic(call);
  call.out[0].quant = call.in[0].quant;
  return refuse_quantized("MaxUnpool", call);
}

Status reference(const OpCall& call) {
  Dims implied, out;
  FETTLE_TRY(resolve(call, &implied, &out));
  const size_t size = size_of(call.in[0].dtype);
  const int64_t* index = call.in[1].as<int64_t>();
  const auto* from = static_cast<const std::byte*>(call.in[0].data);
  auto* to = static_cast<std::byte*>(call.out[0].data);
  std::memset(to, 0, call.out[0].bytes());
  const int64_t limit = implied.elements();
  const Strides steps = row_major_strides(out);
  for (int64_t i = 0; i < call.in[0].elements(); ++i) {
    int64_t rest = index[i], at = 0;
    if (rest < 0 || rest >= limit) {
      return invalid_input("MaxUnpool: index " + std::to_string(rest) + " is out of range");
    }
    for (int a = implied.rank() - 1; a >= 0; --a) {
      at += rest % implied[a] * steps.step[a];
      rest /= implied[a];
    }
    std::memcpy(to + static_cast<size_t>(at) * size, from + static_cast<size_t>(i) * size, size);
  }
  return {};
}

// Indices drawn at random would be out of range: conformance cases test this operator.
std::vector<Case> cases() { return {}; }

constexpr OnnxRule kOnnx[] = {{"MaxUnpool"}};
constexpr OpDef kOps[] = {{
    .name = "MaxUnpool",
    .schema = Schema(2, 3, 1, 1, kAttrs),
    .infer = infer,
    .cost = kNotApplicable,
    .reference = reference,
    .scratch = kNotApplicable,
    .in_place = kNotApplicable,
    .rows = kNotApplicable,
    .quant = QuantRule::keep_float,
    .onnx = std::span<const OnnxRule>(kOnnx),
    .tflite = kNotApplicable,
    .cases = cases,
}};

}  // namespace

FETTLE_OP_TABLE(max_unpool, kOps)

}  // namespace fettle::ops
