// SPDX-License-Identifier: Apache-2.0
//
// The body of the quantizing kernels, for the files of the instruction sets alone.
#pragma once

#include <type_traits>

#include "runtime/kernels/quantize/quantize.h"
#include "runtime/kernels/vector_i8.h"

namespace fettle::runtime {
namespace {

template <class T>
struct Loose {
  typedef T Type __attribute__((vector_size(kLanes * sizeof(T))));
};

// kLanes codes as integers of 32 bits.
template <class Code>
FETTLE_INLINE VI load_ints_of(const Code* p) {
  if constexpr (sizeof(Code) == 2) return load_words(p);
#if defined(__AVX512F__)
  const __m128i codes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  if constexpr (std::is_signed_v<Code>) return (VI)_mm512_maskz_cvtepi8_epi32(0xffff, codes);
  return (VI)_mm512_maskz_cvtepu8_epi32(0xffff, codes);
#elif defined(__AVX2__)
  const __m128i codes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
  if constexpr (std::is_signed_v<Code>) return (VI)_mm256_cvtepi8_epi32(codes);
  return (VI)_mm256_cvtepu8_epi32(codes);
#else
  typename Loose<Code>::Type codes;
  std::memcpy(&codes, p, sizeof codes);
  return __builtin_convertvector(codes, VI);
#endif
}

FETTLE_INLINE void store_codes(uint8_t* to, VI codes) {
  // Of the same bits as the signed code 256 less, where that is what 8 bits hold.
  store_codes(reinterpret_cast<int8_t*>(to), (codes ^ splat_int(128)) - splat_int(128));
}

struct Quantize {
  using From = float;
  FETTLE_INLINE static V scaled(const Requantization& r, const float* x) {
    const V ratio = load<V>(x) / splat<V>(r.scale);
    return ratio == ratio ? ratio : splat<V>(static_cast<float>(-r.zero_y));
  }
};

template <class Code>
struct Requantize {
  using From = Code;
  FETTLE_INLINE static V scaled(const Requantization& r, const Code* x) {
    return floats_of(load_ints_of(x) - splat_int(r.zero_x)) * splat<V>(r.scale);
  }
};

template <class Source, class To>
FETTLE_INLINE void convert(const Requantization& r, const typename Source::From* x, To* y) {
  const V scaled = Source::scaled(r, x);
  if constexpr (std::is_same_v<To, float>) {
    store(y, scaled);
  } else {
    store_codes(y, round_codes(scaled, splat<V>(r.lo), splat<V>(r.hi), splat_int(r.zero_y)));
  }
}

template <class Source, class To>
void convert_all(const Requantization& given) {
  const Requantization r = given;  // where no store can reach it
  using From = typename Source::From;
  const From* x = static_cast<const From*>(r.x);
  To* y = static_cast<To*>(r.y);
  int64_t i = 0;
  for (; i + kLanes <= r.count; i += kLanes) convert<Source>(r, x + i, y + i);
  if (i == r.count) return;
  From from[kLanes] = {};
  To to[kLanes];
  const auto rest = static_cast<size_t>(r.count - i);
  std::memcpy(from, x + i, rest * sizeof(From));
  convert<Source>(r, from, to);
  std::memcpy(y + i, to, rest * sizeof(To));
}

#define FETTLE_REQUANTIZE_FROM(Code)                                               \
  {                                                                                \
    convert_all<Requantize<Code>, int8_t>, convert_all<Requantize<Code>, uint8_t>, \
        convert_all<Requantize<Code>, int16_t>                                     \
  }
#define FETTLE_QUANTIZE_KERNELS                                                           \
  {                                                                                       \
    {convert_all<Quantize, int8_t>, convert_all<Quantize, uint8_t>,                       \
     convert_all<Quantize, int16_t>},                                                     \
        {convert_all<Requantize<int8_t>, float>, convert_all<Requantize<uint8_t>, float>, \
         convert_all<Requantize<int16_t>, float>},                                        \
    {                                                                                     \
      FETTLE_REQUANTIZE_FROM(int8_t), FETTLE_REQUANTIZE_FROM(uint8_t),                    \
          FETTLE_REQUANTIZE_FROM(int16_t)                                                 \
    }                                                                                     \
  }

}  // namespace
}  // namespace fettle::runtime
