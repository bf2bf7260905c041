// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/floats.h"
#include "ops/operands.h"
#include "ops/quantize_linear/quantize_linear.h"

namespace fettle::ops {

namespace {

constexpr const char* kOp = "QuantizeLinear";

bool quantized_type(DType type) {
  return type == DType::i8 || type == DType::u8 || type == DType::i16 || type == DType::u16 ||
         type == DType::i32;
}

// Calls f for each run of elements that share a scale: f(first element, count, index of scale).
template <class F>
void each_run(const ScaleLayout& s, F&& f) {
  for (int64_t o = 0; o < s.outer; ++o) {
    for (int64_t l = 0; l < s.length; ++l) {
      const int64_t at = (o * s.length + l) * s.inner;
      if (s.blocked) {
        for (int64_t i = 0; i < s.inner; ++i) f(at + i, int64_t{1}, s.index(o, l, i));
      } else if (s.scales == 1) {
        f(at, s.length * s.inner, int64_t{0});
        break;  // the whole tensor: outer is 1
      } else {
        f(at, s.inner, l);
      }
    }
  }
}

template <class Q>
Q saturate(double v) {
  if (v != v) v = 0;
  return static_cast<Q>(std::clamp(v, static_cast<double>(std::numeric_limits<Q>::lowest()),
                                   static_cast<double>(std::numeric_limits<Q>::max())));
}

template <class F>
void visit_quantized(DType type, F&& f) {
  switch (type) {
    case DType::i8:
      f(int8_t{});
      break;
    case DType::u8:
      f(uint8_t{});
      break;
    case DType::i16:
      f(int16_t{});
      break;
    case DType::u16:
      f(uint16_t{});
      break;
    case DType::i32:
      f(int32_t{});
      break;
    default:
      break;
  }
}

// Elements pass through blocks, in float or in int64_t and double, so that one loop serves all
// pairs of types.
constexpr int64_t kBlock = 64;
template <class T, class W>
void load(const void* x, int64_t at, int64_t n, W* block) {
  const T* from = static_cast<const T*>(x) + at;
  for (int64_t i = 0; i < n; ++i) block[i] = static_cast<W>(from[i]);
}
template <class Q>
void store_codes(void* y, int64_t at, int64_t n, const double* block) {
  Q* to = static_cast<Q*>(y) + at;
  for (int64_t i = 0; i < n; ++i) to[i] = saturate<Q>(block[i]);
}
template <class T>
void store_floats(void* y, int64_t at, int64_t n, const float* block) {
  T* to = static_cast<T*>(y) + at;
  for (int64_t i = 0; i < n; ++i) to[i] = static_cast<T>(block[i]);
}
using LoadFloats = void (*)(const void* x, int64_t at, int64_t n, float* block);
using LoadCodes = void (*)(const void* x, int64_t at, int64_t n, int64_t* block);
using StoreCodes = void (*)(void* y, int64_t at, int64_t n, const double* block);
using StoreFloats = void (*)(void* y, int64_t at, int64_t n, const float* block);

LoadFloats float_loader(DType type) {
  if (type == DType::i32) return load<int32_t, float>;
  LoadFloats f = nullptr;
  visit_float(type, [&]<class T>(T) { f = load<T, float>; });
  return f;
}
LoadCodes code_loader(DType type) {
  LoadCodes f = nullptr;
  visit_quantized(type, [&]<class Q>(Q) { f = load<Q, int64_t>; });
  return f;
}
StoreCodes code_storer(DType type) {
  StoreCodes f = nullptr;
  visit_quantized(type, [&]<class Q>(Q) { f = store_codes<Q>; });
  return f;
}
StoreFloats float_storer(DType type) {
  StoreFloats f = nullptr;
  visit_float(type, [&]<class T>(T) { f = store_floats<T>; });
  return f;
}

// f(first element, count) for each block of a run.
template <class F>
void each_block(int64_t at, int64_t count, F&& f) {
  for (int64_t i = 0; i < count; i += kBlock) f(at + i, std::min(kBlock, count - i));
}

void quantize(const OpCall& call, const ScaleLayout& s, const ScaleSource& source) {
  const LoadFloats load = float_loader(call.in[0].dtype);
  const StoreCodes store = code_storer(call.out[0].dtype);
  each_run(s, [&](int64_t first, int64_t count, int64_t k) {
    const float scale = source.scale(k);
    const auto zero = static_cast<double>(source.zero_point(k));
    each_block(first, count, [&](int64_t at, int64_t n) {
      float x[kBlock];
      double codes[kBlock];
      load(call.in[0].data, at, n, x);
      for (int64_t i = 0; i < n; ++i) {
        const float ratio = x[i] / scale;
        codes[i] = static_cast<double>(std::nearbyint(ratio)) + zero;
      }
      store(call.out[0].data, at, n, codes);
    });
  });
}

// From one integer range to another: one float multiplier, as every requantization here.
void requantize(const OpCall& call, const ScaleSource& source) {
  const Quantization& from = *call.in[0].quant;
  const float multiplier = from.scale[0] / source.scale(0);
  const auto zero = static_cast<double>(source.zero_point(0));
  const LoadCodes load = code_loader(call.in[0].dtype);
  const StoreCodes store = code_storer(call.out[0].dtype);
  each_block(0, call.in[0].elements(), [&](int64_t at, int64_t n) {
    int64_t x[kBlock];
    double codes[kBlock];
    load(call.in[0].data, at, n, x);
    for (int64_t i = 0; i < n; ++i) {
      const auto centred = static_cast<float>(x[i] - from.zero_point[0]);
      codes[i] = static_cast<double>(std::nearbyint(centred * multiplier)) + zero;
    }
    store(call.out[0].data, at, n, codes);
  });
}

}  // namespace

Status infer_quantize(const OpCall& call) {
  ScaleLayout s;
  ScaleSource source;
  FETTLE_TRY(resolve_scales(kOp, call, call.out[0].quant, &s, &source));
  const TensorView& x = call.in[0];
  if (x.quant != nullptr) {
    if (!quantized_type(x.dtype) || !x.quant->per_tensor() || s.scales != 1 || s.blocked) {
      return unsupported("QuantizeLinear: from one quantization per axis to another");
    }
  } else if (x.dtype != DType::i32) {
    FETTLE_TRY(require_float(kOp, "input", x));
  }
  const int64_t number = call.attrs.get_int("output_dtype", 0);
  DType type = number == 0 ? DType::u8 : dtype_of_onnx_number(number);
  if (call.has_in(2)) type = call.in[2].dtype;
  if (!quantized_type(type)) {
    return unsupported("QuantizeLinear: to type " + std::string(name_of(type)) + " (output_dtype " +
                       std::to_string(number) + ")");
  }
  call.out[0].dtype = type;
  call.out[0].dims = x.dims;
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

Status reference_quantize(const OpCall& call) {
  ScaleLayout s;
  ScaleSource source;
  FETTLE_TRY(resolve_scales(kOp, call, call.out[0].quant, &s, &source));
  if (call.in[0].quant != nullptr) {
    requantize(call, source);
  } else {
    quantize(call, s, source);
  }
  return {};
}

Status infer_dequantize(const OpCall& call) {
  ScaleLayout s;
  ScaleSource source;
  FETTLE_TRY(resolve_scales("DequantizeLinear", call, call.in[0].quant, &s, &source));
  if (!quantized_type(call.in[0].dtype)) {
    return unsupported("DequantizeLinear: from type " + std::string(name_of(call.in[0].dtype)));
  }
  const int64_t number = call.attrs.get_int("output_dtype", 0);
  DType type = call.has_in(1) ? call.in[1].dtype : DType::f32;
  if (number != 0) type = dtype_of_onnx_number(number);
  if (!is_float(type)) return unsupported("DequantizeLinear: to a type that is no float");
  call.out[0].dtype = type;
  call.out[0].dims = call.in[0].dims;
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

Status reference_dequantize(const OpCall& call) {
  ScaleLayout s;
  ScaleSource source;
  FETTLE_TRY(resolve_scales("DequantizeLinear", call, call.in[0].quant, &s, &source));
  const LoadCodes load = code_loader(call.in[0].dtype);
  const StoreFloats store = float_storer(call.out[0].dtype);
  each_run(s, [&](int64_t first, int64_t count, int64_t k) {
    const float scale = source.scale(k);
    const int64_t zero = source.zero_point(k);
    each_block(first, count, [&](int64_t at, int64_t n) {
      int64_t codes[kBlock];
      float y[kBlock];
      load(call.in[0].data, at, n, codes);
      for (int64_t i = 0; i < n; ++i) y[i] = static_cast<float>(codes[i] - zero) * scale;
      store(call.out[0].data, at, n, y);
    });
  });
  return {};
}

}  // namespace fettle::ops
