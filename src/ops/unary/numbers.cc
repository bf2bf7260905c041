// SPDX-License-Identifier: Apache-2.0
//
// The operators of one operand that integers have, too: Abs, Neg, Sign, Relu. Integers wrap
// around, as in two's complement.
#include <cmath>
#include <type_traits>

#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/unary/unary.h"

namespace fettle::ops {

namespace {

template <class T>
T negated(T x) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(-static_cast<std::make_unsigned_t<T>>(x));
  } else {
    return -x;
  }
}

struct Abs {
  static constexpr const char* kName = "Abs";
  static constexpr bool kUnsigned = true;
  template <class T>
  static T apply(T x) {
    if constexpr (std::is_unsigned_v<T>)
      return x;
    else if constexpr (std::is_integral_v<T>)
      return x < 0 ? negated(x) : x;
    else
      return std::abs(x);
  }
};
struct Neg {
  static constexpr const char* kName = "Neg";
  static constexpr bool kUnsigned = false;
  template <class T>
  static T apply(T x) {
    return negated(x);
  }
};
struct Sign {
  static constexpr const char* kName = "Sign";
  static constexpr bool kUnsigned = true;
  template <class T>
  static T apply(T x) {
    return x > T(0) ? T(1) : x < T(0) ? negated(T(1)) : x;
  }
};
struct Relu {
  static constexpr const char* kName = "Relu";
  static constexpr bool kUnsigned = false;
  template <class T>
  static T apply(T x) {
    return x < T(0) ? T(0) : x;
  }
};

template <class F>
Status infer(const OpCall& call) {
  const DType type = call.in[0].dtype;
  const bool is_unsigned =
      type == DType::u8 || type == DType::u16 || type == DType::u32 || type == DType::u64;
  if (is_integer(type) && (F::kUnsigned || !is_unsigned)) {
    FETTLE_TRY(refuse_quantized(F::kName, call));
    return infer_same(call);
  }
  return infer_float_unary(F::kName, call);
}

Cost cost(const OpCall& call) { return {.flops = call.in[0].elements()}; }

template <class F, class T>
void loop(const T* x, T* y, int64_t n, const UnaryParams&) {
  for (int64_t i = 0; i < n; ++i) y[i] = F::template apply<T>(x[i]);
}

template <class F, class T>
Status run_integers(const OpCall& call) {
  loop<F, T>(call.in[0].as<T>(), call.out[0].as_mutable<T>(), call.in[0].elements(), {});
  return {};
}

template <class F>
Status reference(const OpCall& call) {
  switch (call.in[0].dtype) {
    case DType::i8:
      return run_integers<F, int8_t>(call);
    case DType::i16:
      return run_integers<F, int16_t>(call);
    case DType::i32:
      return run_integers<F, int32_t>(call);
    case DType::i64:
      return run_integers<F, int64_t>(call);
    case DType::u8:
      return run_integers<F, uint8_t>(call);
    case DType::u16:
      return run_integers<F, uint16_t>(call);
    case DType::u32:
      return run_integers<F, uint32_t>(call);
    case DType::u64:
      return run_integers<F, uint64_t>(call);
    default:
      return run_float_unary(call, loop<F, float>, loop<F, double>, {});
  }
}

template <class F>
Status from_onnx(ir::Graph& graph, ir::Node* node, int opset) {
  node->op = F::kName;
  return drop_consumed_inputs(graph, node, opset);
}

std::vector<Case> cases() {
  std::vector<Case> all = unary_cases(-2, 2);
  ir::Type integers;
  integers.dtype = DType::i32;
  integers.dims = {3, 17};
  all.push_back({.name = "i32", .inputs = {integers}, .low = -9, .high = 9});
  return all;
}

template <class F>
constexpr OnnxRule kSameName[] = {{F::kName, 1, from_onnx<F>}};

template <class F>
constexpr OpDef define(Facet<std::span<const TfliteRule>> tflite) {
  return {.name = F::kName,
          .schema = Schema(1, 1, 1, 1),
          .infer = infer<F>,
          .cost = cost,
          .reference = reference<F>,
          .scratch = kNotApplicable,
          .in_place = in_place_same_shape,
          .rows = rows_same,
          .quant = QuantRule::table,
          .onnx = kSameName<F>,
          .tflite = tflite,
          .cases = cases};
}

constexpr TfliteRule kAbs[] = {{"ABS"}}, kNeg[] = {{"NEG"}}, kSign[] = {{"SIGN"}},
                     kRelu[] = {{"RELU"}};
constexpr OpDef kOps[] = {define<Abs>(kAbs), define<Neg>(kNeg), define<Sign>(kSign),
                          define<Relu>(kRelu)};

}  // namespace

FETTLE_OP_TABLE(number_unary, kOps)

}  // namespace fettle::ops
