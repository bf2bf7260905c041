// SPDX-License-Identifier: Apache-2.0
#include "ops/strided_copy.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "ops/element_size.h"

namespace fettle::ops {

namespace {

// Drops axes of one element, merges neighbours that continue each other on both sides.
int simplify(std::span<const CopyAxis> axes, CopyAxis* out) {
  int n = 0;
  for (const CopyAxis& a : axes) {
    if (a.extent == 1) continue;
    CopyAxis* last = n > 0 ? &out[n - 1] : nullptr;
    if (last && last->src_step == a.src_step * a.extent &&
        last->dst_step == a.dst_step * a.extent) {
      *last = {last->extent * a.extent, a.src_step, a.dst_step};
    } else {
      out[n++] = a;
    }
  }
  if (n == 0) out[n++] = {1, 1, 1};
  return n;
}

template <class T>
void copy_row(const T* src, T* dst, const CopyAxis& a) {
  if (a.src_step == 1 && a.dst_step == 1) {
    std::memcpy(dst, src, static_cast<size_t>(a.extent) * sizeof(T));
  } else if (a.src_step == 0 && a.dst_step == 1) {
    std::fill_n(dst, a.extent, *src);
  } else {
    for (int64_t i = 0; i < a.extent; ++i) dst[i * a.dst_step] = src[i * a.src_step];
  }
}

// The two innermost axes, in tiles so that neither side leaves the cache between its elements.
template <class T>
void copy_plane(const T* src, T* dst, const CopyAxis& outer, const CopyAxis& inner) {
  constexpr int64_t kTile = 16;
  for (int64_t i = 0; i < outer.extent; i += kTile) {
    const int64_t rows = std::min(kTile, outer.extent - i);
    for (int64_t j = 0; j < inner.extent; j += kTile) {
      const int64_t columns = std::min(kTile, inner.extent - j);
      for (int64_t r = 0; r < rows; ++r) {
        const T* s = src + (i + r) * outer.src_step + j * inner.src_step;
        T* d = dst + (i + r) * outer.dst_step + j * inner.dst_step;
        for (int64_t c = 0; c < columns; ++c) d[c * inner.dst_step] = s[c * inner.src_step];
      }
    }
  }
}

template <class T>
void copy_axes(const T* src, T* dst, const CopyAxis* axes, int n) {
  const bool crossed =
      n >= 2 && axes[n - 1].src_step != 1 && axes[n - 1].src_step != 0 && axes[n - 2].src_step == 1;
  const int outer = crossed ? n - 2 : n - 1;
  int64_t index[kMaxCopyAxes] = {};
  for (;;) {
    if (crossed) {
      copy_plane(src, dst, axes[n - 2], axes[n - 1]);
    } else {
      copy_row(src, dst, axes[n - 1]);
    }
    int i = outer - 1;
    for (; i >= 0; --i) {
      src += axes[i].src_step;
      dst += axes[i].dst_step;
      if (++index[i] < axes[i].extent) break;
      src -= axes[i].src_step * axes[i].extent;
      dst -= axes[i].dst_step * axes[i].extent;
      index[i] = 0;
    }
    if (i < 0) return;
  }
}

}  // namespace

void copy_strided(size_t element_bytes, const void* src, void* dst,
                  std::span<const CopyAxis> axes) {
  assert(axes.size() <= kMaxCopyAxes);
  for (const CopyAxis& a : axes) {
    if (a.extent == 0) return;
  }
  CopyAxis simple[kMaxCopyAxes + 1];
  const int n = simplify(axes, simple);
  // A transposition reads best along the axis that is contiguous in the source: put that one next
  // to the innermost. Order of the axes does not matter to the result.
  if (n > 2 && simple[n - 1].src_step != 1) {
    for (int i = 0; i < n - 2; ++i) {
      if (simple[i].src_step == 1) std::swap(simple[i], simple[n - 2]);
    }
  }
  visit_element_size(element_bytes, [&]<class T>(T) {
    copy_axes(static_cast<const T*>(src), static_cast<T*>(dst), simple, n);
  });
}

void fill(size_t element_bytes, const void* value, void* dst, int64_t n) {
  visit_element_size(element_bytes, [&]<class T>(T) {
    T v;
    std::memcpy(&v, value, sizeof(T));
    std::fill_n(static_cast<T*>(dst), n, v);
  });
}

}  // namespace fettle::ops
