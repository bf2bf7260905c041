// SPDX-License-Identifier: Apache-2.0
//
// HannWindow, HammingWindow and BlackmanWindow: sums of cosines over the window's length; a
// periodic one ends where the next would begin.
#include <cmath>
#include <numbers>

#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"output_datatype", AttrKind::string},
                               {"periodic", AttrKind::integer}};

// a0 - a1 cos(2 pi n / N) + a2 cos(4 pi n / N)
struct Hann {
  static constexpr const char* kName = "HannWindow";
  static constexpr double a0 = 0.5, a1 = 0.5, a2 = 0;
};
struct Hamming {
  static constexpr const char* kName = "HammingWindow";
  static constexpr double a0 = 25.0 / 46.0, a1 = 1 - a0, a2 = 0;
};
struct Blackman {
  static constexpr const char* kName = "BlackmanWindow";
  static constexpr double a0 = 0.42, a1 = 0.5, a2 = 0.08;
};

template <class W>
Status infer(const OpCall& call) {
  const TensorView& size = call.in[0];
  if ((size.dtype != DType::i32 && size.dtype != DType::i64) || size.elements() != 1) {
    return invalid_input(std::string(W::kName) + ": its size should be one integer");
  }
  if (!has_values(call, 0)) return needs_value(W::kName, "size");
  const DType dtype = dtype_from_name(call.attrs.get_string("output_datatype", "f32"));
  if (dtype == DType::none || dtype == DType::boolean) {
    return unsupported(std::string(W::kName) + ": its element type");
  }
  call.out[0].dtype = dtype;
  call.out[0].dims = {value_at(size, 0)};
  return {};
}

template <class W>
Status reference(const OpCall& call) {
  const int64_t n = call.out[0].elements();
  const bool periodic = call.attrs.get_int("periodic", 1) != 0;
  const double length = static_cast<double>(periodic || n == 1 ? n : n - 1);
  for (int64_t i = 0; i < n; ++i) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(i) / length;
    set_number(call.out[0], i, W::a0 - W::a1 * std::cos(angle) + W::a2 * std::cos(2 * angle));
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

template <class W>
constexpr OnnxRule kSameName[] = {{W::kName, 17, from_onnx, to_onnx}};

template <class W>
constexpr OpDef define() {
  return {.name = W::kName,
          .schema = Schema(1, 1, 1, 1, kAttrs),
          .infer = infer<W>,
          .cost = kNotApplicable,
          .reference = reference<W>,
          .scratch = kNotApplicable,
          .in_place = kNotApplicable,
          .rows = kNotApplicable,
          .quant = QuantRule::keep_float,
          .onnx = kSameName<W>,
          .tflite = kNotApplicable,
          .cases = kNotApplicable};  // the size has to be a constant
}

constexpr OpDef kOps[] = {define<Hann>(), define<Hamming>(), define<Blackman>()};

}  // namespace

FETTLE_OP_TABLE(windows, kOps)

}  // namespace fettle::ops
