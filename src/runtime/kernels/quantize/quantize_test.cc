// SPDX-License-Identifier: Apache-2.0
//
// Quantizing, dequantizing and requantizing on every instruction set of this machine, bit for bit
// against the formulas of the header in plain C++, at every tail and with every code.
#include "base/requantize.h"
#include "runtime/kernels/kernel_testing.h"
#include "runtime/kernels/quantize/quantize_kernel.h"

namespace fettle::runtime {
namespace {

constexpr DType kCodes[] = {DType::i8, DType::u8, DType::i16};

int32_t lowest(DType t) { return t == DType::i8 ? -128 : t == DType::u8 ? 0 : -32768; }
int32_t highest(DType t) { return t == DType::i8 ? 127 : t == DType::u8 ? 255 : 32767; }

// Elements with a guard behind them.
struct Elements {
  DType type;
  std::vector<std::byte> bytes;
  Elements(DType t, int64_t n) : type(t), bytes(n * size_of(t) + 8, std::byte{0x5a}) {}
  ~Elements() {
    for (size_t i = bytes.size() - 8; i < bytes.size(); ++i) EXPECT_EQ(bytes[i], std::byte{0x5a});
  }
  int64_t size() const { return static_cast<int64_t>((bytes.size() - 8) / size_of(type)); }
  TensorView view(const Quantization* quant) {
    TensorView v;
    v.dtype = type;
    v.dims = {size()};
    v.data = bytes.data();
    v.quant = quant;
    return v;
  }
  template <class T>
  T& at(int64_t i) {
    return reinterpret_cast<T*>(bytes.data())[i];
  }
  int32_t code(int64_t i) {
    return type == DType::i8 ? at<int8_t>(i) : type == DType::u8 ? at<uint8_t>(i) : at<int16_t>(i);
  }
  void set(int64_t i, int32_t code) {
    if (type == DType::i8) at<int8_t>(i) = static_cast<int8_t>(code);
    if (type == DType::u8) at<uint8_t>(i) = static_cast<uint8_t>(code);
    if (type == DType::i16) at<int16_t>(i) = static_cast<int16_t>(code);
  }
  void fill_codes() {
    for (int64_t i = 0; i < size(); ++i) set(i, static_cast<int32_t>(lowest(type) + i));
  }
};

int64_t all_codes(DType t) { return highest(t) - lowest(t) + 1; }

int32_t quantized(float x, float scale, int32_t zero, DType to) {
  const double code = static_cast<double>(std::nearbyint(x / scale)) + zero;
  if (std::isnan(code)) return 0;
  return static_cast<int32_t>(
      std::clamp<double>(code, static_cast<double>(lowest(to)), static_cast<double>(highest(to))));
}

TEST(Quantize, FloatsToCodes) {
  const std::vector<float> special = {0.0F,  -0.0F,  0.5F,     -0.5F,     1.5F, 2.5F,       -2.5F,
                                      1e30F, -1e30F, INFINITY, -INFINITY, NAN,  1.1754e-38F};
  for (const DType to : kCodes) {
    for (int64_t n : {1, 3, 15, 16, 17, 1000, 10000}) {
      Elements x(DType::f32, n), y(to, n);
      std::mt19937 random(static_cast<uint32_t>(n));
      for (int64_t i = 0; i < n; ++i) {
        const auto k = static_cast<size_t>(i);
        const float spread = static_cast<float>(random() % 200001) * 0.01F - 1000;
        x.at<float>(i) = k < special.size() ? special[k] : spread;
      }
      for (const float scale : {1.0F, 0.0371F, 1e-3F}) {
        for (const int32_t zero : {lowest(to), 0, highest(to) - 3}) {
          const Quantization q{{scale}, {zero}};
          for (const Isa isa : available_isas()) {
            run_kernel("quantize_f32", {}, {x.view(nullptr)}, {false}, y.view(&q),
                       {.isa = isa, .threads = 2});
            for (int64_t i = 0; i < n; ++i) {
              ASSERT_EQ(y.code(i), quantized(x.at<float>(i), scale, zero, to))
                  << name_of(isa) << " " << name_of(to) << " of " << x.at<float>(i) / scale;
            }
          }
        }
      }
    }
  }
}

// As ONNX has it: scale and zero point are operands.
TEST(Quantize, OperandsGiveTheRange) {
  Elements x(DType::f32, 5), y(DType::u8, 5);
  for (int64_t i = 0; i < 5; ++i) x.at<float>(i) = static_cast<float>(i);
  float scale = 0.25F;
  uint8_t zero = 7;
  TensorView s, z;
  s.dtype = DType::f32;
  s.data = &scale;
  z.dtype = DType::u8;
  z.data = &zero;
  run_kernel("quantize_f32", {}, {x.view(nullptr), s, z}, {false, true, true}, y.view(nullptr), {});
  for (int64_t i = 0; i < 5; ++i) EXPECT_EQ(y.code(i), 7 + 4 * i);
}

TEST(Quantize, CodesToFloats) {
  for (const DType from : kCodes) {
    Elements x(from, all_codes(from)), y(DType::f32, x.size());
    x.fill_codes();
    for (const int32_t zero : {0, 3, highest(from)}) {
      const Quantization q{{0.0371F}, {zero}};
      for (const Isa isa : available_isas()) {
        run_kernel("dequantize_f32", {}, {x.view(&q)}, {false}, y.view(nullptr), {.isa = isa});
        for (int64_t i = 0; i < x.size(); ++i) {
          ASSERT_EQ(y.at<float>(i), static_cast<float>(x.code(i) - zero) * 0.0371F) << name_of(isa);
        }
      }
    }
  }
}

TEST(Quantize, CodesToCodes) {
  for (const DType from : kCodes) {
    for (const DType to : kCodes) {
      Elements x(from, all_codes(from) - 3), y(to, x.size());
      x.fill_codes();
      for (const float ratio : {0.5F, 1.0F, 0.0123F, 77.7F}) {
        const int32_t zx = from == DType::i16 ? 0 : 9, zy = to == DType::i16 ? 0 : 100;
        const Quantization qx{{0.02F * ratio}, {zx}}, qy{{0.02F}, {zy}};
        const Requantizer requantize{zy, lowest(to), highest(to)};
        const float multiplier = requantize_multiplier(qx.scale[0], qy.scale[0]);
        for (const Isa isa : available_isas()) {
          run_kernel("requantize_codes", {{"to", std::string(name_of(to))}}, {x.view(&qx)}, {false},
                     y.view(&qy), {.isa = isa, .threads = 2});
          for (int64_t i = 0; i < x.size(); ++i) {
            ASSERT_EQ(y.code(i), requantize(x.code(i) - zx, multiplier))
                << name_of(isa) << " " << name_of(from) << " to " << name_of(to) << " " << i;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace fettle::runtime
