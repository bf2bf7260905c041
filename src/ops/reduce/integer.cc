// SPDX-License-Identifier: Apache-2.0
//
// ReduceSum and ReduceMean over codes: the sum of (x - zero_x) is exact, the mean divides in the
// multiplier, scale_x / (scale_y * count).
#include <algorithm>
#include <string_view>

#include "ops/quantized.h"
#include "ops/reduce/reduce.h"
#include "ops/row_walk.h"

namespace fettle::ops {

Status infer_reduce_integer(const char* op, const OpCall& call) {
  const std::string_view name = op;
  if (name != "ReduceSum" && name != "ReduceMean") {
    return unsupported(std::string(op) + " has no integer form");
  }
  FETTLE_TRY(require_quantized(op, "the input", call.in[0]));
  return infer_quantized_output(op, call, call.in[0].dtype);
}

size_t scratch_reduce_integer(const OpCall& call) {
  Dims kept;
  return kept_dims(call, &kept).ok() ? static_cast<size_t>(kept.elements()) * sizeof(int64_t) : 0;
}

Status run_reduce_integer(const OpCall& call, bool mean) {
  const TensorView &x = call.in[0], &y = call.out[0];
  Dims kept;
  FETTLE_TRY(kept_dims(call, &kept));
  auto* sums = reinterpret_cast<int64_t*>(call.scratch.data());
  std::fill_n(sums, kept.elements(), int64_t{0});
  const int32_t zero = zero_point_of(x);
  Requantizer quantize;
  FETTLE_TRY(output_requantizer("Reduce", call, &quantize));
  visit_code(x.dtype, [&]<class T>(T) {
    const T* from = x.as<T>();
    for (RowWalk w(x.dims, {&kept}); !w.done(); w.next()) {
      int64_t* to = sums + w.at(0);
      const int64_t step = w.step(0);
      for (int64_t i = 0; i < w.length(); ++i) to[i * step] += from[w.out_at() + i] - zero;
    }
    const int64_t results = kept.elements();
    const auto count =
        static_cast<float>(mean && results > 0 ? x.elements() / results : int64_t{1});
    const float m = requantize_multiplier(scale_of(x), scale_of(y) * std::max(count, 1.0f));
    for (int64_t i = 0; i < results; ++i) {
      y.as_mutable<T>()[i] = static_cast<T>(quantize(sums[i], m));
    }
  });
  return {};
}

}  // namespace fettle::ops
