// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/elementwise_f32/broadcast_f32.h"

#include <algorithm>

namespace fettle::runtime {

namespace {
constexpr int64_t kChunk = 4096;  // floats that the first-level cache keeps for an activation
constexpr int64_t kWorthThreads = 1 << 15;

int64_t extent_at(const Dims& dims, int from_last) {
  return from_last < dims.rank() ? dims[dims.rank() - 1 - from_last] : 1;
}
}  // namespace

bool read_broadcast(const Dims& a, const Dims& b, const Dims& y, BroadcastAxes* axes) {
  BroadcastAxes s;
  if (a.rank() > y.rank() || b.rank() > y.rank()) return false;
  int64_t a_at = 1, b_at = 1;  // what one step of the next axis is, where the operand has it
  for (int i = 0; i < y.rank(); ++i) {
    const int64_t extent = extent_at(y, i), in_a = extent_at(a, i), in_b = extent_at(b, i);
    if ((in_a != extent && in_a != 1) || (in_b != extent && in_b != 1)) return false;
    if (extent == 1) continue;
    const int64_t a_step = in_a == 1 ? 0 : a_at, b_step = in_b == 1 ? 0 : b_at;
    if (a_step == 0 && b_step == 0) return false;
    a_at *= in_a;
    b_at *= in_b;
    const int last = s.count - 1;
    if (last >= 0 && a_step == s.a_step[last] * s.extent[last] &&
        b_step == s.b_step[last] * s.extent[last]) {
      s.extent[last] *= extent;
      continue;
    }
    s.extent[s.count] = extent;
    s.a_step[s.count] = a_step;
    s.b_step[s.count++] = b_step;
  }
  if (s.count == 0) {  // one element
    s.extent[0] = s.a_step[0] = s.b_step[0] = 1;
    s.count = 1;
  }
  if (s.count == 1) s.extent[s.count++] = 1;
  *axes = s;
  return true;
}

bool supports_broadcast_f32(const OpCall& call) {
  if (call.in.size() != 2 || call.out.size() != 1) return false;
  for (const TensorView& v : {call.in[0], call.in[1], call.out[0]}) {
    if (v.dtype != DType::f32 || v.dynamic || v.elements() == 0) return false;
  }
  BroadcastAxes axes;
  Activation activation;
  return read_activation(call.attrs, &activation) &&
         read_broadcast(call.in[0].dims, call.in[1].dims, call.out[0].dims, &axes);
}

Status BroadcastF32::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_activation(call.attrs, &activation_) ||
      !read_broadcast(call.in[0].dims, call.in[1].dims, call.out[0].dims, &axes_)) {
    return unsupported("broadcast_f32: operands that it does not take");
  }
  fn_ = elementwise_f32(options.isa).binary[static_cast<int>(formula_)];
  if (!activation_.is_clamp()) activate_ = activation_f32(options.isa).fn;
  rows_ = 1;
  for (int i = 1; i < axes_.count; ++i) rows_ *= axes_.extent[i];
  chunks_ = (axes_.extent[0] + kChunk - 1) / kChunk;
  return {};
}

void BroadcastF32::run_units(const float* a, const float* b, float* y, int64_t first,
                             int64_t last) const {
  const BroadcastAxes& s = axes_;
  const int64_t columns = s.extent[0];
  BinaryF32Rows t{};
  t.a_column_step = s.a_step[0];
  t.b_column_step = s.b_step[0];
  t.a_row_step = s.a_step[1];
  t.b_row_step = s.b_step[1];
  t.lo = activation_.clamp_lo();
  t.hi = activation_.clamp_hi();
  for (int64_t u = first; u < last;) {
    const int64_t row = u / chunks_, c0 = u % chunks_ * kChunk;
    t.a = a + c0 * t.a_column_step;
    t.b = b + c0 * t.b_column_step;
    int64_t rest = row;
    for (int i = 1; i < s.count; ++i) {
      const int64_t index = rest % s.extent[i];
      t.a += index * s.a_step[i];
      t.b += index * s.b_step[i];
      rest /= s.extent[i];
    }
    t.y = y + row * columns + c0;
    t.columns = std::min(kChunk, columns - c0);
    t.rows = 1;
    if (chunks_ == 1) {
      const int64_t until = std::min(last - u, s.extent[1] - row % s.extent[1]);
      t.rows = std::min(until, std::max<int64_t>(1, kChunk / columns));
    }
    fn_(t);
    if (activate_ != nullptr) activate_(activation_, t.y, t.y, t.rows, t.columns, t.columns);
    u += t.rows;
  }
}

Status BroadcastF32::run(const OpCall& call, ThreadPool& pool) {
  const float *a = call.in[0].as<float>(), *b = call.in[1].as<float>();
  float* y = call.out[0].as_mutable<float>();
  const int64_t units = rows_ * chunks_;
  pool.parallel_for(units, call.out[0].elements() < kWorthThreads ? units : 1,
                    [&](int64_t begin, int64_t end, int) { run_units(a, b, y, begin, end); });
  return {};
}

}  // namespace fettle::runtime
