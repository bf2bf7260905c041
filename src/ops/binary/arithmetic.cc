// SPDX-License-Identifier: Apache-2.0
//
// Add, Sub, Mul and Div on every number type, with an activation that a pass may have fused in.
// Integers wrap around; dividing an integer by zero gives zero.
#include <type_traits>

#include "ops/activation.h"
#include "ops/binary/binary.h"
#include "ops/binary/integer.h"
#include "ops/floats.h"
#include "ops/operands.h"
#include "ops/quantized.h"
#include "ops/shapes.h"
#include "ops/tflite_rules.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"activation", AttrKind::string},
                               {"activation_params", AttrKind::reals}};

// Where signed overflow would be undefined, the unsigned type of the same width is not.
template <class T>
using Wrapping = typename std::conditional_t<
    !std::is_integral_v<T>, std::type_identity<T>,
    std::conditional_t<(sizeof(T) < 4), std::type_identity<uint32_t>, std::make_unsigned<T>>>::type;

struct Add {
  static constexpr const char* kName = "Add";
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(Wrapping<T>(a) + Wrapping<T>(b));
  }
};
struct Sub {
  static constexpr const char* kName = "Sub";
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(Wrapping<T>(a) - Wrapping<T>(b));
  }
};
struct Mul {
  static constexpr const char* kName = "Mul";
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(Wrapping<T>(a) * Wrapping<T>(b));
  }
};
struct Div {
  static constexpr const char* kName = "Div";
  template <class T>
  static T apply(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
      if (b == 0) return 0;
      if constexpr (std::is_signed_v<T>) {  // the lowest number over -1 wraps around
        if (b == T(-1)) return static_cast<T>(Wrapping<T>(0) - Wrapping<T>(a));
      }
      return static_cast<T>(a / b);
    } else {
      return static_cast<T>(a / b);
    }
  }
};

// Div has no integer form: its results are rarely worth a range of their own.
template <class F>
constexpr bool kHasIntegerForm = !std::is_same_v<F, Div>;
template <class F>
constexpr PairKind kPairKind = std::is_same_v<F, Add>   ? PairKind::add
                               : std::is_same_v<F, Sub> ? PairKind::sub
                                                        : PairKind::mul;

template <class F>
Status infer(const OpCall& call) {
  if (kHasIntegerForm<F> && any_quantized(call)) return infer_integer_pair(F::kName, call);
  const DType type = call.in[0].dtype;
  if (!is_float(type) && !is_integer(type)) {
    return unsupported(std::string(F::kName) + " of " + std::string(name_of(type)));
  }
  FETTLE_TRY(refuse_quantized(F::kName, call));
  Activation activation;
  FETTLE_TRY(parse_activation(call.attrs, &activation));
  if (activation.kind != ActivationKind::none && !is_float(type)) {
    return unsupported(std::string(F::kName) + ": an activation on integers");
  }
  return infer_broadcast(F::kName, call, type);
}

Cost cost(const OpCall& call) { return {.flops = call.out[0].elements()}; }

template <class F>
RowLoop loop_for(DType type) {
  switch (type) {
    case DType::f32:
      return row_loop<F, float, float>;
    case DType::f64:
      return row_loop<F, double, double>;
    case DType::f16:
      return row_loop<F, Half, Half>;
    case DType::bf16:
      return row_loop<F, BFloat16, BFloat16>;
    case DType::i8:
      return row_loop<F, int8_t, int8_t>;
    case DType::u8:
      return row_loop<F, uint8_t, uint8_t>;
    case DType::i16:
      return row_loop<F, int16_t, int16_t>;
    case DType::u16:
      return row_loop<F, uint16_t, uint16_t>;
    case DType::i32:
      return row_loop<F, int32_t, int32_t>;
    case DType::u32:
      return row_loop<F, uint32_t, uint32_t>;
    case DType::i64:
      return row_loop<F, int64_t, int64_t>;
    case DType::u64:
      return row_loop<F, uint64_t, uint64_t>;
    default:
      return nullptr;
  }
}

void apply_activation(const Activation& activation, const TensorView& y) {
  visit_float(y.dtype, [&]<class T>(T) {
    T* data = y.as_mutable<T>();
    const int64_t n = y.elements();
    if (activation.kind == ActivationKind::clip) {  // the usual one, in a loop of its own
      const Accum<T> low = activation.a, high = activation.b;
      for (int64_t i = 0; i < n; ++i) {
        const Accum<T> v = data[i];
        data[i] = T(v < low ? low : v > high ? high : v);
      }
      return;
    }
    for (int64_t i = 0; i < n; ++i) data[i] = T(activate<Accum<T>>(activation, data[i]));
  });
}

template <class F>
Status reference(const OpCall& call) {
  if (kHasIntegerForm<F> && call.in[0].quant) {
    return run_integer_pair(F::kName, kPairKind<F>, call);
  }
  Activation activation;
  FETTLE_TRY(parse_activation(call.attrs, &activation));
  run_rows(call.in[0], call.in[1], call.out[0], loop_for<F>(call.in[0].dtype));
  if (activation.kind != ActivationKind::none) apply_activation(activation, call.out[0]);
  return {};
}

template <class F>
Status from_onnx(ir::Graph& graph, ir::Node* node, int opset) {
  node->op = F::kName;
  return read_old_broadcast(graph, node, opset);
}

template <class F>
Status from_tflite(ir::Graph&, ir::Node* node) {
  node->op = F::kName;
  node->attrs.erase("pot_scale_int16");
  return read_tflite_activation(node->attrs);
}

template <class F>
std::vector<Case> cases() {
  const bool divides = std::is_same_v<F, Div>;
  std::vector<Case> all = binary_cases(DType::f32, divides ? 0.5 : -2, 2);
  Case fused = all[0];
  fused.name = "relu6";
  fused.attrs = {{"activation", std::string("relu6")}};
  fused.low = divides ? 0.1 : -5, fused.high = 5;
  all.push_back(fused);
  for (const Case& c : binary_cases(DType::i32, 1, 99)) {
    if (c.name == "channels") all.push_back(c), all.back().name = "i32";
  }
  return all;
}

template <class F>
constexpr OnnxRule kSameName[] = {{F::kName, 1, from_onnx<F>}};

template <class F>
constexpr OpDef define(std::span<const TfliteRule> tflite) {
  return {.name = F::kName,
          .schema = Schema(2, 2, 1, 1, kAttrs),
          .infer = infer<F>,
          .cost = cost,
          .reference = reference<F>,
          .scratch = kNotApplicable,
          .in_place = in_place_binary,
          .rows = rows_same,
          .quant = kHasIntegerForm<F> ? QuantRule::compute : QuantRule::keep_float,
          .onnx = kSameName<F>,
          .tflite = tflite,
          .cases = cases<F>};
}

// x * x
Status from_square(ir::Graph& graph, ir::Node* node) {
  node->op = "Mul";
  graph.set_input(node, 1, node->inputs[0]);
  return {};
}
// (a - b) * (a - b)
Status from_squared_difference(ir::Graph& graph, ir::Node* node) {
  FETTLE_TRY(need_inputs(*node, 2));
  ir::Node* sub = graph.add_node("Sub", {node->inputs[0], node->inputs[1]}, 1, {}, node);
  node->op = "Mul";
  graph.set_input(node, 0, sub->outputs[0]);
  graph.set_input(node, 1, sub->outputs[0]);
  return {};
}

constexpr TfliteRule kAdd[] = {{"ADD", from_tflite<Add>}}, kSub[] = {{"SUB", from_tflite<Sub>}},
                     kMul[] = {{"MUL", from_tflite<Mul>},
                               {"SQUARE", from_square},
                               {"SQUARED_DIFFERENCE", from_squared_difference}},
                     kDiv[] = {{"DIV", from_tflite<Div>}};
constexpr OpDef kOps[] = {define<Add>(kAdd), define<Sub>(kSub), define<Mul>(kMul),
                          define<Div>(kDiv)};

}  // namespace

FETTLE_OP_TABLE(arithmetic, kOps)

}  // namespace fettle::ops
