// SPDX-License-Identifier: Apache-2.0
//
// MelWeightMatrix: [spectrogram bins, mel bins], each column a triangle over the frequencies that
// its mel bin covers. The mel scale is 2595 log10(1 + f / 700).
#include <algorithm>
#include <cmath>
#include <cstring>

#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/signal/signal.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"output_datatype", AttrKind::string}};

struct Plan {
  int64_t mel_bins = 0, dft_length = 0, sample_rate = 0;
  double lower_hz = 0, upper_hz = 0;
  int64_t bins() const { return dft_length / 2 + 1; }
};

Status resolve(const OpCall& call, Plan* p) {
  constexpr const char* kOp = "MelWeightMatrix";
  FETTLE_TRY(scalar_input(kOp, "num_mel_bins", call, 0, 0, &p->mel_bins));
  FETTLE_TRY(scalar_input(kOp, "dft_length", call, 1, 0, &p->dft_length));
  FETTLE_TRY(scalar_input(kOp, "sample_rate", call, 2, 0, &p->sample_rate));
  for (size_t i = 3; i < 5; ++i) {
    FETTLE_TRY(require_float(kOp, "edge", call.in[i]));
    if (call.in[i].elements() != 1) return invalid_input("MelWeightMatrix: an edge is no scalar");
    if (!has_values(call, i)) return needs_value(kOp, "edges");
  }
  p->lower_hz = number_at(call.in[3], 0);
  p->upper_hz = number_at(call.in[4], 0);
  constexpr int64_t kMost = 1 << 24;
  if (p->mel_bins < 1 || p->mel_bins > kMost || p->dft_length < 1 || p->dft_length > kMost ||
      p->sample_rate < 1 || !(p->lower_hz >= 0) || !(p->upper_hz > p->lower_hz) ||
      !(p->upper_hz * 2 <= static_cast<double>(p->sample_rate))) {
    return invalid_input("MelWeightMatrix: its frequencies or sizes make no sense");
  }
  return {};
}

Status infer(const OpCall& call) {
  Plan p;
  FETTLE_TRY(resolve(call, &p));
  const DType dtype = dtype_from_name(call.attrs.get_string("output_datatype", "f32"));
  if (dtype == DType::none || dtype == DType::boolean) {
    return unsupported("MelWeightMatrix: its element type");
  }
  call.out[0].dtype = dtype;
  call.out[0].dims = {p.bins(), p.mel_bins};
  return {};
}

// The spectrogram bin that edge i of the triangles falls into.
int64_t edge(const Plan& p, int64_t i) {
  const auto mel = [](double hz) { return 2595 * std::log1p(hz / 700) / std::log(10.0); };
  const double low = mel(p.lower_hz);
  const double step = (mel(p.upper_hz) - low) / static_cast<double>(p.mel_bins + 2);
  const double hz = 700 * std::expm1((low + step * static_cast<double>(i)) / 2595 * std::log(10.0));
  const double bin =
      std::floor(static_cast<double>(p.dft_length + 1) * hz / static_cast<double>(p.sample_rate));
  return std::clamp<int64_t>(static_cast<int64_t>(bin), 0, p.bins() - 1);
}

Status reference(const OpCall& call) {
  Plan p;
  FETTLE_TRY(resolve(call, &p));
  const TensorView& y = call.out[0];
  std::memset(y.data, 0, y.bytes());
  const auto put = [&](int64_t bin, int64_t mel, double v) {
    set_number(y, bin * p.mel_bins + mel, v);
  };
  for (int64_t m = 0; m < p.mel_bins; ++m) {
    const int64_t left = edge(p, m), center = edge(p, m + 1), right = edge(p, m + 2);
    if (left == center) put(center, m, 1);
    for (int64_t k = left; k <= center && left < center; ++k) {
      put(k, m, static_cast<double>(k - left) / static_cast<double>(center - left));
    }
    for (int64_t k = center; k < right; ++k) {
      put(k, m, static_cast<double>(right - k) / static_cast<double>(right - center));
    }
  }
  return {};
}

Status from_onnx(ir::Graph&, ir::Node* node, int) {
  return read_dtype_attribute(node, "output_datatype");
}
Status to_onnx(ir::Graph&, ir::Node* node) {
  write_dtype_attribute(node, "output_datatype");
  return {};
}

constexpr OnnxRule kOnnx[] = {{"MelWeightMatrix", 17, from_onnx, to_onnx}};
constexpr OpDef kOps[] = {{.name = "MelWeightMatrix",
                           .schema = Schema(5, 5, 1, 1, kAttrs),
                           .infer = infer,
                           .cost = kNotApplicable,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kOnnx,
                           .tflite = kNotApplicable,
                           .cases = kNotApplicable}};  // its operands have to be constants

}  // namespace

FETTLE_OP_TABLE(mel_weight_matrix, kOps)

}  // namespace fettle::ops
