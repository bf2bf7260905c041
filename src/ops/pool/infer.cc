// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ops/operands.h"
#include "ops/pool/pool.h"

namespace fettle::ops {

namespace {
// All spatial axes become one window; any number of them, since they are contiguous.
Status resolve_global(const OpCall& call, PoolShape* s) {
  const Dims& x = call.in[0].dims;
  const Dims spatial = spatial_of(x, s->nhwc);
  const int64_t extent = spatial.elements();
  if (extent < 1) return invalid_input("a global pool over nothing: " + x.to_string());
  const Dims flat = s->nhwc ? Dims{x[0], extent, x.back()} : Dims{x[0], x[1], extent};
  s->x = image_of(flat, s->nhwc);
  s->window.rank = 1;
  s->window.in[2] = s->window.kernel[2] = extent;
  s->out = x;
  for (int i = 0; i < spatial.rank(); ++i) s->out[i + (s->nhwc ? 1 : 2)] = 1;
  s->y = image_of(s->nhwc ? Dims{x[0], 1, x.back()} : Dims{x[0], x[1], 1}, s->nhwc);
  return {};
}
}  // namespace

Status resolve_pool(const char* op, PoolKind kind, bool global, const OpCall& call, PoolShape* s) {
  const Dims& x = call.in[0].dims;
  s->kind = kind;
  s->global = global;
  FETTLE_TRY(parse_layout(op, call.attrs, &s->nhwc));
  FETTLE_TRY(parse_activation(call.attrs, &s->activation));
  s->p = call.attrs.get_int("p", 2);
  if (s->p < 1) return invalid_input(std::string(op) + ": p should be positive");
  if (global) {
    FETTLE_TRY(require_rank(op, "input", call.in[0], 2, kMaxRank));
    return resolve_global(call, s);
  }
  FETTLE_TRY(require_rank(op, "input", call.in[0], 3, 2 + kSpatial));
  const int rank = x.rank() - 2;
  Dims kernel;
  FETTLE_TRY(kernel_shape(op, call.attrs, rank, &kernel));
  FETTLE_TRY(resolve_window(op, call.attrs, spatial_of(x, s->nhwc), kernel, &s->window));
  s->count_include_pad = call.attrs.get_int("count_include_pad", 0) != 0;
  s->column_major = call.attrs.get_int("storage_order", 0) != 0;
  s->x = image_of(x, s->nhwc);
  s->out = image_dims(rank, s->nhwc, s->x.batch, s->x.channels, s->window.out);
  s->y = image_of(s->out, s->nhwc);
  return {};
}

int64_t average_count(const PoolShape& s, int64_t z, int64_t y, int64_t x) {
  const int64_t position[kSpatial] = {z, y, x};
  int64_t count = 1;
  for (int a = 0; a < kSpatial; ++a) {
    const Window& w = s.window;
    if (!s.count_include_pad) {
      const Taps t = taps_of(w, a, position[a]);
      count *= t.last - t.first;
      continue;
    }
    // Padding counts, but not what ceil_mode lets a window reach beyond it.
    const int64_t left = w.in[a] + w.pad_begin[a] + w.pad_end[a] - position[a] * w.stride[a];
    count *= std::min(w.kernel[a], (left + w.dilation[a] - 1) / w.dilation[a]);
  }
  return std::max<int64_t>(count, 1);
}

}  // namespace fettle::ops
