// SPDX-License-Identifier: Apache-2.0
#include "ops/scatter/scatter.h"

#include <cstring>

#include "ops/operands.h"

namespace fettle::ops {

namespace {

struct Add {
  template <class T>
  static T apply(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
    } else {
      return T(a + b);
    }
  }
};
struct Mul {
  template <class T>
  static T apply(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
    } else {
      return T(a * b);
    }
  }
};
struct Max {
  template <class T>
  static T apply(T a, T b) {
    return a > b ? a : b;
  }
};
struct Min {
  template <class T>
  static T apply(T a, T b) {
    return a < b ? a : b;
  }
};

template <class F, class T>
void combine(const void* update, void* target, int64_t n) {
  const T* u = static_cast<const T*>(update);
  T* t = static_cast<T*>(target);
  for (int64_t i = 0; i < n; ++i) t[i] = F::template apply<T>(t[i], u[i]);
}

template <size_t kBytes>
void replace(const void* update, void* target, int64_t n) {
  std::memcpy(target, update, static_cast<size_t>(n) * kBytes);
}

template <class F>
Combine combine_for(DType type) {
  return visit_dtype(
      type, []<class T>(T) -> Combine { return combine<F, T>; }, Combine{nullptr});
}

}  // namespace

Status find_combine(const char* op, const OpCall& call, Combine* out) {
  const std::string_view name = call.attrs.get_string("reduction", "none");
  const DType type = call.in[0].dtype;
  if (name == "none") {
    const size_t bytes = size_of(type);
    *out = bytes == 1 ? replace<1> : bytes == 2 ? replace<2> : bytes == 4 ? replace<4> : replace<8>;
    return {};
  }
  FETTLE_TRY(refuse_quantized(op, call));
  if (name == "add")
    *out = combine_for<Add>(type);
  else if (name == "mul")
    *out = combine_for<Mul>(type);
  else if (name == "max")
    *out = combine_for<Max>(type);
  else if (name == "min")
    *out = combine_for<Min>(type);
  else
    return unsupported(std::string(op) + ": there is no reduction '" + std::string(name) + "'");
  return {};
}

void copy_data(const OpCall& call) {
  if (call.out[0].data != call.in[0].data) {
    std::memcpy(call.out[0].data, call.in[0].data, call.in[0].bytes());
  }
}

}  // namespace fettle::ops
