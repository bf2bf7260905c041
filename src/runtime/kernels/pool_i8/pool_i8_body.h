// SPDX-License-Identifier: Apache-2.0
//
// The body of pool_i8, for the files of the instruction sets alone.
#pragma once

#include "runtime/kernels/pool_i8/pool_i8.h"
#include "runtime/kernels/vector_i8.h"

namespace fettle::runtime {
namespace {

// A block of channels is a register of bytes; its sums are two registers of 16-bit words.
constexpr int kBlock = 4 * kLanes, kHalf = kBlock / 2;
typedef int8_t Block __attribute__((vector_size(kBlock)));
typedef int8_t HalfBlock __attribute__((vector_size(kHalf)));
typedef int16_t Words __attribute__((vector_size(kBlock)));
typedef int16_t QuarterWords __attribute__((vector_size(kHalf)));
constexpr int64_t kWordTaps = 256;  // what 16 bits hold: 256 * -128

// The first n codes at p, zeros behind them; kPart: n may be less than a register holds.
template <class T, bool kPart>
FETTLE_INLINE T load_part(const int8_t* p, int64_t n) {
  constexpr auto kSize = static_cast<int64_t>(sizeof(T));
  T codes{};
  if constexpr (!kPart) {
    std::memcpy(&codes, p, sizeof codes);
    return codes;
  }
  const int64_t count = n < 0 ? 0 : n < kSize ? n : kSize;
#if defined(__AVX512F__)
  const __mmask64 mask = count == 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
  const __m512i bytes = _mm512_maskz_loadu_epi8(mask, p);
  std::memcpy(&codes, &bytes, sizeof codes);
#else
  int8_t own[sizeof(T)] = {};
  for (int64_t i = 0; i < count; ++i) own[i] = p[i];
  std::memcpy(&codes, own, sizeof codes);
#endif
  return codes;
}

FETTLE_INLINE void store_part(int8_t* to, const int8_t* from, int64_t n) {
  for (int64_t i = 0; i < n; ++i) to[i] = from[i];
}

// Sums of kBlocks blocks of channels.
template <int kBlocks>
struct Sums {
  Words words[2 * kBlocks];
  VI total[4 * kBlocks];
  FETTLE_INLINE void begin(int32_t initial) {
#pragma GCC unroll 16
    for (VI& t : total) t = splat_int(initial);
    clear();
  }
  FETTLE_INLINE void clear() {
#pragma GCC unroll 8
    for (Words& w : words) w = Words{};
  }
  template <bool kPart>
  FETTLE_INLINE void add(const int8_t* p, int64_t n) {
#pragma GCC unroll 8
    for (int i = 0; i < 2 * kBlocks; ++i) {
      const HalfBlock codes = load_part<HalfBlock, kPart>(p + i * kHalf, n - i * kHalf);
      words[i] += __builtin_convertvector(codes, Words);
    }
  }
  FETTLE_INLINE void widen() {
#pragma GCC unroll 8
    for (int i = 0; i < 2 * kBlocks; ++i) {
      QuarterWords quarters[2];
      std::memcpy(quarters, &words[i], sizeof quarters);
      total[2 * i] += __builtin_convertvector(quarters[0], VI);
      total[2 * i + 1] += __builtin_convertvector(quarters[1], VI);
    }
  }
};

template <int kBlocks, bool kPart>
void sum_window(const PoolI8Windows& w, const int8_t* in, int8_t* out, int64_t n) {
  Sums<kBlocks> sums;
  sums.begin(w.initial);
  int64_t room = kWordTaps;
  for (int64_t kh = 0; kh < w.taps_h; ++kh) {
    const int8_t* p = in + kh * w.in_row_step;
    for (int64_t left = w.taps_w; left > 0;) {
      const int64_t taps = left < room ? left : room;
      for (int64_t i = 0; i < taps; ++i, p += w.in_column_step) sums.template add<kPart>(p, n);
      left -= taps;
      room -= taps;
      if (room > 0) continue;
      sums.widen();
      sums.clear();
      room = kWordTaps;
    }
  }
  sums.widen();
  if (w.sums != nullptr) {
    int32_t own[kBlocks * kBlock];
    std::memcpy(own, sums.total, sizeof own);
    int32_t* to = w.sums + (out - w.out);
    for (int64_t i = 0; i < n; ++i) to[i] = own[i];
    return;
  }
  const V multiplier = splat<V>(w.multiplier), lo = splat<V>(w.lo), hi = splat<V>(w.hi);
  const VI zero_point = splat_int(w.zero_point);
  int8_t own[kBlocks * kBlock];
  int8_t* to = kPart ? own : out;
#pragma GCC unroll 16
  for (int i = 0; i < 4 * kBlocks; ++i) {
    store_codes(to + i * kLanes, quantize(sums.total[i], multiplier, lo, hi, zero_point));
  }
  if (kPart) store_part(out, own, n);
}

template <bool kMax>
FETTLE_INLINE Block select(Block a, Block b) {
  return kMax ? (a > b ? a : b) : (a < b ? a : b);
}

template <bool kMax, int kBlocks, bool kPart>
void select_window(const PoolI8Windows& w, const int8_t* in, int8_t* out, int64_t n) {
  Block best[kBlocks];
#pragma GCC unroll 4
  for (Block& b : best) b = Block{} + static_cast<int8_t>(kMax ? -128 : 127);
  for (int64_t kh = 0; kh < w.taps_h; ++kh) {
    const int8_t* p = in + kh * w.in_row_step;
    for (int64_t kw = 0; kw < w.taps_w; ++kw, p += w.in_column_step) {
#pragma GCC unroll 4
      for (int i = 0; i < kBlocks; ++i) {
        best[i] = select<kMax>(best[i], load_part<Block, kPart>(p + i * kBlock, n - i * kBlock));
      }
    }
  }
  if constexpr (kPart) {
    int8_t own[sizeof best];
    std::memcpy(own, best, sizeof best);
    store_part(out, own, n);
  } else {
#pragma GCC unroll 4
    for (int i = 0; i < kBlocks; ++i) std::memcpy(out + i * kBlock, &best[i], kBlock);
  }
}

// Blocks four and one at a time. What is left over is taken again from a block earlier on; fewer
// channels than a block holds are a part of one.
#define FETTLE_WINDOWS(four, one, part)                                                      \
  for (int64_t j = 0; j < windows.columns; ++j) {                                            \
    const int8_t* in = windows.in + j * windows.in_step;                                     \
    int8_t* out = windows.out + j * windows.out_step;                                        \
    const int64_t n = windows.channels;                                                      \
    int64_t c = 0;                                                                           \
    for (; c + 4 * kBlock <= n; c += 4 * kBlock) four(windows, in + c, out + c, 4 * kBlock); \
    for (; c + kBlock <= n; c += kBlock) one(windows, in + c, out + c, kBlock);              \
    if (c == n) continue;                                                                    \
    if (n < kBlock) {                                                                        \
      part(windows, in, out, n);                                                             \
    } else {                                                                                 \
      one(windows, in + n - kBlock, out + n - kBlock, kBlock);                               \
    }                                                                                        \
  }

void sum_windows(const PoolI8Windows& windows) {
  FETTLE_WINDOWS((sum_window<4, false>), (sum_window<1, false>), (sum_window<1, true>))
}

template <bool kMax>
void select_windows(const PoolI8Windows& windows) {
  FETTLE_WINDOWS((select_window<kMax, 4, false>), (select_window<kMax, 1, false>),
                 (select_window<kMax, 1, true>))
}
#undef FETTLE_WINDOWS

// Of kCount neighbouring vectors; `taps` is a constant where it is a usual one.
template <class T, int kCount>
FETTLE_INLINE void largest_at(const int8_t* x, int64_t step, int64_t taps, int8_t* y) {
  T best[kCount];
#pragma GCC unroll 4
  for (int i = 0; i < kCount; ++i) std::memcpy(&best[i], x + i * sizeof(T), sizeof(T));
  for (int64_t t = 1; t < taps; ++t) {
    x += step;
#pragma GCC unroll 4
    for (int i = 0; i < kCount; ++i) {
      T codes;
      std::memcpy(&codes, x + i * sizeof codes, sizeof codes);
      best[i] = codes > best[i] ? codes : best[i];
    }
  }
#pragma GCC unroll 4
  for (int i = 0; i < kCount; ++i) std::memcpy(y + i * sizeof(T), &best[i], sizeof(T));
}

// n codes, the last block again from one earlier on; n is at least a block.
FETTLE_INLINE void largest_line(const int8_t* x, int64_t step, int64_t taps, int8_t* y, int64_t n) {
  int64_t i = 0;
  for (; i + 4 * kBlock <= n; i += 4 * kBlock) largest_at<Block, 4>(x + i, step, taps, y + i);
  for (; i + kBlock <= n; i += kBlock) largest_at<Block, 1>(x + i, step, taps, y + i);
  if (i < n) largest_at<Block, 1>(x + n - kBlock, step, taps, y + n - kBlock);
}

void largest_row(const int8_t* x, int64_t row_step, int64_t rows, int8_t* y, int64_t n) {
  if (n < kBlock) {
    for (int64_t i = 0; i < n; ++i) largest_at<int8_t, 1>(x + i, row_step, rows, y + i);
  } else if (rows == 3) {
    largest_line(x, row_step, 3, y, n);
  } else {
    largest_line(x, row_step, rows, y, n);
  }
}

static_assert(kBlock <= kPoolI8Slack);

// Fewer channels than a vector holds: whole ones, whose surplus the next column overwrites. Columns
// at the end, whose surplus would lie past the row, store theirs code by code.
template <class T>
FETTLE_INLINE void largest_of_few(const PoolI8Columns& w, int64_t taps) {
  const int64_t loose = (static_cast<int64_t>(sizeof(T)) - 1) / w.channels;
  const int64_t plain = w.columns > loose ? w.columns - loose : 0;
  for (int64_t j = 0; j < plain; ++j) {
    largest_at<T, 1>(w.in + j * w.in_step, w.tap_step, taps, w.out + j * w.channels);
  }
  for (int64_t j = plain; j < w.columns; ++j) {
    int8_t own[sizeof(T)];
    largest_at<T, 1>(w.in + j * w.in_step, w.tap_step, taps, own);
    store_part(w.out + j * w.channels, own, w.channels);
  }
}

void largest_columns(const PoolI8Columns& given) {
  const PoolI8Columns w = given;  // where no store can reach it
  if (w.channels >= kBlock) {
    for (int64_t j = 0; j < w.columns; ++j) {
      largest_line(w.in + j * w.in_step, w.tap_step, w.taps, w.out + j * w.channels, w.channels);
    }
  } else if (w.channels > kHalf) {
    largest_of_few<Block>(w, w.taps);
  } else if (w.taps == 3) {
    largest_of_few<HalfBlock>(w, 3);
  } else {
    largest_of_few<HalfBlock>(w, w.taps);
  }
}

int32_t sum_row(const int8_t* x, int64_t n) {
  VI total{};
  int64_t i = 0;
  while (i + kHalf <= n) {
    Words words{};
    for (int64_t taps = 0; taps < kWordTaps && i + kHalf <= n; ++taps, i += kHalf) {
      words += __builtin_convertvector(load_part<HalfBlock, false>(x + i, kHalf), Words);
    }
    QuarterWords quarters[2];
    std::memcpy(quarters, &words, sizeof quarters);
    total += __builtin_convertvector(quarters[0], VI) + __builtin_convertvector(quarters[1], VI);
  }
  int32_t sum = 0;
  for (int lane = 0; lane < kLanes; ++lane) sum += total[lane];
  for (; i < n; ++i) sum += x[i];
  return sum;
}

#define FETTLE_POOL_I8                                                                        \
  {                                                                                           \
    {sum_windows, select_windows<true>, select_windows<false>}, largest_row, largest_columns, \
        sum_row                                                                               \
  }

}  // namespace
}  // namespace fettle::runtime
