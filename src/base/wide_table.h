// SPDX-License-Identifier: Apache-2.0
//
// Tables by which Lookup (ops/lookup) computes a function of one 16-bit code, in integers. The code
// is u = x + 32768; what lies between two entries, s = 2^k codes apart, follows
//
//   lines   [65536 / s + 1], k = 0 to 7:  i = u >> k,  f = u & (s - 1)
//     y = (table[i] * (s - f) + table[i + 1] * f + s / 2) >> k
//
//   curves  [65536 / s][4], k = 8 to 10:  i = u >> k,  f = (u & (s - 1)) << (15 - k)
//     y = c0 + (f >> e) * (c1 + f * c2)   with c0, c1, c2 = table[i][0 to 2], e = table[0][3]'s
//     lowest three bits, f in units of 2^-15: a product is (a * b + 2^14) >> 15, a sum is held
//     inside 16 bits. So c1 and c2 have e bits of fraction.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/dims.h"

namespace fettle {

struct WideTable {
  static constexpr int kMostLineShift = 7, kLeastCurveShift = 8, kMostCurveShift = 10;
  static constexpr int64_t kCurveWords = 4;  // of an entry
  static constexpr int kMostFraction = 7;

  int shift = -1;  // k; -1: no table
  bool curves = false;

  int64_t entries() const { return (int64_t{65536} >> shift) + (curves ? 0 : 1); }

  // The table of these extents.
  static WideTable of(const Dims& dims) {
    const bool curves = dims.rank() == 2 && dims[1] == kCurveWords;
    if (!curves && dims.rank() != 1) return {};
    const int last = curves ? kMostCurveShift : kMostLineShift;
    for (WideTable t{curves ? kLeastCurveShift : 0, curves}; t.shift <= last; ++t.shift) {
      if (dims[0] == t.entries()) return t;
    }
    return {};
  }

  // The result for code x: what Lookup means.
  int16_t look_up(const int16_t* table, int16_t x) const {
    const int32_t u = x + 32768, step = int32_t{1} << shift, f = u & (step - 1);
    if (!curves) {
      const int16_t* at = table + (u >> shift);
      return static_cast<int16_t>((at[0] * (step - f) + at[1] * f + step / 2) >> shift);
    }
    return curve(table + (u >> shift) * kCurveWords, f << (15 - shift), fraction_of(table));
  }

  // e
  static int fraction_of(const int16_t* table) { return table[3] & kMostFraction; }

  static int16_t curve(const int16_t* c, int32_t f, int fraction) {
    const auto add = [](int32_t a, int32_t b) { return std::clamp(a + b, -32768, 32767); };
    const auto times = [](int32_t a, int32_t b) { return (a * b + (1 << 14)) >> 15; };
    const int32_t slope = add(c[1], times(f, c[2]));
    return static_cast<int16_t>(add(c[0], times(f >> fraction, slope)));
  }
};

}  // namespace fettle
