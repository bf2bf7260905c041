// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_i16/max_pool_i16.h"

#include <algorithm>
#include <cstring>

namespace fettle::runtime {

namespace {

using V = int16_t __attribute__((vector_size(16)));
constexpr int64_t kLanes = 8;

struct Window {
  const int16_t* in;
  int64_t taps_h, taps_w;      // inside the image
  int64_t row_step, tap_step;  // elements
};

template <class T>
T largest(const Window& w, int64_t channel) {
  T most;
  std::memcpy(&most, w.in + channel, sizeof(T));
  for (int64_t i = 0; i < w.taps_h; ++i) {
    for (int64_t j = 0; j < w.taps_w; ++j) {
      T x;
      std::memcpy(&x, w.in + i * w.row_step + j * w.tap_step + channel, sizeof(T));
      most = x > most ? x : most;
    }
  }
  return most;
}

void largest_channels(const Window& w, int64_t channels, int16_t* out) {
  if (w.taps_h == 0 || w.taps_w == 0) {  // only padding, which is no larger than any code
    std::fill_n(out, channels, INT16_MIN);
    return;
  }
  int64_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) {
    const V most = largest<V>(w, c);
    std::memcpy(out + c, &most, sizeof most);
  }
  for (; c < channels; ++c) out[c] = largest<int16_t>(w, c);
}

}  // namespace

bool supports_max_pool_i16(const OpCall& call) {
  PoolShape shape;
  return call.in[0].dtype == DType::i16 && call.out[0].dtype == DType::i16 &&
         call.attrs.get_string("activation", "none") == "none" &&
         read_pool_shape(call, false, &shape);
}

Status MaxPoolI16::prepare(const OpCall& call, const KernelOptions&) {
  if (!supports_max_pool_i16(call) || !read_pool_shape(call, false, &shape_)) {
    return unsupported("maxpool_i16: not a pool it takes");
  }
  return {};
}

void MaxPoolI16::make_rows(const OpCall& call, int64_t first, int64_t last) const {
  const PoolShape& s = shape_;
  const int64_t in_row = s.w.in * s.channels;
  int16_t* out = call.out[0].as_mutable<int16_t>() + first * s.w.out * s.channels;
  for (int64_t r = first; r < last; ++r) {
    const PoolTaps high = s.h.taps_of(r % s.h.out);
    const int16_t* row = call.in[0].as<int16_t>() + (r / s.h.out * s.h.in + high.start) * in_row;
    for (int64_t ow = 0; ow < s.w.out; ++ow, out += s.channels) {
      const PoolTaps wide = s.w.taps_of(ow);
      largest_channels({.in = row + wide.start * s.channels,
                        .taps_h = high.count,
                        .taps_w = wide.count,
                        .row_step = s.h.dilation * in_row,
                        .tap_step = s.w.dilation * s.channels},
                       s.channels, out);
    }
  }
}

Status MaxPoolI16::run(const OpCall& call, ThreadPool& pool) {
  pool.parallel_for(shape_.batch * shape_.h.out, 1,
                    [&](int64_t begin, int64_t end, int) { make_rows(call, begin, end); });
  return {};
}

void MaxPoolI16::run_rows(const OpCall& call, Rows out) { make_rows(call, out.begin, out.end); }

}  // namespace fettle::runtime
