// SPDX-License-Identifier: Apache-2.0
//
// Element types of tensors, their sizes and names, and the two 16-bit float formats.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fettle {

// Values are stored in packages: append only.
enum class DType : uint8_t {
  none = 0,  // an absent optional input
  f32 = 1,
  f64 = 2,
  f16 = 3,
  bf16 = 4,
  i8 = 5,
  u8 = 6,
  i16 = 7,
  u16 = 8,
  i32 = 9,
  u32 = 10,
  i64 = 11,
  u64 = 12,
  boolean = 13,
};
inline constexpr int kDTypeCount = 14;

size_t size_of(DType type);                    // bytes; 0 for none
std::string_view name_of(DType type);          // "f32", "bool", ...
DType dtype_from_name(std::string_view name);  // none when unknown
bool is_float(DType type);
bool is_integer(DType type);  // bool is neither

// IEEE 754 binary16, computed with as float; conversions round half to even.
struct Half {
  uint16_t bits = 0;
  Half() = default;
  explicit Half(float value);
  operator float() const;  // NOLINT: implicit by design
};

// The upper half of a binary32; conversions round half to even.
struct BFloat16 {
  uint16_t bits = 0;
  BFloat16() = default;
  explicit BFloat16(float value);
  operator float() const { return std::bit_cast<float>(uint32_t{bits} << 16); }  // NOLINT
};

template <class T>
inline constexpr DType kDTypeOf = DType::none;
template <>
inline constexpr DType kDTypeOf<float> = DType::f32;
template <>
inline constexpr DType kDTypeOf<double> = DType::f64;
template <>
inline constexpr DType kDTypeOf<Half> = DType::f16;
template <>
inline constexpr DType kDTypeOf<BFloat16> = DType::bf16;
template <>
inline constexpr DType kDTypeOf<int8_t> = DType::i8;
template <>
inline constexpr DType kDTypeOf<uint8_t> = DType::u8;
template <>
inline constexpr DType kDTypeOf<int16_t> = DType::i16;
template <>
inline constexpr DType kDTypeOf<uint16_t> = DType::u16;
template <>
inline constexpr DType kDTypeOf<int32_t> = DType::i32;
template <>
inline constexpr DType kDTypeOf<uint32_t> = DType::u32;
template <>
inline constexpr DType kDTypeOf<int64_t> = DType::i64;
template <>
inline constexpr DType kDTypeOf<uint64_t> = DType::u64;
template <>
inline constexpr DType kDTypeOf<bool> = DType::boolean;

// Calls f(T{}) with the C++ type of a dtype; returns fallback for none.
template <class F, class R>
R visit_dtype(DType type, F&& f, R fallback) {
  switch (type) {
    case DType::f32:
      return f(float{});
    case DType::f64:
      return f(double{});
    case DType::f16:
      return f(Half{});
    case DType::bf16:
      return f(BFloat16{});
    case DType::i8:
      return f(int8_t{});
    case DType::u8:
      return f(uint8_t{});
    case DType::i16:
      return f(int16_t{});
    case DType::u16:
      return f(uint16_t{});
    case DType::i32:
      return f(int32_t{});
    case DType::u32:
      return f(uint32_t{});
    case DType::i64:
      return f(int64_t{});
    case DType::u64:
      return f(uint64_t{});
    case DType::boolean:
      return f(bool{});
    case DType::none:
      break;
  }
  return fallback;
}

}  // namespace fettle
