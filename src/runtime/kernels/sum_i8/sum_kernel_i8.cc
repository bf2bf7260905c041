// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/sum_i8/sum_kernel_i8.h"

#include <cmath>

#include "runtime/kernels/quantized_i8.h"

namespace fettle::runtime {

namespace {

constexpr int64_t kGrain = 4096;
constexpr float kMostScale = 1e30F;  // products stay numbers

bool read_operand(const TensorView& v, float to_scale, uint8_t* flip, int32_t* zero, float* scale) {
  if (v.dynamic || v.quant == nullptr || !v.quant->per_tensor()) return false;
  if (v.dtype != DType::i8 && v.dtype != DType::u8) return false;
  if (v.quant->zero_point.size() != 1 || !(v.quant->scale[0] > 0)) return false;
  const int32_t shift = v.dtype == DType::u8 ? 128 : 0;
  *flip = shift == 0 ? 0 : 0x80;
  *zero = v.quant->zero_point[0] - shift;
  *scale = requantize_multiplier(v.quant->scale[0], to_scale);
  return *zero >= -128 && *zero <= 127 && *scale < kMostScale;
}

// Bounds are -128 and 127 of what is an i8 or a flipped u8, or those of the activation.
bool read_sum(const OpCall& call, SumI8* s) {
  if (call.out.size() != 1 || call.in.empty() || call.in[0].dims != call.out[0].dims) return false;
  uint8_t flip_b = 0;
  float unit = 0;
  const TensorView& out = call.out[0];
  if (!read_operand(out, 1, &s->flip_to, &s->zero_point, &unit)) return false;
  if (!read_operand(call.in[0], unit, &s->flip_a, &s->zero_a, &s->scale)) return false;
  s->lo = -128 - s->zero_point;
  s->hi = 127 - s->zero_point;
  s->count = out.elements();
  if (call.in.size() == 1) return true;
  if (call.in.size() != 2 || call.in[1].dims != out.dims) return false;
  float scale_b = 0;
  if (!read_operand(call.in[1], unit, &flip_b, &s->zero_b, &scale_b)) return false;
  if (s->flip_a != 0 || flip_b != 0 || s->flip_to != 0) return false;
  Requantizer requantizer;
  if (!read_output(call, &requantizer)) return false;
  s->lo = requantizer.low - s->zero_point;
  s->hi = requantizer.high - s->zero_point;
  const float scale_a = call.in[0].quant->scale[0];
  s->sum = sum_of_codes(scale_a, call.in[1].quant->scale[0], out.quant->scale[0]);
  return true;
}

}  // namespace

bool supports_add_i8(const OpCall& call) {
  SumI8 sum{};
  return call.in.size() == 2 && read_sum(call, &sum);
}

bool supports_requantize_i8(const OpCall& call) {
  SumI8 sum{};
  return call.in.size() == 1 && read_sum(call, &sum);
}

Status SumKernelI8::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_sum(call, &sum_)) return unsupported("sum_i8: not a sum it takes");
  fn_ = sum_i8(options.isa);
  return {};
}

void SumKernelI8::run_range(const OpCall& call, int64_t begin, int64_t end) const {
  SumI8 s = sum_;
  s.a = static_cast<const int8_t*>(call.in[0].data) + begin;
  s.b = call.in.size() == 2 ? static_cast<const int8_t*>(call.in[1].data) + begin : nullptr;
  s.to = static_cast<int8_t*>(call.out[0].data) + begin;
  s.count = end - begin;
  fn_(s);
}

Status SumKernelI8::run(const OpCall& call, ThreadPool& pool) {
  pool.parallel_for(sum_.count, kGrain,
                    [&](int64_t begin, int64_t end, int) { run_range(call, begin, end); });
  return {};
}

void SumKernelI8::run_rows(const OpCall& call, Rows out) {
  const int64_t row = call.out[0].dims[2] * call.out[0].dims[3];
  run_range(call, out.begin * row, out.end * row);
}

}  // namespace fettle::runtime
