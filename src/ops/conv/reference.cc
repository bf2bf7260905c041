// SPDX-License-Identifier: Apache-2.0
//
// One output row of one channel at a time: its sums wait in scratch while each tap adds a scaled
// row of the input, so the inner loop is long, branch-free and, for nchw, contiguous.
#include <algorithm>

#include "ops/conv/conv.h"
#include "ops/floats.h"

namespace fettle::ops {

namespace {

// Positions of the row whose tap k reads inside the input.
struct Span {
  int64_t first, count, start;  // start: input coordinate for position `first`
};

Span row_span(const Window& w, int64_t k) {
  constexpr int a = kSpatial - 1;
  const int64_t shift = k * w.dilation[a] - w.pad_begin[a], stride = w.stride[a];
  const int64_t first = shift >= 0 ? 0 : (-shift + stride - 1) / stride;
  const int64_t left = w.in[a] - shift;
  const int64_t last = std::min(left <= 0 ? 0 : (left + stride - 1) / stride, w.out[a]);
  return {first, std::max<int64_t>(last - first, 0), first * stride + shift};
}

template <class T>
struct ConvRows {
  using A = Accum<T>;
  const OpCall& call;
  const ConvShape& s;
  A* row;
  Span* spans;

  // Adds all taps of one input channel to the row at (z, y).
  void add_channel(const T* x, const T* w, int64_t z, int64_t y) const {
    const Window& win = s.window;
    const Taps tz = taps_of(win, 0, z), ty = taps_of(win, 1, y);
    for (int64_t kz = tz.first, iz = tz.start; kz < tz.last; ++kz, iz += win.dilation[0]) {
      for (int64_t ky = ty.first, iy = ty.start; ky < ty.last; ++ky, iy += win.dilation[1]) {
        const T* xr = x + iz * s.x.step[0] + iy * s.x.step[1];
        const T* wr = w + kz * s.w_step[0] + ky * s.w_step[1];
        for (int64_t kx = 0; kx < win.kernel[2]; ++kx) {
          const Span& span = spans[kx];
          if (span.count == 0) continue;
          axpy(static_cast<A>(wr[kx * s.w_step[2]]), xr + span.start * s.x.step[2],
               win.stride[2] * s.x.step[2], row + span.first, span.count);
        }
      }
    }
  }

  void run() const {
    const T* x = call.in[0].as<T>();
    const T* w = call.in[1].as<T>();
    const T* bias = call.has_in(2) ? call.in[2].as<T>() : nullptr;
    const T* residual = call.has_in(3) ? call.in[3].as<T>() : nullptr;
    T* out = call.out[0].as_mutable<T>();
    const int64_t out_per_group = s.out_channels / s.group, width = s.window.out[2];
    for (int64_t kx = 0; kx < s.window.kernel[2]; ++kx) spans[kx] = row_span(s.window, kx);
    for (int64_t n = 0; n < s.x.batch; ++n) {
      for (int64_t o = 0; o < s.out_channels; ++o) {
        const int64_t c0 = o / out_per_group * s.in_per_group;
        for (int64_t zy = 0; zy < s.window.out[0] * s.window.out[1]; ++zy) {
          const int64_t z = zy / s.window.out[1], y = zy % s.window.out[1];
          std::fill_n(row, width, bias ? static_cast<A>(bias[o]) : A(0));
          for (int64_t i = 0; i < s.in_per_group; ++i) {
            add_channel(x + n * s.x.step_n + (c0 + i) * s.x.step_c,
                        w + o * s.w_step_o + i * s.w_step_i, z, y);
          }
          const int64_t at = n * s.y.step_n + o * s.y.step_c + z * s.y.step[0] + y * s.y.step[1];
          for (int64_t i = 0; i < width; ++i) {
            const int64_t to = at + i * s.y.step[2];
            const A sum = residual ? row[i] + static_cast<A>(residual[to]) : row[i];
            out[to] = static_cast<T>(activate(s.activation, sum));
          }
        }
      }
    }
  }
};

}  // namespace

size_t scratch_conv(const OpCall& call) {
  ConvShape s;
  if (!resolve_conv(call, &s).ok()) return 0;
  if (call.in[0].quant) return scratch_conv_integer(s);
  if (call.in[1].quant) return scratch_conv_dynamic_range(s);
  return static_cast<size_t>(s.window.out[2]) * sizeof(double) +
         static_cast<size_t>(s.window.kernel[2]) * sizeof(Span);
}

Status reference_conv_float(const OpCall& call, const ConvShape& s) {
  std::byte* rows = call.scratch.data() + static_cast<size_t>(s.window.kernel[2]) * sizeof(Span);
  visit_float(call.in[0].dtype, [&]<class T>(T) {
    ConvRows<T>{call, s, reinterpret_cast<Accum<T>*>(rows),
                reinterpret_cast<Span*>(call.scratch.data())}
        .run();
  });
  return {};
}

Status reference_conv(const OpCall& call) {
  ConvShape s;
  FETTLE_TRY(resolve_conv(call, &s));
  if (call.in[0].quant) return reference_conv_integer(call, s);
  return call.in[1].quant ? reference_conv_dynamic_range(call, s) : reference_conv_float(call, s);
}

}  // namespace fettle::ops
