// SPDX-License-Identifier: Apache-2.0
//
// One output row of one channel at a time: its sums wait in scratch while every tap that reaches
// the row scatters a scaled input row into it.
#include <algorithm>

#include "ops/conv_transpose/conv_transpose.h"
#include "ops/floats.h"

namespace fettle::ops {

namespace {

// The input coordinate that tap k carries to position `at`, or -1.
int64_t source(const Window& w, int a, int64_t at, int64_t k) {
  const int64_t shifted = at + w.pad_begin[a] - k * w.dilation[a];
  if (shifted < 0 || shifted % w.stride[a] != 0) return -1;
  const int64_t i = shifted / w.stride[a];
  return i < w.in[a] ? i : -1;
}

template <class T>
void scatter_row(const ConvTransposeShape& s, const T* x, const T* w, Accum<T>* row) {
  const Window& win = s.window;
  const int64_t stride = win.stride[2];
  for (int64_t kx = 0; kx < win.kernel[2]; ++kx) {
    const int64_t shift = kx * win.dilation[2] - win.pad_begin[2];
    const int64_t first = shift >= 0 ? 0 : (-shift + stride - 1) / stride;
    const int64_t left = win.out[2] - shift;
    const int64_t last = std::min(left <= 0 ? 0 : (left + stride - 1) / stride, win.in[2]);
    const auto weight = static_cast<Accum<T>>(w[kx * s.w_step[2]]);
    for (int64_t i = first; i < last; ++i) {
      row[i * stride + shift] += weight * static_cast<Accum<T>>(x[i * s.x.step[2]]);
    }
  }
}

template <class T>
void output_row(const OpCall& call, const ConvTransposeShape& s, int64_t n, int64_t o, int64_t z,
                int64_t y, Accum<T>* row) {
  const Window& win = s.window;
  const int64_t in_per_group = s.x.channels / s.group, out_per_group = s.out_channels / s.group;
  const int64_t g = o / out_per_group;
  // nchw weights count outputs within the group and inputs over all; nhwc the other way round.
  const int64_t wo = s.nhwc ? o : o % out_per_group;
  for (int64_t i = 0; i < in_per_group; ++i) {
    const int64_t c = g * in_per_group + i, wi = s.nhwc ? i : c;
    const T* x = call.in[0].as<T>() + n * s.x.step_n + c * s.x.step_c;
    const T* w = call.in[1].as<T>() + wo * s.w_step_o + wi * s.w_step_i;
    for (int64_t kz = 0; kz < win.kernel[0]; ++kz) {
      const int64_t iz = source(win, 0, z, kz);
      if (iz < 0) continue;
      for (int64_t ky = 0; ky < win.kernel[1]; ++ky) {
        const int64_t iy = source(win, 1, y, ky);
        if (iy < 0) continue;
        scatter_row(s, x + iz * s.x.step[0] + iy * s.x.step[1],
                    w + kz * s.w_step[0] + ky * s.w_step[1], row);
      }
    }
  }
}

}  // namespace

size_t scratch_conv_transpose(const OpCall& call) {
  ConvTransposeShape s;
  if (!resolve_conv_transpose(call, &s).ok()) return 0;
  return static_cast<size_t>(s.window.out[2]) * sizeof(double);
}

Status reference_conv_transpose_float(const OpCall& call, const ConvTransposeShape& s) {
  visit_float(call.in[0].dtype, [&]<class T>(T) {
    auto* row = reinterpret_cast<Accum<T>*>(call.scratch.data());
    T* out = call.out[0].as_mutable<T>();
    const T* bias = call.has_in(2) ? call.in[2].as<T>() : nullptr;
    for (int64_t n = 0; n < s.x.batch; ++n) {
      for (int64_t o = 0; o < s.out_channels; ++o) {
        for (int64_t z = 0; z < s.window.out[0]; ++z) {
          for (int64_t y = 0; y < s.window.out[1]; ++y) {
            std::fill_n(row, s.window.out[2], bias ? static_cast<Accum<T>>(bias[o]) : Accum<T>(0));
            output_row<T>(call, s, n, o, z, y, row);
            T* to = out + n * s.y.step_n + o * s.y.step_c + z * s.y.step[0] + y * s.y.step[1];
            for (int64_t i = 0; i < s.window.out[2]; ++i) {
              to[i * s.y.step[2]] = static_cast<T>(activate(s.activation, row[i]));
            }
          }
        }
      }
    }
  });
  return {};
}

}  // namespace fettle::ops
