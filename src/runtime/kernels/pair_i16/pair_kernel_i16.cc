// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pair_i16/pair_kernel_i16.h"

#include <algorithm>

#include "runtime/kernels/quantized_i8.h"

namespace fettle::runtime {

namespace {

constexpr int64_t kChunk = 8192;  // codes of the innermost axis at a time
constexpr double kMostResult = 0x1p30;

bool read_pair(const OpCall& call, PairI16Kind kind, BroadcastAxes* axes, PairI16* pair) {
  if (call.in.size() != 2 || call.out.size() != 1 || call.out[0].elements() == 0) return false;
  const TensorView &a = call.in[0], &b = call.in[1], &y = call.out[0];
  for (const TensorView* v : {&a, &b, &y}) {
    if (v->dtype != DType::i16 || !is_activation(*v)) return false;
  }
  Requantizer output;
  if (!read_output(call, &output) || !read_broadcast(a.dims, b.dims, y.dims, axes)) return false;
  const float scale_a = a.quant->scale[0], scale_b = b.quant->scale[0], to = y.quant->scale[0];
  const bool product = kind == PairI16Kind::product;
  pair->scale_a =
      product ? requantize_multiplier(scale_a, scale_b, to) : requantize_multiplier(scale_a, to);
  pair->scale_b = requantize_multiplier(scale_b, to);
  pair->lo = static_cast<float>(output.low);
  pair->hi = static_cast<float>(output.high);
  const auto m_a = static_cast<double>(pair->scale_a), m_b = static_cast<double>(pair->scale_b);
  const double most = static_cast<double>(kMostCodeI16);
  return product ? most * most * m_a < kMostResult : most * std::max(m_a, m_b) < kMostResult;
}

}  // namespace

bool supports_pair_i16(const OpCall& call, PairI16Kind kind) {
  BroadcastAxes axes;
  PairI16 pair{};
  return read_pair(call, kind, &axes, &pair);
}

Status PairKernelI16::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_pair(call, kind_, &axes_, &pair_)) {
    return unsupported("pair_i16: operands that it does not take");
  }
  if (minus_) pair_.scale_b = -pair_.scale_b;
  fn_ = pair_i16(options.isa).fn[static_cast<size_t>(kind_)];
  for (int i = 1; i < axes_.count; ++i) outer_ *= axes_.extent[i];
  chunks_ = (axes_.extent[0] + kChunk - 1) / kChunk;
  pair_.a_row_step = axes_.a_step[1];
  pair_.b_row_step = axes_.b_step[1];
  pair_.a_column_step = axes_.a_step[0];
  pair_.b_column_step = axes_.b_step[0];
  const Dims& y = call.out[0].dims;
  const bool same = call.in[0].dims == y && call.in[1].dims == y;
  row_codes_ = same && y.rank() == 4 ? y.product(2, 4) : 0;
  return {};
}

void PairKernelI16::run_units(const OpCall& call, int64_t first, int64_t last) const {
  const int64_t columns = axes_.extent[0];
  PairI16 p = pair_;
  for (int64_t u = first; u < last; u += p.rows) {
    const int64_t row = u / chunks_, at = u % chunks_ * kChunk;
    p.a = call.in[0].as<int16_t>() + at * axes_.a_step[0];
    p.b = call.in[1].as<int16_t>() + at * axes_.b_step[0];
    p.y = call.out[0].as_mutable<int16_t>() + row * columns + at;
    int64_t rest = row;
    for (int i = 1; i < axes_.count; ++i) {
      p.a += rest % axes_.extent[i] * axes_.a_step[i];
      p.b += rest % axes_.extent[i] * axes_.b_step[i];
      rest /= axes_.extent[i];
    }
    p.columns = std::min(kChunk, columns - at);
    p.rows = chunks_ == 1 ? std::min(last - u, axes_.extent[1] - row % axes_.extent[1]) : 1;
    fn_(p);
  }
}

Status PairKernelI16::run(const OpCall& call, ThreadPool& pool) {
  const int64_t grain = std::max<int64_t>(1, kChunk / axes_.extent[0]);
  pool.parallel_for(outer_ * chunks_, grain,
                    [&](int64_t begin, int64_t end, int) { run_units(call, begin, end); });
  return {};
}

void PairKernelI16::run_rows(const OpCall& call, Rows out) {
  PairI16 p = pair_;
  const int64_t begin = out.begin * row_codes_;
  p.a = call.in[0].as<int16_t>() + begin;
  p.b = call.in[1].as<int16_t>() + begin;
  p.y = call.out[0].as_mutable<int16_t>() + begin;
  p.rows = 1;
  p.columns = out.count() * row_codes_;
  fn_(p);
}

}  // namespace fettle::runtime
