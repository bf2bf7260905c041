// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "ops/floats.h"
#include "ops/pool/windows.h"

namespace fettle::ops {

namespace {

template <class T>
void max_pool(const OpCall& call, const PoolShape& s) {
  const T* x = call.in[0].as<T>();
  T* out = call.out[0].as_mutable<T>();
  int64_t* indices =
      call.out.size() > 1 && call.out[1].data ? call.out[1].as_mutable<int64_t>() : nullptr;
  const int64_t* e = s.x.extent;
  each_window(s, [&](const Taps* taps, int64_t from, int64_t to, auto...) {
    bool any = false;
    Accum<T> best = std::is_integral_v<T> ? Accum<T>(std::numeric_limits<T>::lowest())
                                          : -std::numeric_limits<Accum<T>>::infinity();
    int64_t index = 0;
    each_tap(s, taps, [&](int64_t at, int64_t z, int64_t y, int64_t column) {
      const auto v = static_cast<Accum<T>>(x[from + at]);
      if (any && !(v > best) && v == v) return;
      if (any && best != best) return;  // a NaN stays
      any = true;
      best = v;
      index = from + (s.column_major ? (column * e[1] + y) * e[0] + z : at);
    });
    if constexpr (!std::is_integral_v<T>) {
      out[to] = static_cast<T>(activate(s.activation, best));
    } else {
      out[to] = best;
    }
    if (indices) indices[to] = index;
  });
}

template <class A>
A power(A v, int64_t p) {
  v = std::abs(v);
  return p == 1 ? v : p == 2 ? v * v : std::pow(v, A(p));
}
template <class A>
A root(A v, int64_t p) {
  return p == 1 ? v : p == 2 ? std::sqrt(v) : std::pow(v, A(1) / A(p));
}

template <class T>
void sum_pool(const OpCall& call, const PoolShape& s) {
  using A = Accum<T>;
  const T* x = call.in[0].as<T>();
  T* out = call.out[0].as_mutable<T>();
  const bool lp = s.kind == PoolKind::lp;
  each_window(
      s, [&](const Taps* taps, int64_t from, int64_t to, int64_t z, int64_t y, int64_t column) {
        A sum = 0;
        each_tap(s, taps, [&](int64_t at, auto...) {
          const A v = static_cast<A>(x[from + at]);
          sum += lp ? power(v, s.p) : v;
        });
        const A result = lp ? root(sum, s.p) : sum / static_cast<A>(average_count(s, z, y, column));
        out[to] = static_cast<T>(activate(s.activation, result));
      });
}

}  // namespace

Status reference_pool(const OpCall& call, const PoolShape& s) {
  if (s.kind != PoolKind::max) {
    visit_float(call.in[0].dtype, [&]<class T>(T) { sum_pool<T>(call, s); });
    return {};
  }
  if (call.in[0].dtype == DType::i8) {
    max_pool<int8_t>(call, s);
  } else if (call.in[0].dtype == DType::u8) {
    max_pool<uint8_t>(call, s);
  } else if (call.in[0].dtype == DType::i16) {
    max_pool<int16_t>(call, s);
  } else {
    visit_float(call.in[0].dtype, [&]<class T>(T) { max_pool<T>(call, s); });
  }
  return {};
}

}  // namespace fettle::ops
