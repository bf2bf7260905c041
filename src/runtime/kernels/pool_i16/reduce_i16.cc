// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_i16/reduce_i16.h"

#include <algorithm>
#include <cstring>

#include "runtime/kernels/quantized_i8.h"

namespace fettle::runtime {

namespace {

constexpr int64_t kLanes = 8;
using Codes = int16_t __attribute__((vector_size(2 * kLanes)));
using Sums = int32_t __attribute__((vector_size(4 * kLanes)));
constexpr int64_t kMostTaps = 1 << 15;  // their sum stays in 31 bits

bool read_reduce(const OpCall& call, ReduceShape* shape, Requantizer* quantize) {
  return call.in[0].dtype == DType::i16 && call.out[0].dtype == DType::i16 &&
         is_activation(call.in[0]) && read_reduce_shape(call, shape) && shape->inner > 1 &&
         shape->taps_h * shape->taps_w <= kMostTaps && read_output(call, quantize);
}

// Of `taps` codes, `step` apart.
void sum_lanes(const int16_t* x, int64_t taps, int64_t step, int32_t* to) {
  Sums sums{};
  for (int64_t t = 0; t < taps; ++t) {
    Codes codes;
    std::memcpy(&codes, x + t * step, sizeof codes);
    sums += __builtin_convertvector(codes, Sums);
  }
  std::memcpy(to, &sums, sizeof sums);
}

void sum_one(const int16_t* x, int64_t taps, int64_t step, int32_t* to) {
  *to = 0;
  for (int64_t t = 0; t < taps; ++t) *to += x[t * step];
}

}  // namespace

bool supports_reduce_i16(const OpCall& call) {
  ReduceShape shape;
  Requantizer quantize;
  return read_reduce(call, &shape, &quantize);
}

Status ReduceKernelI16::prepare(const OpCall& call, const KernelOptions&) {
  if (!read_reduce(call, &shape_, &quantize_)) {
    return unsupported("reduce_i16: not one it takes");
  }
  const auto count = static_cast<float>(mean_ ? shape_.taps_h * shape_.taps_w : 1);
  multiplier_ =
      requantize_multiplier(call.in[0].quant->scale[0], call.out[0].quant->scale[0] * count);
  return {};
}

Status ReduceKernelI16::run(const OpCall& call, ThreadPool& pool) {
  const int64_t taps = shape_.taps_h * shape_.taps_w, inner = shape_.inner;
  const int64_t groups = (inner + kLanes - 1) / kLanes;
  const auto* x = call.in[0].as<int16_t>();
  auto* y = call.out[0].as_mutable<int16_t>();
  pool.parallel_for(shape_.outer * groups, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t u = begin; u < end; ++u) {
      const int64_t outer = u / groups, c = u % groups * kLanes;
      const int64_t lanes = std::min(kLanes, inner - c);
      const int16_t* from = x + outer * taps * inner + c;
      int32_t sums[kLanes];
      if (lanes == kLanes) {
        sum_lanes(from, taps, inner, sums);
      } else {
        for (int64_t i = 0; i < lanes; ++i) sum_one(from + i, taps, inner, sums + i);
      }
      for (int64_t i = 0; i < lanes; ++i) {
        y[outer * inner + c + i] = static_cast<int16_t>(quantize_(sums[i], multiplier_));
      }
    }
  });
  return {};
}

}  // namespace fettle::runtime
