// SPDX-License-Identifier: Apache-2.0
//
// The body of pair_i16, for the files of the instruction sets alone.
#pragma once

#include "runtime/kernels/pair_i16/pair_i16.h"
#include "runtime/kernels/vector_i16.h"

namespace fettle::runtime {
namespace {

constexpr int kVectors = 2;  // that are packed together

template <PairI16Kind kKind>
FETTLE_INLINE V join(V a, V b, V scale_a, V scale_b) {
  if constexpr (kKind == PairI16Kind::product) return rounded_product(a, b) * scale_a;
  const V x = rounded_product(a, scale_a), y = rounded_product(b, scale_b);
  if constexpr (kKind == PairI16Kind::sum) return x + y;
  if constexpr (kKind == PairI16Kind::least) return min_of(x, y);
  return max_of(x, y);
}

// Of operands that move (kA, kB) or stand still from column to column.
template <PairI16Kind kKind, bool kA, bool kB>
FETTLE_INLINE void join_row(const PairI16& p, const int16_t* a, const int16_t* b, int16_t* y) {
  const NarrowI16 narrow(p.lo, p.hi);
  const V scale_a = splat<V>(p.scale_a), scale_b = splat<V>(p.scale_b);
  const V still_a = splat<V>(static_cast<float>(*a)), still_b = splat<V>(static_cast<float>(*b));
  const auto join_vectors = [&](const int16_t* from_a, const int16_t* from_b, int16_t* to) {
    V x[kVectors];
#pragma GCC unroll 2
    for (int q = 0; q < kVectors; ++q) {
      x[q] = join<kKind>(kA ? load_floats(from_a + q * kLanes) : still_a,
                         kB ? load_floats(from_b + q * kLanes) : still_b, scale_a, scale_b);
    }
    narrow.store(to, x);
  };
  constexpr int64_t kStep = kVectors * kLanes;
  int64_t i = 0;
  for (; i + kStep <= p.columns; i += kStep) join_vectors(a + i, b + i, y + i);
  if (i == p.columns) return;
  int16_t own_a[kStep] = {}, own_b[kStep] = {}, own_y[kStep];
  const auto rest = static_cast<size_t>(p.columns - i) * sizeof(int16_t);
  if (kA) std::memcpy(own_a, a + i, rest);
  if (kB) std::memcpy(own_b, b + i, rest);
  join_vectors(own_a, own_b, own_y);
  std::memcpy(y + i, own_y, rest);
}

template <PairI16Kind kKind>
void join_rows(const PairI16& pair) {
  const PairI16 p = pair;  // where no store can reach it
  const int16_t *a = p.a, *b = p.b;
  int16_t* y = p.y;
  for (int64_t r = 0; r < p.rows; ++r, a += p.a_row_step, b += p.b_row_step, y += p.columns) {
    if (p.a_column_step == 0) {
      join_row<kKind, false, true>(p, a, b, y);
    } else if (p.b_column_step == 0) {
      join_row<kKind, true, false>(p, a, b, y);
    } else {
      join_row<kKind, true, true>(p, a, b, y);
    }
  }
}

#define FETTLE_PAIR_I16                                                                            \
  {                                                                                                \
    {                                                                                              \
      join_rows<PairI16Kind::sum>, join_rows<PairI16Kind::product>, join_rows<PairI16Kind::least>, \
          join_rows<PairI16Kind::most>                                                             \
    }                                                                                              \
  }

}  // namespace
}  // namespace fettle::runtime
