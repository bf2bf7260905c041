// SPDX-License-Identifier: Apache-2.0
//
// Clip: min(max(x, low), high); both bounds are optional scalars. ONNX before opset 11 had them as
// attributes, and TFLite has a name for each usual pair.
#include <limits>

#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

Status infer(const OpCall& call) {
  const TensorView& x = call.in[0];
  if (x.dtype == DType::boolean) return unsupported("Clip of bool");
  FETTLE_TRY(refuse_quantized("Clip", call));
  for (size_t i = 1; i < 3; ++i) {
    if (!call.has_in(i)) continue;
    if (!is_float(x.dtype) || !is_float(call.in[i].dtype)) {
      FETTLE_TRY(require_same_dtype("Clip", x, call.in[i]));
    }
    if (call.in[i].elements() != 1) {
      return invalid_input("Clip: bound " + call.in[i].dims.to_string() + " is not a scalar");
    }
  }
  return infer_same(call);
}

// The bounds of a float tensor may be of another float type: old opsets kept them as f32.
template <class T, class A>
A bound(const OpCall& call, size_t input, A otherwise) {
  if (!call.has_in(input)) return otherwise;
  const TensorView& b = call.in[input];
  return b.dtype == kDTypeOf<T> ? A(*b.as<T>()) : static_cast<A>(number_at(b, 0));
}

Status reference(const OpCall& call) {
  visit_dtype(
      call.in[0].dtype,
      [&]<class T>(T) {
        if constexpr (!std::is_same_v<T, bool>) {
          using A = Accum<T>;
          constexpr bool kInfinite = !std::is_integral_v<T>;
          using Limits = std::numeric_limits<A>;
          const A low = bound<T, A>(call, 1, kInfinite ? -Limits::infinity() : Limits::lowest());
          const A high = bound<T, A>(call, 2, kInfinite ? Limits::infinity() : Limits::max());
          const T* x = call.in[0].as<T>();
          T* y = call.out[0].as_mutable<T>();
          for (int64_t i = 0, n = call.in[0].elements(); i < n; ++i) {
            A v = x[i];
            v = v < low ? low : v;
            y[i] = T(v > high ? high : v);  // the upper bound wins where they cross
          }
        }
        return 0;
      },
      0);
  return {};
}

Cost cost(const OpCall& call) { return {.flops = call.in[0].elements() * 2}; }

bool in_place(const OpCall& call, int input) {
  return input == 0 && in_place_same_shape(call, input);
}

void set_bounds(ir::Graph& graph, ir::Node* node, const float* low, const float* high) {
  if (low) set_constant_input(graph, node, 1, "low", Tensor::scalar(*low));
  if (high) set_constant_input(graph, node, 2, "high", Tensor::scalar(*high));
}

// Attributes min and max become inputs, of f32 because the type of x is not known yet.
Status from_onnx(ir::Graph& graph, ir::Node* node, int opset) {
  node->op = "Clip";
  node->attrs.erase("consumed_inputs");
  if (opset >= 11) return {};
  const float low = node->attrs.get_float("min"), high = node->attrs.get_float("max");
  set_bounds(graph, node, node->attrs.has("min") ? &low : nullptr,
             node->attrs.has("max") ? &high : nullptr);
  node->attrs.erase("min");
  node->attrs.erase("max");
  return {};
}

template <int kLow, int kHigh>
Status from_tflite(ir::Graph& graph, ir::Node* node) {
  node->op = "Clip";
  const float low = kLow, high = kHigh;
  set_bounds(graph, node, &low, &high);
  return {};
}

std::vector<Case> cases() {
  return {{.name = "both", .inputs = {f32({3, 5, 7}), f32({}), f32({})}, .constants = {1, 2}},
          {.name = "low", .inputs = {f32({129}), f32({})}, .constants = {1}},
          {.name = "none", .inputs = {f32({129})}}};
}

constexpr OnnxRule kOnnx[] = {{"Clip", 1, from_onnx}};
constexpr TfliteRule kTflite[] = {{"RELU6", from_tflite<0, 6>},
                                  {"RELU_N1_TO_1", from_tflite<-1, 1>},
                                  {"RELU_0_TO_1", from_tflite<0, 1>}};
constexpr OpDef kOps[] = {{.name = "Clip",
                           .schema = Schema(1, 3, 1, 1),
                           .infer = infer,
                           .cost = cost,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = in_place,
                           .rows = rows_same,
                           .quant = QuantRule::table,
                           .onnx = kOnnx,
                           .tflite = kTflite,
                           .cases = cases}};

}  // namespace

FETTLE_OP_TABLE(clip, kOps)

}  // namespace fettle::ops
