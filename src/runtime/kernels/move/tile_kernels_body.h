// SPDX-License-Identifier: Apache-2.0
//
// The bodies of the tile kernels, for the files of the instruction sets alone: vectors of 16 bytes,
// shuffled two at a time. What is left of a row is done again from its end, with what is there.
#pragma once

#include <cstring>
#include <utility>

#include "runtime/kernels/move/tile_kernels.h"
#include "runtime/kernels/vector_f32.h"

namespace fettle::runtime {
namespace {

// Whether a vector's bytes can be put in any order; halves in turn is what every set can do.
#if defined(__SSSE3__) || defined(__aarch64__)
constexpr bool kAnyOrder = true;
#else
constexpr bool kAnyOrder = false;
#endif

template <class T>
struct Words {
  static constexpr int kCount = 16 / sizeof(T);
  typedef T Vector __attribute__((vector_size(16)));

  FETTLE_INLINE static Vector load(const T* p) {
    Vector v;
    std::memcpy(&v, p, sizeof v);
    return v;
  }
  FETTLE_INLINE static void store(T* p, Vector v) { std::memcpy(p, &v, sizeof v); }
  FETTLE_INLINE static void copy(T* to, const T* from) { std::memcpy(to, from, sizeof(T)); }

  // kIndex::at(i): where lane i comes from, in a and then b.
  template <class Index>
  FETTLE_INLINE static Vector shuffle(Vector a, Vector b) {
    return [&]<int... i>(std::integer_sequence<int, i...>) {
      return __builtin_shufflevector(a, b, Index::at(i)...);
    }
    (std::make_integer_sequence<int, kCount>());
  }
};

// The low (or high) halves of a and b in turn.
template <int kCount, bool kHigh>
struct Zip {
  static constexpr int at(int i) {
    return i / 2 + (kHigh ? kCount / 2 : 0) + (i % 2 == 0 ? 0 : kCount);
  }
};
template <int kCount>
struct Even {
  static constexpr int at(int i) { return 2 * i; }
};

// Lane i of the k-th vector of three in turn: first those of a and b (c's lanes hold anything),
// then c's beside them.
template <int kCount, int kPart>
struct ThreeFirst {
  static constexpr int at(int i) {
    const int place = kPart * kCount + i;
    return place % 3 == 1 ? kCount + place / 3 : place / 3;
  }
};
template <int kCount, int kPart>
struct ThreeLast {
  static constexpr int at(int i) {
    const int place = kPart * kCount + i;
    return place % 3 == 2 ? kCount + place / 3 : i;
  }
};
// Every third lane of a, b, c: of a and b first, then c's beside them.
template <int kCount>
struct ThirdFirst {
  static constexpr int at(int i) { return 3 * i < 2 * kCount ? 3 * i : 0; }
};
template <int kCount>
struct ThirdLast {
  static constexpr int at(int i) { return 3 * i < 2 * kCount ? i : 3 * i - kCount; }
};

template <class T>
FETTLE_INLINE void zip(typename Words<T>::Vector a, typename Words<T>::Vector b,
                       typename Words<T>::Vector* out) {
  using W = Words<T>;
  out[0] = W::template shuffle<Zip<W::kCount, false>>(a, b);
  out[1] = W::template shuffle<Zip<W::kCount, true>>(a, b);
}

// kParts vectors in turn.
template <class T, int kParts>
FETTLE_INLINE void interleave_vectors(const typename Words<T>::Vector* in,
                                      typename Words<T>::Vector* out) {
  using W = Words<T>;
  constexpr int n = W::kCount;
  if constexpr (kParts == 2) {
    zip<T>(in[0], in[1], out);
  } else if constexpr (kParts == 4) {
    typename W::Vector even[2], odd[2];
    zip<T>(in[0], in[2], even);
    zip<T>(in[1], in[3], odd);
    zip<T>(even[0], odd[0], out);
    zip<T>(even[1], odd[1], out + 2);
  } else {
    const auto third = [&]<int k>(std::integral_constant<int, k>) {
      const auto ab = W::template shuffle<ThreeFirst<n, k>>(in[0], in[1]);
      out[k] = W::template shuffle<ThreeLast<n, k>>(ab, in[2]);
    };
    third(std::integral_constant<int, 0>());
    third(std::integral_constant<int, 1>());
    third(std::integral_constant<int, 2>());
  }
}

template <class T, int kParts>
FETTLE_INLINE typename Words<T>::Vector every(const T* from) {
  using W = Words<T>;
  constexpr int n = W::kCount;
  const auto a = W::load(from), b = W::load(from + n);
  if constexpr (kParts == 2) return W::template shuffle<Even<n>>(a, b);
  const auto c = W::load(from + 2 * n);
  if constexpr (kParts == 3) {
    return W::template shuffle<ThirdLast<n>>(W::template shuffle<ThirdFirst<n>>(a, b), c);
  }
  const auto d = W::load(from + 3 * n);
  return W::template shuffle<Even<n>>(W::template shuffle<Even<n>>(a, b),
                                      W::template shuffle<Even<n>>(c, d));
}

// Three parts as four, the last of them over what the one before had too much.
template <class T>
FETTLE_INLINE void interleave_three_at(const T* from, int64_t from_part, T* to) {
  using W = Words<T>;
  const auto c = W::load(from + 2 * from_part);
  const typename W::Vector in[4] = {W::load(from), W::load(from + from_part), c, c};
  typename W::Vector out[4];
  interleave_vectors<T, 4>(in, out);
  T fours[4 * W::kCount];
  std::memcpy(fours, out, sizeof fours);
#pragma GCC unroll 16
  for (int i = 0; i < W::kCount - 1; ++i) std::memcpy(to + 3 * i, fours + 4 * i, 4 * sizeof(T));
  std::memcpy(to + 3 * (W::kCount - 1), fours + 4 * (W::kCount - 1), 3 * sizeof(T));
}

template <class T, int kParts>
FETTLE_INLINE void interleave_at(const T* from, int64_t from_part, T* to) {
  if constexpr (kParts == 3 && !kAnyOrder) return interleave_three_at(from, from_part, to);
  using W = Words<T>;
  typename W::Vector in[kParts], out[kParts];
#pragma GCC unroll 4
  for (int p = 0; p < kParts; ++p) in[p] = W::load(from + p * from_part);
  interleave_vectors<T, kParts>(in, out);
#pragma GCC unroll 4
  for (int p = 0; p < kParts; ++p) W::store(to + p * W::kCount, out[p]);
}

// Calls at(i) so that n from each i on cover count, the last from the end; false: count is less.
template <int n, class At>
FETTLE_INLINE bool cover(int64_t count, At at) {
  if (count < n) return false;
  int64_t i = 0;
  for (; i + n <= count; i += n) at(i);
  if (i < count) at(count - n);
  return true;
}

template <class T, int kParts>
void interleave(const Parts& given) {
  const Parts r = given;  // where no store can reach it
  const T* from = static_cast<const T*>(r.from);
  T* to = static_cast<T*>(r.to);
  for (int64_t block = 0; block < r.blocks; ++block, from += r.from_block, to += r.to_block) {
    const bool covered = cover<Words<T>::kCount>(r.count, [&](int64_t i) {
      interleave_at<T, kParts>(from + i, r.from_part, to + kParts * i);
    });
    if (covered) continue;
    for (int64_t i = 0; i < r.count; ++i) {
      for (int p = 0; p < kParts; ++p) {
        Words<T>::copy(to + kParts * i + p, from + p * r.from_part + i);
      }
    }
  }
}

template <class T, int kParts>
void take_every(const void* from_first, void* to_first, int64_t count) {
  const T* from = static_cast<const T*>(from_first);
  T* to = static_cast<T*>(to_first);
  // The last element's vector would read past it.
  const bool covered = (kAnyOrder || kParts != 3 || sizeof(T) > 1) &&
                       cover<Words<T>::kCount>(count - 1, [&](int64_t i) {
                         Words<T>::store(to + i, every<T, kParts>(from + kParts * i));
                       });
  for (int64_t i = covered ? count - 1 : 0; i < count; ++i) {
    Words<T>::copy(to + i, from + kParts * i);
  }
}

// As many rows as a vector has lanes: each round puts the first half's vectors and the second's in
// turn, and after as many rounds as bits in a lane's number, columns have become rows.
template <class T>
FETTLE_INLINE void transpose_at(const T* from, int64_t from_row, T* to, int64_t to_row) {
  using W = Words<T>;
  constexpr int n = W::kCount;
  typename W::Vector v[n], w[n];
#pragma GCC unroll 16
  for (int i = 0; i < n; ++i) v[i] = W::load(from + i * from_row);
#pragma GCC unroll 4
  for (int round = 1; round < n; round *= 2) {
#pragma GCC unroll 8
    for (int i = 0; i < n / 2; ++i) zip<T>(v[i], v[i + n / 2], w + 2 * i);
#pragma GCC unroll 16
    for (int i = 0; i < n; ++i) v[i] = w[i];
  }
#pragma GCC unroll 16
  for (int i = 0; i < n; ++i) W::store(to + i * to_row, v[i]);
}

template <class T>
void transpose(const Tile& given) {
  const Tile t = given;
  const T* from = static_cast<const T*>(t.from);
  T* to = static_cast<T*>(t.to);
  constexpr int n = Words<T>::kCount;
  const bool covered =
      t.columns >= n && cover<n>(t.rows, [&](int64_t r) {
        cover<n>(t.columns, [&](int64_t c) {
          transpose_at(from + t.from_row * r + c, t.from_row, to + t.to_row * c + r, t.to_row);
        });
      });
  if (covered) return;
  for (int64_t r = 0; r < t.rows; ++r) {
    for (int64_t c = 0; c < t.columns; ++c) {
      Words<T>::copy(to + t.to_row * c + r, from + t.from_row * r + c);
    }
  }
}

#define FETTLE_TILE_KERNELS_OF(T)                                           \
  {                                                                         \
    transpose<T>, {interleave<T, 2>, interleave<T, 3>, interleave<T, 4>}, { \
      take_every<T, 2>, take_every<T, 3>, take_every<T, 4>                  \
    }                                                                       \
  }
#define FETTLE_TILE_KERNELS                                                \
  {                                                                        \
    FETTLE_TILE_KERNELS_OF(uint8_t), FETTLE_TILE_KERNELS_OF(uint16_t),     \
        FETTLE_TILE_KERNELS_OF(uint32_t), FETTLE_TILE_KERNELS_OF(uint64_t) \
  }

}  // namespace
}  // namespace fettle::runtime
