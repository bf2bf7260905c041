// SPDX-License-Identifier: Apache-2.0
//
// Softmax, LogSoftmax and Hardmax along one axis.
//
//   softmax     exp(x - max) / sum(exp(x - max))
//   logsoftmax  x - max - log(sum(exp(x - max)))
//   hardmax     1 at the first maximum, 0 elsewhere
//
// TFLite's `beta` is a factor in front of x. Before opset 13 the axis split the tensor into a
// matrix whose rows were normalized; the reader writes that out.
#include "ops/softmax/softmax.h"

#include <algorithm>
#include <cmath>

#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/quantized.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"axis", AttrKind::integer}};

enum class Kind { soft, log, hard };

// Columns `inner` apart, up to kTile of them together so that the loops stay contiguous.
constexpr int64_t kTile = 32;

template <Kind kKind, class T>
void normalize(const T* x, T* y, int64_t n, int64_t inner, int64_t width) {
  using A = Accum<T>;
  A largest[kTile], sum[kTile];
  int64_t at[kTile] = {};
  for (int64_t j = 0; j < width; ++j) largest[j] = x[j];
  for (int64_t k = 1; k < n; ++k) {
    for (int64_t j = 0; j < width; ++j) {
      const A v = x[k * inner + j];
      if (kKind == Kind::hard && v > largest[j]) at[j] = k;
      largest[j] = v > largest[j] ? v : largest[j];
    }
  }
  if constexpr (kKind == Kind::hard) {
    for (int64_t k = 0; k < n; ++k) {
      for (int64_t j = 0; j < width; ++j) y[k * inner + j] = T(A(at[j] == k));
    }
    return;
  }
  std::fill_n(sum, width, A(0));
  for (int64_t k = 0; k < n; ++k) {
    for (int64_t j = 0; j < width; ++j) {
      const A shifted = A(x[k * inner + j]) - largest[j];
      const A e = std::exp(shifted);
      sum[j] += e;
      if (kKind == Kind::soft) y[k * inner + j] = T(e);
    }
  }
  for (int64_t j = 0; j < width; ++j) sum[j] = kKind == Kind::soft ? 1 / sum[j] : std::log(sum[j]);
  for (int64_t k = 0; k < n; ++k) {
    for (int64_t j = 0; j < width; ++j) {
      const int64_t at = k * inner + j;
      y[at] = T(kKind == Kind::soft ? A(y[at]) * sum[j] : A(x[at]) - largest[j] - sum[j]);
    }
  }
}

template <Kind kKind>
constexpr const char* kName = kKind == Kind::soft  ? "Softmax"
                              : kKind == Kind::log ? "LogSoftmax"
                                                   : "Hardmax";

template <Kind kKind>
Status infer(const OpCall& call) {
  int axis;
  FETTLE_TRY(
      normalize_axis(kName<kKind>, call.attrs.get_int("axis", -1), call.in[0].dims.rank(), &axis));
  if (kKind == Kind::soft && any_quantized(call)) return infer_softmax_integer(call);
  FETTLE_TRY(refuse_quantized(kName<kKind>, call));
  FETTLE_TRY(require_float(kName<kKind>, "input", call.in[0]));
  return infer_same(call);
}

template <Kind kKind>
Status reference(const OpCall& call) {
  const TensorView& x = call.in[0];
  const int rank = x.dims.rank();
  int axis;
  FETTLE_TRY(normalize_axis(kName<kKind>, call.attrs.get_int("axis", -1), rank, &axis));
  if (x.elements() == 0) return {};
  if (kKind == Kind::soft && x.quant) return run_softmax_integer(call, axis);
  const int64_t outer = x.dims.product(0, axis), n = rank ? x.dims[axis] : 1;
  const int64_t inner = rank ? x.dims.product(axis + 1, rank) : 1;
  visit_float(x.dtype, [&]<class T>(T) {
    for (int64_t o = 0; o < outer; ++o) {
      for (int64_t i = 0; i < inner; i += kTile) {
        const int64_t begin = o * n * inner + i;
        normalize<kKind, T>(x.as<T>() + begin, call.out[0].as_mutable<T>() + begin, n, inner,
                            std::min(kTile, inner - i));
      }
    }
  });
  return {};
}

Cost cost(const OpCall& call) { return {.flops = call.in[0].elements() * 12}; }

// before: y = Softmax(x), axis splits x into a matrix
// after:  y = Reshape(Softmax(Flatten(x)), Shape(x))
Status from_onnx(ir::Graph& graph, ir::Node* node, int opset) {
  if (opset >= 13) return {};
  const int64_t axis = node->attrs.get_int("axis", 1);
  node->attrs.set("axis", int64_t{-1});
  if (axis == -1) return {};
  ir::Value* x = node->inputs[0];
  ir::Node* flat = graph.add_node("Flatten", {x}, 1, {{"axis", axis}}, node);
  ir::Node* shape = graph.add_node("Shape", {x}, 1, {}, node);
  graph.set_input(node, 0, flat->outputs[0]);
  ir::Node* reshape = append_node(graph, node, "Reshape");
  graph.set_input(reshape, 1, shape->outputs[0]);
  return {};
}

Status from_tflite(ir::Graph& graph, ir::Node* node) {
  const float beta = node->attrs.get_float("beta", 1);
  node->op = "Softmax";
  node->attrs = {{"axis", int64_t{-1}}};
  if (beta == 1) return {};
  if (node->inputs[0]->type.quant) return unsupported("SOFTMAX with beta on a quantized tensor");
  ir::Value* factor = graph.add_constant(node->outputs[0]->name + "/beta", Tensor::scalar(beta));
  ir::Node* scaled = graph.add_node("Mul", {node->inputs[0], factor}, 1, {}, node);
  graph.set_input(node, 0, scaled->outputs[0]);
  return {};
}

std::vector<Case> cases() {
  return {{.name = "last", .inputs = {f32({5, 37})}, .low = -9, .high = 9},
          {.name = "channels", .attrs = {{"axis", int64_t{1}}}, .inputs = {f32({2, 21, 5, 9})}},
          {.name = "long", .inputs = {f32({1, 1001})}, .low = -30, .high = 30}};
}

template <Kind kKind>
constexpr OnnxRule kSameName[] = {{kName<kKind>, 1, from_onnx}};

template <Kind kKind>
constexpr OpDef define(Facet<std::span<const TfliteRule>> tflite, QuantRule quant) {
  return {.name = kName<kKind>,
          .schema = Schema(1, 1, 1, 1, kAttrs),
          .infer = infer<kKind>,
          .cost = cost,
          .reference = reference<kKind>,
          .scratch = kNotApplicable,
          .in_place = in_place_same_shape,
          .rows = kNotApplicable,
          .quant = quant,
          .onnx = kSameName<kKind>,
          .tflite = tflite,
          .cases = cases};
}

constexpr TfliteRule kSoft[] = {{"SOFTMAX", from_tflite}}, kLog[] = {{"LOG_SOFTMAX"}};
constexpr OpDef kOps[] = {define<Kind::soft>(kSoft, QuantRule::compute),
                          define<Kind::log>(kLog, QuantRule::keep_float),
                          define<Kind::hard>(kNotApplicable, QuantRule::keep_float)};

}  // namespace

FETTLE_OP_TABLE(softmax, kOps)

}  // namespace fettle::ops
