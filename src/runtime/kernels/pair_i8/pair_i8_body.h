// SPDX-License-Identifier: Apache-2.0
//
// The body of pair_i8, for the files of the instruction sets alone.
#pragma once

#include "runtime/kernels/pair_i8/pair_i8.h"
#include "runtime/kernels/vector_i8.h"

namespace fettle::runtime {
namespace {

FETTLE_INLINE V load_numbers(const PairI8Term* p) { return load<V>(&p->number); }
FETTLE_INLINE VI load_addends(const PairI8Term* p) { return load_ints(&p->addend); }

// Of codes as they are. Each of the products is below 2^28, their sum with the rest below 2^31.
template <bool kTerms>
FETTLE_INLINE VI sum_of(const PairI8& p, VI a, VI b, const PairI8Term* terms) {
  if constexpr (kTerms) {
    b = load_addends(terms);
  } else {
    const int32_t rounding = int32_t{1} << (p.sum.shift - 1);
    b = b * splat_int(p.sum.m_b) +
        splat_int(rounding - p.zero_a * p.sum.m_a - p.zero_b * p.sum.m_b);
  }
  return (a * splat_int(p.sum.m_a) + b) >> p.sum.shift;
}

template <PairI8Kind kKind, bool kTerms>
FETTLE_INLINE VI joined(const PairI8& p, VI a, VI b, const PairI8Term* terms) {
  if constexpr (kKind == PairI8Kind::sum) return sum_of<kTerms>(p, a, b, terms);
  const V x = floats_of(a - splat_int(p.zero_a)), scale_a = splat<V>(p.scale_a);
  V y;
  if constexpr (kTerms) {
    y = load_numbers(terms);
  } else {
    y = floats_of(b - splat_int(p.zero_b));
    if constexpr (kKind != PairI8Kind::product) y *= splat<V>(p.scale_b);
  }
  if constexpr (kKind == PairI8Kind::product) return round_ints(x * y * scale_a);
  if constexpr (kKind == PairI8Kind::least) return round_ints(min_of(x * scale_a, y));
  return round_ints(max_of(x * scale_a, y));
}

// kQuadCodes codes.
template <PairI8Kind kKind, bool kTerms>
FETTLE_INLINE void join_quad(const PairI8& p, const int8_t* a, const int8_t* b,
                             const PairI8Term* terms, int8_t* to) {
  VI x[4], y[4] = {};
  load_quad(a, x);
  if constexpr (!kTerms) load_quad(b, y);
#pragma GCC unroll 4
  for (int q = 0; q < 4; ++q) {
    x[q] = joined<kKind, kTerms>(p, x[q], y[q], kTerms ? terms + q * kLanes : nullptr);
  }
  store_quad(to, x, {p.zero_point, p.low, p.high});
}

template <PairI8Kind kKind, bool kTerms>
void join_codes(const PairI8& pair) {
  const PairI8 p = pair;  // where no store can reach it
  int64_t i = 0, at = p.at;
  for (; i + kQuadCodes <= p.count; i += kQuadCodes) {
    join_quad<kKind, kTerms>(p, p.a + i, kTerms ? nullptr : p.b + i,
                             kTerms ? p.terms + at : nullptr, p.to + i);
    at += kQuadCodes;
    if (kTerms && at >= p.period) at -= p.period;
  }
  if (i == p.count) return;
  int8_t a[kQuadCodes] = {}, b[kQuadCodes] = {}, to[kQuadCodes];
  const auto rest = static_cast<size_t>(p.count - i);
  for (size_t k = 0; k < rest; ++k) a[k] = p.a[i + static_cast<int64_t>(k)];
  for (size_t k = 0; k < rest && !kTerms; ++k) b[k] = p.b[i + static_cast<int64_t>(k)];
  join_quad<kKind, kTerms>(p, a, b, kTerms ? p.terms + at : nullptr, to);
  for (size_t k = 0; k < rest; ++k) p.to[i + static_cast<int64_t>(k)] = to[k];
}

template <bool kTerms>
constexpr PairI8Fn kJoins[kPairI8Kinds] = {
    join_codes<PairI8Kind::sum, kTerms>, join_codes<PairI8Kind::product, kTerms>,
    join_codes<PairI8Kind::least, kTerms>, join_codes<PairI8Kind::largest, kTerms>};

#define FETTLE_PAIR_I8_OF(terms) \
  { kJoins<terms>[0], kJoins<terms>[1], kJoins<terms>[2], kJoins<terms>[3] }
#define FETTLE_PAIR_I8 \
  { FETTLE_PAIR_I8_OF(false), FETTLE_PAIR_I8_OF(true) }

}  // namespace
}  // namespace fettle::runtime
