// SPDX-License-Identifier: Apache-2.0
//
// Range: start, start + delta, ... before limit.
#include <cmath>

#include "ops/floats.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

// How many elements; a negative number where it is more than a tensor may have.
int64_t count(const TensorView& start, const TensorView& limit, const TensorView& delta) {
  if (is_float(start.dtype)) {
    const double n = std::ceil((number_at(limit, 0) - number_at(start, 0)) / number_at(delta, 0));
    if (!(n > 0)) return n == n ? 0 : -1;
    return n > static_cast<double>(kMaxElements) ? -1 : static_cast<int64_t>(n);
  }
  return visit_dtype(
      start.dtype,
      [&]<class T>(T) -> int64_t {
        if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
          const T from = *start.as<T>(), to = *limit.as<T>(), step = *delta.as<T>();
          if (step > 0 ? from >= to : from <= to) return 0;
          const uint64_t distance =
              step > 0 ? uint64_t(to) - uint64_t(from) : uint64_t(from) - uint64_t(to);
          const uint64_t stride = step > 0 ? uint64_t(step) : uint64_t(0) - uint64_t(step);
          const uint64_t n = (distance - 1) / stride + 1;
          return n > uint64_t(kMaxElements) ? -1 : static_cast<int64_t>(n);
        }
        return -1;
      },
      int64_t{-1});
}

// Operand i where it is known, else its lower or its upper bound.
TensorView extreme(const OpCall& call, size_t i, bool most) {
  if (has_values(call, i)) return call.in[i];
  return most ? call.in[i].bounds->most.view() : call.in[i].bounds->least.view();
}

Status infer(const OpCall& call) {
  const DType type = call.in[0].dtype;
  if (type == DType::boolean) return invalid_input("Range of bool");
  for (size_t i = 0; i < 3; ++i) {
    FETTLE_TRY(require_same_dtype("Range", call.in[0], call.in[i]));
    if (call.in[i].elements() != 1) return invalid_input("Range: its operands should be scalars");
    if (!has_values(call, i) && call.in[i].bounds == nullptr) {
      return needs_value("Range", "length");
    }
  }
  FETTLE_TRY(refuse_quantized("Range", call));
  // The longest goes up from the least start to the highest limit in the smallest steps.
  const TensorView start = extreme(call, 0, false), limit = extreme(call, 1, true);
  const TensorView delta = extreme(call, 2, false);
  const bool known = has_values(call, 0) && has_values(call, 1) && has_values(call, 2);
  if (number_at(delta, 0) == 0) return invalid_input("Range in steps of zero");
  if (!known && !(number_at(delta, 0) > 0)) return needs_value("Range", "length");
  const int64_t n = count(start, limit, delta);
  if (n < 0) return invalid_input("Range: more elements than a tensor may have");
  call.out[0].dtype = type;
  call.out[0].dims = {n};
  call.out[0].dynamic = !known;
  for (const TensorView& v : call.in) call.out[0].dynamic |= v.dynamic;
  return {};
}

Status reference(const OpCall& call) {
  visit_dtype(
      call.in[0].dtype,
      [&]<class T>(T) {
        T* y = call.out[0].as_mutable<T>();
        const int64_t n = call.out[0].elements();
        if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
          const uint64_t from = static_cast<uint64_t>(*call.in[0].as<T>());
          const uint64_t step = static_cast<uint64_t>(*call.in[2].as<T>());
          for (int64_t i = 0; i < n; ++i) {
            y[i] = static_cast<T>(from + static_cast<uint64_t>(i) * step);
          }
        } else if constexpr (!std::is_same_v<T, bool>) {
          const Accum<T> from = *call.in[0].as<T>(), step = *call.in[2].as<T>();
          for (int64_t i = 0; i < n; ++i) y[i] = T(from + static_cast<Accum<T>>(i) * step);
        }
        return 0;
      },
      0);
  return {};
}

// stash_type only tells how exactly sums of 16-bit floats are kept.
Status from_onnx(ir::Graph&, ir::Node* node, int) {
  node->attrs.erase("stash_type");
  return {};
}

constexpr OnnxRule kOnnx[] = {{"Range", 1, from_onnx}};
constexpr TfliteRule kTflite[] = {{"RANGE"}};
constexpr OpDef kOps[] = {{.name = "Range",
                           .schema = Schema(3, 3, 1, 1),
                           .infer = infer,
                           .cost = kNotApplicable,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kOnnx,
                           .tflite = kTflite,
                           .cases = kNotApplicable}};  // its operands have to be constants

}  // namespace

FETTLE_OP_TABLE(range, kOps)

}  // namespace fettle::ops
