// SPDX-License-Identifier: Apache-2.0
//
// RoiAlign: each region of interest [x1, y1, x2, y2] is divided into bins, each bin into sampling
// points, at which the image of its batch is interpolated; a bin is their mean or maximum.
#include <algorithm>
#include <cmath>

#include "ops/floats.h"
#include "ops/op.h"
#include "ops/operands.h"

namespace fettle::ops {

namespace {

constexpr const char* kOp = "RoiAlign";
constexpr AttrSpec kAttrs[] = {{"coordinate_transformation_mode", AttrKind::string},
                               {"mode", AttrKind::string},
                               {"output_height", AttrKind::integer},
                               {"output_width", AttrKind::integer},
                               {"sampling_ratio", AttrKind::integer},
                               {"spatial_scale", AttrKind::real}};
constexpr int64_t kMaxSamples = 1 << 12;  // along one axis of a bin

Status infer(const OpCall& call) {
  FETTLE_TRY(refuse_quantized(kOp, call));
  FETTLE_TRY(require_rank(kOp, "input", call.in[0], 4, 4));
  FETTLE_TRY(require_float(kOp, "input", call.in[0]));
  FETTLE_TRY(require_float(kOp, "regions", call.in[1]));
  FETTLE_TRY(require_rank(kOp, "batch indices", call.in[2], 1, 1));
  if (call.in[2].dtype != DType::i64) return invalid_input("RoiAlign: batch indices should be i64");
  const int64_t rois = call.in[2].dims[0];
  FETTLE_TRY(require_dims(kOp, "regions", call.in[1], {rois, 4}));
  const int64_t h = call.attrs.get_int("output_height", 1),
                w = call.attrs.get_int("output_width", 1);
  const int64_t ratio = call.attrs.get_int("sampling_ratio", 0);
  const std::string_view mode = call.attrs.get_string("mode", "avg");
  const std::string_view how =
      call.attrs.get_string("coordinate_transformation_mode", "half_pixel");
  if (h < 1 || w < 1 || ratio < 0 || ratio > kMaxSamples || (mode != "avg" && mode != "max") ||
      (how != "half_pixel" && how != "output_half_pixel")) {
    return invalid_input("RoiAlign: an attribute is out of range");
  }
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dims = {rois, call.in[0].dims[1], h, w};
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

// Four corners of one sampling point.
struct Point {
  int64_t at[4];
  double weight[4];
};

Point sample(double y, double x, int64_t height, int64_t width) {
  Point p{};
  if (!(y >= -1 && y <= static_cast<double>(height) && x >= -1 &&
        x <= static_cast<double>(width))) {
    return p;
  }
  const auto corner = [](double& v, int64_t extent, int64_t* low, int64_t* high) {
    v = std::max(v, 0.0);
    *low = std::min(static_cast<int64_t>(v), extent - 1);
    *high = std::min(*low + 1, extent - 1);
    if (*low == extent - 1) v = static_cast<double>(*low);
  };
  int64_t y0, y1, x0, x1;
  corner(y, height, &y0, &y1);
  corner(x, width, &x0, &x1);
  const double ly = y - static_cast<double>(y0), lx = x - static_cast<double>(x0);
  return {{y0 * width + x0, y0 * width + x1, y1 * width + x0, y1 * width + x1},
          {(1 - ly) * (1 - lx), (1 - ly) * lx, ly * (1 - lx), ly * lx}};
}

struct Region {
  double y, x, bin_h, bin_w;  // start, extent of a bin
  int64_t samples_h, samples_w;
};

Status region_of(const OpCall& call, int64_t r, Region* out) {
  const bool half =
      call.attrs.get_string("coordinate_transformation_mode", "half_pixel") == "half_pixel";
  const double scale = call.attrs.get_float("spatial_scale", 1), shift = half ? 0.5 : 0;
  double c[4];
  for (int i = 0; i < 4; ++i) {
    c[i] = number_at(call.in[1], r * 4 + i) * scale - shift;
    if (!(std::abs(c[i]) < 1e9)) return invalid_input("RoiAlign: a region is out of range");
  }
  double w = c[2] - c[0], h = c[3] - c[1];
  if (!half) {
    w = std::max(w, 1.0);
    h = std::max(h, 1.0);
  }
  const Dims& dims = call.out[0].dims;
  const int64_t ratio = call.attrs.get_int("sampling_ratio", 0);
  *out = {c[1],  c[0], h / static_cast<double>(dims[2]), w / static_cast<double>(dims[3]),
          ratio, ratio};
  if (ratio > 0) return {};
  out->samples_h = static_cast<int64_t>(std::ceil(out->bin_h));
  out->samples_w = static_cast<int64_t>(std::ceil(out->bin_w));
  if (out->samples_h > kMaxSamples || out->samples_w > kMaxSamples) {
    return invalid_input("RoiAlign: a region is far larger than its image can be");
  }
  return {};
}

template <class T>
double pool_bin(const T* image, const Region& r, int64_t by, int64_t bx, int64_t height,
                int64_t width, bool max) {
  double result = 0;
  bool any = false;
  for (int64_t iy = 0; iy < r.samples_h; ++iy) {
    const double y = r.y + static_cast<double>(by) * r.bin_h +
                     (static_cast<double>(iy) + 0.5) * r.bin_h / static_cast<double>(r.samples_h);
    for (int64_t ix = 0; ix < r.samples_w; ++ix) {
      const double x = r.x + static_cast<double>(bx) * r.bin_w +
                       (static_cast<double>(ix) + 0.5) * r.bin_w / static_cast<double>(r.samples_w);
      const Point p = sample(y, x, height, width);
      double v[4];
      for (int k = 0; k < 4; ++k) v[k] = p.weight[k] * static_cast<Accum<T>>(image[p.at[k]]);
      if (!max) {
        result += v[0] + v[1] + v[2] + v[3];
      } else {  // ONNX takes the largest weighted corner, not the interpolated value
        const double top = std::max(std::max(v[0], v[1]), std::max(v[2], v[3]));
        result = any ? std::max(result, top) : top;
      }
      any = true;
    }
  }
  const auto count = static_cast<double>(std::max<int64_t>(r.samples_h * r.samples_w, 1));
  return max ? result : result / count;
}

Status reference(const OpCall& call) {
  const Dims& x = call.in[0].dims;
  const Dims& out = call.out[0].dims;
  const bool max = call.attrs.get_string("mode", "avg") == "max";
  if (x.elements() == 0) return invalid_input("RoiAlign: the input is empty");
  Status status;
  visit_float(call.in[0].dtype, [&]<class T>(T) {
    T* to = call.out[0].as_mutable<T>();
    for (int64_t r = 0; r < out[0] && status.ok(); ++r) {
      const int64_t batch = call.in[2].as<int64_t>()[r];
      Region region;
      status = region_of(call, r, &region);
      if (batch < 0 || batch >= x[0]) status = invalid_input("RoiAlign: no such batch");
      if (!status.ok()) return;
      for (int64_t c = 0; c < x[1]; ++c) {
        const T* image = call.in[0].as<T>() + (batch * x[1] + c) * x[2] * x[3];
        for (int64_t by = 0; by < out[2]; ++by) {
          for (int64_t bx = 0; bx < out[3]; ++bx) {
            *to++ = static_cast<T>(
                static_cast<Accum<T>>(pool_bin(image, region, by, bx, x[2], x[3], max)));
          }
        }
      }
    }
  });
  return status;
}

Cost cost(const OpCall& call) { return {.flops = 32 * call.out[0].elements()}; }

// Before opset 16 regions were not shifted by half a pixel.
Status read_onnx(ir::Graph&, ir::Node* node, int opset) {
  if (opset < 16) node->attrs.set("coordinate_transformation_mode", "output_half_pixel");
  return {};
}

std::vector<Case> cases() { return {}; }  // batch indices are values: conformance covers them

constexpr OnnxRule kOnnx[] = {{"RoiAlign", 1, read_onnx}};
constexpr OpDef kOps[] = {{
    .name = "RoiAlign",
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

FETTLE_OP_TABLE(roi_align, kOps)

}  // namespace fettle::ops
