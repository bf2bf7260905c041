// SPDX-License-Identifier: Apache-2.0
//
// The two loops of every pool: over output elements, and over the taps of one window.
#pragma once

#include "ops/pool/pool.h"

namespace fettle::ops {

// Calls f(window's taps along each axis, offset of output) for every output element.
template <class F>
void each_window(const PoolShape& s, F&& f) {
  const Window& w = s.window;
  for (int64_t n = 0; n < s.x.batch; ++n) {
    for (int64_t c = 0; c < s.x.channels; ++c) {
      const int64_t from = n * s.x.step_n + c * s.x.step_c, to = n * s.y.step_n + c * s.y.step_c;
      for (int64_t z = 0; z < w.out[0]; ++z) {
        const Taps tz = taps_of(w, 0, z);
        for (int64_t y = 0; y < w.out[1]; ++y) {
          const Taps ty = taps_of(w, 1, y);
          for (int64_t x = 0; x < w.out[2]; ++x) {
            const Taps taps[kSpatial] = {tz, ty, taps_of(w, 2, x)};
            const int64_t at = to + z * s.y.step[0] + y * s.y.step[1] + x * s.y.step[2];
            f(taps, from, at, z, y, x);
          }
        }
      }
    }
  }
}

// Calls f(offset in the channel's image, z, y, x) for every tap.
template <class F>
void each_tap(const PoolShape& s, const Taps* taps, F&& f) {
  const Window& w = s.window;
  for (int64_t i = taps[0].first, z = taps[0].start; i < taps[0].last; ++i, z += w.dilation[0]) {
    for (int64_t j = taps[1].first, y = taps[1].start; j < taps[1].last; ++j, y += w.dilation[1]) {
      int64_t x = taps[2].start;
      for (int64_t k = taps[2].first; k < taps[2].last; ++k, x += w.dilation[2]) {
        f(z * s.x.step[0] + y * s.x.step[1] + x * s.x.step[2], z, y, x);
      }
    }
  }
}

}  // namespace fettle::ops
