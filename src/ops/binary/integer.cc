// SPDX-License-Identifier: Apache-2.0
#include "ops/binary/integer.h"

#include <algorithm>

#include "base/sum_of_codes.h"
#include "ops/operands.h"
#include "ops/quantized.h"
#include "ops/row_walk.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

struct Pair {
  int32_t zero_a, zero_b;
  float m_a, m_b;  // of the product, m_a alone
};

template <PairKind kKind>
float combine(const Pair& p, int32_t a, int32_t b) {
  a -= p.zero_a;
  b -= p.zero_b;
  if constexpr (kKind == PairKind::mul) {
    return static_cast<float>(a * b) * p.m_a;
  } else {
    const float x = static_cast<float>(a) * p.m_a, y = static_cast<float>(b) * p.m_b;
    if constexpr (kKind == PairKind::add) return x + y;
    if constexpr (kKind == PairKind::sub) return x - y;
    if constexpr (kKind == PairKind::min) return x < y ? x : y;
    return x > y ? x : y;
  }
}

// Calls to(a, b) -> code for each element.
template <class T, class F>
void each_pair(const OpCall& call, F to_code) {
  const TensorView &a = call.in[0], &b = call.in[1], &out = call.out[0];
  for (RowWalk w(out.dims, {&a.dims, &b.dims}); !w.done(); w.next()) {
    const T* pa = a.as<T>() + w.at(0);
    const T* pb = b.as<T>() + w.at(1);
    T* to = out.as_mutable<T>() + w.out_at();
    const int64_t step_a = w.step(0), step_b = w.step(1);
    for (int64_t i = 0; i < w.length(); ++i) {
      to[i] = static_cast<T>(to_code(pa[i * step_a], pb[i * step_b]));
    }
  }
}

template <class T, PairKind kKind>
void run(const OpCall& call, const Requantizer& quantize) {
  const TensorView &a = call.in[0], &b = call.in[1], &out = call.out[0];
  const float own_b = requantize_multiplier(scale_of(b), scale_of(out));
  const float m_a = kKind == PairKind::mul
                        ? requantize_multiplier(scale_of(a), scale_of(b), scale_of(out))
                        : requantize_multiplier(scale_of(a), scale_of(out));
  const Pair pair{zero_point_of(a), zero_point_of(b), m_a, own_b};
  each_pair<T>(call, [&](T x, T y) { return quantize(combine<kKind>(pair, x, y)); });
}

void run_sum_i8(const OpCall& call, const Requantizer& r, bool minus) {
  const TensorView &a = call.in[0], &b = call.in[1], &out = call.out[0];
  SumOfCodes sum = sum_of_codes(scale_of(a), scale_of(b), scale_of(out));
  if (minus) sum.m_b = -sum.m_b;
  const int32_t zero_a = zero_point_of(a), zero_b = zero_point_of(b);
  each_pair<int8_t>(call, [&](int8_t x, int8_t y) {
    return std::clamp(sum(x - zero_a, y - zero_b) + r.zero_point, r.low, r.high);
  });
}

template <class T>
void dispatch(PairKind kind, const OpCall& call, const Requantizer& quantize) {
  switch (kind) {
    case PairKind::add:
      return run<T, PairKind::add>(call, quantize);
    case PairKind::sub:
      return run<T, PairKind::sub>(call, quantize);
    case PairKind::mul:
      return run<T, PairKind::mul>(call, quantize);
    case PairKind::min:
      return run<T, PairKind::min>(call, quantize);
    case PairKind::max:
      return run<T, PairKind::max>(call, quantize);
  }
}

}  // namespace

Status infer_integer_pair(const char* op, const OpCall& call) {
  if (call.in.size() != 2 || !call.has_in(0) || !call.has_in(1)) {
    return unsupported(std::string(op) + ": no integer form but for two operands");
  }
  FETTLE_TRY(require_quantized(op, "the first operand", call.in[0]));
  FETTLE_TRY(require_quantized(op, "the second operand", call.in[1]));
  if (call.in[0].dtype != call.in[1].dtype) {
    return unsupported(std::string(op) + ": no integer form for an i8 and an i16 operand");
  }
  FETTLE_TRY(infer_quantized_output(op, call, call.in[0].dtype));
  FETTLE_TRY(broadcast(op, call.in[0].dims, call.in[1].dims, &call.out[0].dims));
  call.out[0].dynamic = any_dynamic(call);
  Requantizer quantize;
  return output_requantizer(op, call, &quantize);
}

Status run_integer_pair(const char* op, PairKind kind, const OpCall& call) {
  Requantizer quantize;
  FETTLE_TRY(output_requantizer(op, call, &quantize));
  const bool sum = kind == PairKind::add || kind == PairKind::sub;
  if (sum && call.out[0].dtype == DType::i8) {
    run_sum_i8(call, quantize, kind == PairKind::sub);
    return {};
  }
  visit_code(call.out[0].dtype, [&]<class T>(T) { dispatch<T>(kind, call, quantize); });
  return {};
}

}  // namespace fettle::ops
