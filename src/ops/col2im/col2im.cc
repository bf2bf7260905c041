// SPDX-License-Identifier: Apache-2.0
//
// Col2Im: adds columns [N, C * taps, positions] of sliding blocks back into the image they were
// cut from, over 1 to 3 axes; overlapping blocks sum.
#include <cstring>

#include "ops/floats.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/window.h"

namespace fettle::ops {

namespace {

constexpr const char* kOp = "Col2Im";
constexpr AttrSpec kAttrs[] = {{"dilations", AttrKind::integers},
                               {"pads", AttrKind::integers},
                               {"strides", AttrKind::integers}};

Status extents(const OpCall& call, size_t i, Dims* out) {
  if (!has_values(call, i)) return needs_value(kOp, i == 1 ? "image shape" : "block shape");
  const bool whole = call.in[i].dtype == DType::i64 || call.in[i].dtype == DType::i32;
  if (!whole || call.in[i].elements() < 1 || call.in[i].elements() > kSpatial) {
    return unsupported("Col2Im: image and block should have 1 to 3 extents");
  }
  for (int64_t k = 0; k < call.in[i].elements(); ++k) out->push_back(value_at(call.in[i], k));
  if (!out->valid()) return invalid_input("Col2Im: impossible extents " + out->to_string());
  return {};
}

Status resolve(const OpCall& call, Window* w, Dims* out) {
  FETTLE_TRY(require_rank(kOp, "input", call.in[0], 3, 3));
  Dims image, block;
  FETTLE_TRY(extents(call, 1, &image));
  FETTLE_TRY(extents(call, 2, &block));
  FETTLE_TRY(resolve_window(kOp, call.attrs, image, block, w));
  const Dims& x = call.in[0].dims;
  if (x[1] % w->taps() != 0 || x[2] != w->positions()) {
    return invalid_input("Col2Im: columns " + x.to_string() + " do not fit image " +
                         image.to_string() + " and block " + block.to_string());
  }
  *out = image_dims(w->rank, false, x[0], x[1] / w->taps(), w->in);
  return {};
}

Status infer(const OpCall& call) {
  Window w;
  FETTLE_TRY(resolve(call, &w, &call.out[0].dims));
  FETTLE_TRY(refuse_quantized(kOp, call));
  FETTLE_TRY(require_float(kOp, "input", call.in[0]));
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

template <class T>
void add_columns(const Window& w, const T* column, T* image) {
  for (int64_t k = 0; k < w.taps(); ++k) {
    const int64_t kz = k / (w.kernel[1] * w.kernel[2]), ky = k / w.kernel[2] % w.kernel[1];
    const int64_t kx = k % w.kernel[2];
    for (int64_t p = 0; p < w.positions(); ++p, ++column) {
      const int64_t z =
          p / (w.out[1] * w.out[2]) * w.stride[0] - w.pad_begin[0] + kz * w.dilation[0];
      const int64_t y = p / w.out[2] % w.out[1] * w.stride[1] - w.pad_begin[1] + ky * w.dilation[1];
      const int64_t x = p % w.out[2] * w.stride[2] - w.pad_begin[2] + kx * w.dilation[2];
      if (z < 0 || z >= w.in[0] || y < 0 || y >= w.in[1] || x < 0 || x >= w.in[2]) continue;
      T& to = image[(z * w.in[1] + y) * w.in[2] + x];
      to = static_cast<T>(static_cast<Accum<T>>(to) + static_cast<Accum<T>>(*column));
    }
  }
}

Status reference(const OpCall& call) {
  Window w;
  Dims out;
  FETTLE_TRY(resolve(call, &w, &out));
  std::memset(call.out[0].data, 0, call.out[0].bytes());
  visit_float(call.in[0].dtype, [&]<class T>(T) {
    const int64_t image = w.in[0] * w.in[1] * w.in[2];
    for (int64_t i = 0; i < out[0] * out[1]; ++i) {
      add_columns(w, call.in[0].as<T>() + i * w.taps() * w.positions(),
                  call.out[0].as_mutable<T>() + i * image);
    }
  });
  return {};
}

Cost cost(const OpCall& call) { return {.flops = call.in[0].elements()}; }
std::vector<Case> cases() { return {}; }  // shapes are values: conformance cases cover them

constexpr OnnxRule kOnnx[] = {{"Col2Im"}};
constexpr OpDef kOps[] = {{
    .name = "Col2Im",
    .schema = Schema(3, 3, 1, 1, kAttrs),
    .infer = infer,
    .cost = cost,
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

FETTLE_OP_TABLE(col2im, kOps)

}  // namespace fettle::ops
