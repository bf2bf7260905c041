// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pair_i8/pair_kernel_i8.h"

#include <algorithm>
#include <cmath>

#include "runtime/kernels/quantized_i8.h"

namespace fettle::runtime {

namespace {

constexpr int64_t kGrain = 8192;
constexpr float kMostResult = 1 << 30;

// Axes [from, ...) of both operands; a is the full one.
BroadcastAxes outer_axes(const BroadcastAxes& all, int from) {
  BroadcastAxes outer;
  for (int i = from; i < all.count; ++i) {
    outer.extent[outer.count] = all.extent[i];
    outer.b_step[outer.count++] = all.b_step[i];
  }
  return outer;
}

bool read_shape(const OpCall& call, PairShapeI8* shape) {
  const Dims &a = call.in[0].dims, &b = call.in[1].dims, &y = call.out[0].dims;
  PairShapeI8 s;
  BroadcastAxes axes;
  if (y.elements() == 0 || !read_broadcast(a, b, y, &axes)) return false;
  if (a.elements() != y.elements()) {
    if (b.elements() != y.elements()) return false;  // each repeats itself along the other
    s.swapped = true;
    std::swap(axes.a_step, axes.b_step);
  }
  s.repeats = a.elements() != b.elements();
  if (!s.repeats) {
    s.block = y.elements();
  } else if (axes.b_step[0] == 0) {
    s.period = 1;
    s.block = axes.extent[0];
    s.outer = outer_axes(axes, 1);
  } else {
    s.period = axes.extent[0];
    s.block = axes.extent[0] * axes.extent[1];
    s.outer = outer_axes(axes, 2);
  }
  *shape = s;
  return true;
}

bool read_pair(const OpCall& call, PairI8Kind kind, PairShapeI8* shape, PairI8* pair) {
  if (call.in.size() != 2 || call.out.size() != 1 || !is_activation_i8(call.in[0]) ||
      !is_activation_i8(call.in[1]) || !is_activation_i8(call.out[0])) {
    return false;
  }
  Requantizer output;
  if (!read_output(call, &output) || !read_shape(call, shape)) return false;
  const TensorView& a = call.in[shape->swapped ? 1 : 0];
  const TensorView& b = call.in[shape->swapped ? 0 : 1];
  const float scale_a = a.quant->scale[0], scale_b = b.quant->scale[0];
  const float to = call.out[0].quant->scale[0];
  pair->zero_a = a.quant->zero_point[0];
  pair->zero_b = b.quant->zero_point[0];
  pair->zero_point = output.zero_point;
  pair->low = static_cast<int8_t>(output.low);
  pair->high = static_cast<int8_t>(output.high);
  pair->sum = sum_of_codes(scale_a, scale_b, to);
  if (kind == PairI8Kind::sum) return true;
  pair->scale_a = kind == PairI8Kind::product ? requantize_multiplier(scale_a, scale_b, to)
                                              : requantize_multiplier(scale_a, to);
  pair->scale_b = requantize_multiplier(scale_b, to);
  if (kind == PairI8Kind::product) return 255 * 255 * pair->scale_a < kMostResult;
  return 255 * std::max(pair->scale_a, pair->scale_b) < kMostResult;
}

}  // namespace

bool supports_pair_i8(const OpCall& call, PairI8Kind kind) {
  PairShapeI8 shape;
  PairI8 pair{};
  return read_pair(call, kind, &shape, &pair);
}

Status PairKernelI8::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_pair(call, kind_, &shape_, &pair_)) {
    return unsupported("pair_i8: operands that it does not take");
  }
  if (minus_) (shape_.swapped ? pair_.sum.m_a : pair_.sum.m_b) *= -1;
  threads_ = options.threads;
  const PairI8Kernels& kernels = pair_i8(options.isa);
  const auto kind = static_cast<size_t>(kind_);
  fn_ = shape_.repeats ? kernels.with_terms[kind] : kernels.both[kind];
  const Dims& y = call.out[0].dims;
  row_codes_ = y.rank() > 2 ? y.product(2, y.rank()) : 0;
  if (!shape_.repeats) return {};
  for (int i = 0; i < shape_.outer.count; ++i) blocks_ *= shape_.outer.extent[i];
  // Terms are repeated until a vector fits, and once more at their end.
  const int64_t times = (kMostPairCodes + shape_.period - 1) / shape_.period;
  pair_.period = times * shape_.period;
  chunk_ = std::max(kGrain, 4 * pair_.period);
  const auto bytes = static_cast<size_t>(pair_.period + kMostPairCodes) * sizeof(PairI8Term);
  terms_bytes_ = (bytes + 63) / 64 * 64;
  return {};
}

void PairKernelI8::fill_terms(const int8_t* codes, PairI8Term* terms) const {
  const SumOfCodes& sum = pair_.sum;
  const int32_t start = (int32_t{1} << (sum.shift - 1)) - pair_.zero_a * sum.m_a;
  for (int64_t i = 0; i < shape_.period; ++i) {
    const int32_t y = codes[i] - pair_.zero_b;
    const auto number = static_cast<float>(y);
    if (kind_ == PairI8Kind::sum) {
      terms[i].addend = y * sum.m_b + start;
    } else {
      terms[i].number = kind_ == PairI8Kind::product ? number : number * pair_.scale_b;
    }
  }
  for (int64_t i = shape_.period; i < pair_.period + kMostPairCodes; ++i) {
    terms[i] = terms[i - shape_.period];
  }
}

void PairKernelI8::run_repeating(const int8_t* full, const int8_t* other, int8_t* to,
                                 std::byte* scratch, ThreadPool& pool) const {
  const int64_t chunks = (shape_.block + chunk_ - 1) / chunk_;
  const int64_t grain = std::max<int64_t>(1, kGrain / shape_.block);
  pool.parallel_for(blocks_ * chunks, grain, [&](int64_t begin, int64_t end, int thread) {
    const size_t own = static_cast<size_t>(thread) * terms_bytes_;
    auto* terms = reinterpret_cast<PairI8Term*>(scratch + own);
    PairI8 p = pair_;
    p.terms = terms;
    int64_t filled = -1;
    for (int64_t u = begin; u < end; ++u) {
      const int64_t block = u / chunks, first = u % chunks * chunk_;
      if (block != filled) {
        int64_t rest = block, at = 0;
        for (int i = 0; i < shape_.outer.count; ++i) {
          at += rest % shape_.outer.extent[i] * shape_.outer.b_step[i];
          rest /= shape_.outer.extent[i];
        }
        fill_terms(other + at, terms);
        filled = block;
      }
      p.a = full + block * shape_.block + first;
      p.to = to + block * shape_.block + first;
      p.count = std::min(chunk_, shape_.block - first);
      p.at = first % pair_.period;
      fn_(p);
    }
  });
}

void PairKernelI8::run_same(const OpCall& call, int64_t begin, int64_t end) const {
  PairI8 p = pair_;
  p.a = call.in[0].as<int8_t>() + begin;
  p.b = call.in[1].as<int8_t>() + begin;
  p.to = call.out[0].as_mutable<int8_t>() + begin;
  p.count = end - begin;
  fn_(p);
}

void PairKernelI8::run_rows(const OpCall& call, Rows out) {
  run_same(call, out.begin * row_codes_, out.end * row_codes_);
}

Status PairKernelI8::run(const OpCall& call, ThreadPool& pool) {
  if (!shape_.repeats) {
    pool.parallel_for(shape_.block, kGrain,
                      [&](int64_t begin, int64_t end, int) { run_same(call, begin, end); });
    return {};
  }
  const int8_t* full = call.in[shape_.swapped ? 1 : 0].as<int8_t>();
  const int8_t* other = call.in[shape_.swapped ? 0 : 1].as<int8_t>();
  run_repeating(full, other, call.out[0].as_mutable<int8_t>(), call.scratch.data(), pool);
  return {};
}

}  // namespace fettle::runtime
