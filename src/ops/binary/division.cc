// SPDX-License-Identifier: Apache-2.0
//
// Mod, Pow and PRelu.
//
// Mod of integers takes the divisor's sign (Python's %), or the dividend's with fmod=1; by zero it
// is zero. Pow may have a base and an exponent of different types; the base's is the result's. An
// integer to a negative power is truncated, as C++ would.
#include <cmath>
#include <type_traits>

#include "ops/binary/binary.h"
#include "ops/floats.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kModAttrs[] = {{"fmod", AttrKind::integer}};

template <bool kFmod>
struct Mod {
  template <class T>
  static T apply(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
      if (b == 0) return 0;
      if constexpr (std::is_signed_v<T>) {
        if (b == T(-1)) return 0;  // the lowest number over -1 would trap
      }
      const T r = static_cast<T>(a % b);
      return !kFmod && r != 0 && (r < 0) != (b < 0) ? static_cast<T>(r + b) : r;
    } else {
      using A = Accum<T>;
      const A r = std::fmod(A(a), A(b));
      return T(!kFmod && r != 0 && (r < 0) != (A(b) < 0) ? r + A(b) : r);
    }
  }
};

struct PRelu {
  template <class T>
  static T apply(T x, T slope) {
    if (!(x < T(0))) return x;
    if constexpr (std::is_integral_v<T>) {  // wraps around
      return static_cast<T>(static_cast<uint64_t>(x) * static_cast<uint64_t>(slope));
    } else {
      return static_cast<T>(x * slope);
    }
  }
};

template <class T>
T integer_power(T base, int64_t exponent) {
  using U = std::make_unsigned_t<T>;
  if (exponent < 0) {  // 1, -1, or a fraction that truncates
    if (base == T(1)) return 1;
    if (std::is_signed_v<T> && base == static_cast<T>(-1)) return exponent % 2 ? base : T(1);
    return 0;
  }
  uint64_t result = 1, square = static_cast<U>(base);
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result *= square;
    square *= square;
  }
  return static_cast<T>(result);
}

template <class T>
T power(T base, double exponent) {
  if constexpr (std::is_integral_v<T>) {
    if (exponent == std::floor(exponent) && std::abs(exponent) < 9e15) {
      return integer_power(base, static_cast<int64_t>(exponent));
    }
    const double v = std::pow(static_cast<double>(base), exponent);
    const double limit = std::ldexp(1.0, std::is_signed_v<T> ? sizeof(T) * 8 - 1 : sizeof(T) * 8);
    return v > -limit && v < limit ? static_cast<T>(v) : T(0);
  } else {
    return T(static_cast<Accum<T>>(
        std::pow(static_cast<Accum<T>>(base), static_cast<Accum<T>>(exponent))));
  }
}

template <class T>
void power_row(const T* x, int64_t x_step, const TensorView& exponents, int64_t at, int64_t e_step,
               T* y, int64_t n) {
  if (e_step == 0) {
    const double e = number_at(exponents, at);
    if (e == 2 && !std::is_integral_v<T>) {  // by far the most frequent
      for (int64_t i = 0; i < n; ++i) y[i] = static_cast<T>(x[i * x_step] * x[i * x_step]);
      return;
    }
    for (int64_t i = 0; i < n; ++i) y[i] = power(x[i * x_step], e);
    return;
  }
  for (int64_t i = 0; i < n; ++i) y[i] = power(x[i * x_step], number_at(exponents, at + i));
}

Status infer_pow(const OpCall& call) {
  const TensorView &x = call.in[0], &e = call.in[1];
  if (x.dtype == DType::boolean || e.dtype == DType::boolean) return unsupported("Pow of bool");
  FETTLE_TRY(refuse_quantized("Pow", call));
  FETTLE_TRY(broadcast("Pow", x.dims, e.dims, &call.out[0].dims));
  call.out[0].dtype = x.dtype;
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

Status reference_pow(const OpCall& call) {
  const TensorView &x = call.in[0], &e = call.in[1], &y = call.out[0];
  return visit_dtype(
      x.dtype,
      [&]<class T>(T) -> Status {
        if constexpr (!std::is_same_v<T, bool>) {
          for (RowWalk w(y.dims, {&x.dims, &e.dims}); !w.done(); w.next()) {
            power_row<T>(x.as<T>() + w.at(0), w.step(0), e, w.at(1), w.step(1),
                         y.as_mutable<T>() + w.out_at(), w.length());
          }
        }
        return {};
      },
      Status());
}

Status infer_mod(const OpCall& call) {
  const DType type = call.in[0].dtype;
  if (type == DType::boolean) return unsupported("Mod of bool");
  FETTLE_TRY(refuse_quantized("Mod", call));
  return infer_broadcast("Mod", call, type);
}

template <class F>
Status run(const OpCall& call) {
  visit_dtype(
      call.in[0].dtype,
      [&]<class T>(T) {
        if constexpr (!std::is_same_v<T, bool>) {
          run_rows(call.in[0], call.in[1], call.out[0], row_loop<F, T, T>);
        }
        return 0;
      },
      0);
  return {};
}

Status reference_mod(const OpCall& call) {
  return call.attrs.get_int("fmod") ? run<Mod<true>>(call) : run<Mod<false>>(call);
}

// The slope broadcasts to x, never the other way.
Status infer_prelu(const OpCall& call) {
  const DType type = call.in[0].dtype;
  if (type == DType::boolean) return unsupported("PRelu of bool");
  FETTLE_TRY(refuse_quantized("PRelu", call));
  FETTLE_TRY(infer_broadcast("PRelu", call, type));
  if (!(call.out[0].dims == call.in[0].dims)) {
    return invalid_input("PRelu: slope " + call.in[1].dims.to_string() +
                         " does not broadcast to input " + call.in[0].dims.to_string());
  }
  return {};
}

// Before opset 7 the slope was one number a channel.
Status read_prelu(ir::Graph& graph, ir::Node* node, int opset) {
  node->op = "PRelu";
  node->attrs.erase("consumed_inputs");
  ir::Value* slope = node->input(1);
  if (opset >= 7 || slope == nullptr || !slope->is_constant()) return {};
  if (slope->type.dims.rank() == 1 && slope->type.dims[0] != 1) {
    const Tensor channels = slope->data->reshaped({slope->type.dims[0], 1, 1});
    graph.set_input(node, 1, graph.add_constant(slope->name + "/channels", channels));
  }
  return {};
}

Cost cost(const OpCall& call) { return {.flops = call.out[0].elements()}; }
Cost cost_pow(const OpCall& call) { return {.flops = call.out[0].elements() * 20}; }

template <DType kType, int kLow, int kHigh>
std::vector<Case> cases() {
  return binary_cases(kType, kLow, kHigh);
}
std::vector<Case> cases_prelu() {
  std::vector<Case> all = binary_cases(DType::f32, -2, 2);
  std::erase_if(all,
                [](const Case& c) { return c.name == "both_ways" || c.name == "scalar_left"; });
  return all;
}

constexpr OnnxRule kMod[] = {{"Mod"}}, kPow[] = {{"Pow", 1, read_old_broadcast}},
                   kPRelu[] = {{"PRelu", 1, read_prelu}};
constexpr TfliteRule kTflitePow[] = {{"POW"}}, kTfliteMod[] = {{"FLOOR_MOD"}},
                     kTflitePRelu[] = {{"PRELU"}};
constexpr OpDef kOps[] = {{.name = "Mod",
                           .schema = Schema(2, 2, 1, 1, kModAttrs),
                           .infer = infer_mod,
                           .cost = cost,
                           .reference = reference_mod,
                           .scratch = kNotApplicable,
                           .in_place = in_place_binary,
                           .rows = rows_same,
                           .quant = QuantRule::keep_float,
                           .onnx = kMod,
                           .tflite = kTfliteMod,
                           .cases = cases<DType::i32, 1, 50>},
                          {.name = "Pow",
                           .schema = Schema(2, 2, 1, 1),
                           .infer = infer_pow,
                           .cost = cost_pow,
                           .reference = reference_pow,
                           .scratch = kNotApplicable,
                           .in_place = in_place_binary,
                           .rows = rows_same,
                           .quant = QuantRule::keep_float,
                           .onnx = kPow,
                           .tflite = kTflitePow,
                           .cases = cases<DType::f32, 0, 3>},
                          {.name = "PRelu",
                           .schema = Schema(2, 2, 1, 1),
                           .infer = infer_prelu,
                           .cost = cost,
                           .reference = run<PRelu>,
                           .scratch = kNotApplicable,
                           .in_place = in_place_binary,
                           .rows = rows_same,
                           .quant = QuantRule::compute,
                           .onnx = kPRelu,
                           .tflite = kTflitePRelu,
                           .cases = cases_prelu}};

}  // namespace

FETTLE_OP_TABLE(division, kOps)

}  // namespace fettle::ops
