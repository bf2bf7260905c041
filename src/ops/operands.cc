// SPDX-License-Identifier: Apache-2.0
#include "ops/operands.h"

#include <algorithm>

namespace fettle::ops {

Status require_float(const char* op, const char* operand, const TensorView& view) {
  if (is_float(view.dtype)) return {};
  return unsupported(std::string(op) + ": " + operand + " is " + std::string(name_of(view.dtype)) +
                     ", which is no float type");
}

Status require_same_dtype(const char* op, const TensorView& a, const TensorView& b) {
  if (a.dtype == b.dtype) return {};
  return invalid_input(std::string(op) + ": operands of types " + std::string(name_of(a.dtype)) +
                       " and " + std::string(name_of(b.dtype)) + " do not go together");
}

Status require_dims(const char* op, const char* operand, const TensorView& view, const Dims& dims) {
  if (view.dims == dims) return {};
  return invalid_input(std::string(op) + ": " + operand + " is " + view.dims.to_string() +
                       " and should be " + dims.to_string());
}

Status require_rank(const char* op, const char* operand, const TensorView& view, int least,
                    int most) {
  const int rank = view.dims.rank();
  if (rank >= least && rank <= most) return {};
  return invalid_input(std::string(op) + ": " + operand + " is " + view.dims.to_string() +
                       "; its rank should be " + std::to_string(least) +
                       (most > least ? " to " + std::to_string(most) : ""));
}

Status refuse_quantized(const char* op, const OpCall& call) {
  const auto quantized = [](const TensorView& v) { return v.quant != nullptr; };
  if (std::any_of(call.in.begin(), call.in.end(), quantized) ||
      std::any_of(call.out.begin(), call.out.end(), quantized)) {
    return unsupported(std::string(op) + " has no integer form; dequantize its inputs first");
  }
  return {};
}

bool any_dynamic(const OpCall& call) {
  return std::any_of(call.in.begin(), call.in.end(), [](const TensorView& v) { return v.dynamic; });
}

double number_at(const TensorView& view, int64_t i) {
  return visit_dtype(
      view.dtype,
      [&]<class T>(T) {
        const T v = view.as<T>()[i];
        if constexpr (kDTypeOf<T> == DType::f16 || kDTypeOf<T> == DType::bf16) {
          return static_cast<double>(static_cast<float>(v));
        } else {
          return static_cast<double>(v);
        }
      },
      0.0);
}

void set_number(const TensorView& view, int64_t i, double value) {
  visit_dtype(
      view.dtype,
      [&]<class T>(T) {
        T& slot = static_cast<T*>(view.data)[i];
        if constexpr (kDTypeOf<T> == DType::f16 || kDTypeOf<T> == DType::bf16) {
          slot = T(static_cast<float>(value));
        } else {
          slot = static_cast<T>(value);
        }
        return 0;
      },
      0);
}

}  // namespace fettle::ops
