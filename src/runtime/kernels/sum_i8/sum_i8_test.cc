// SPDX-License-Identifier: Apache-2.0
//
// Sums of codes on every instruction set of this machine, bit for bit: every pair of codes at many
// scales, every tail.
#include "base/requantize.h"
#include "runtime/kernels/kernel_testing.h"
#include "runtime/kernels/sum_i8/sum_kernel_i8.h"

namespace fettle::runtime {
namespace {

TensorView view(DType type, void* data, int64_t n, const Quantization* q) {
  TensorView v;
  v.dtype = type;
  v.dims = {n};
  v.data = data;
  v.quant = q;
  return v;
}

TEST(SumI8, EveryPairOfCodes) {
  std::vector<int8_t> a(65536), b(65536), y(65536);
  for (int i = 0; i < 65536; ++i) {
    a[static_cast<size_t>(i)] = static_cast<int8_t>(i);
    b[static_cast<size_t>(i)] = static_cast<int8_t>(i >> 8);
  }
  for (int k = 1; k < 32; ++k) {
    const Quantization qa{{0.001F * static_cast<float>(k)}, {-128}}, qb{{0.05F}, {127}};
    const Quantization qy{{0.04F}, {-5}};
    const SumOfCodes sum = sum_of_codes(qa.scale[0], qb.scale[0], qy.scale[0]);
    for (const Isa isa : available_isas()) {
      run_kernel("add_i8", {{"activation", std::string("relu")}},
                 {view(DType::i8, a.data(), 65536, &qa), view(DType::i8, b.data(), 65536, &qb)},
                 {false, false}, view(DType::i8, y.data(), 65536, &qy),
                 {.isa = isa, .threads = 1 + k % 2});
      for (size_t i = 0; i < y.size(); ++i) {
        const int32_t code = sum(a[i] + 128, b[i] - 127) - 5;  // relu: from code -5
        ASSERT_EQ(y[i], std::clamp(code, -5, 127)) << name_of(isa) << " " << i;
      }
    }
  }
}

TEST(SumI8, RequantizeBetweenSigns) {
  for (const DType from : {DType::i8, DType::u8}) {
    for (const DType to : {DType::i8, DType::u8}) {
      for (int64_t n : {1, 7, 15, 16, 17, 256}) {
        std::vector<int8_t> x(static_cast<size_t>(n)), y(static_cast<size_t>(n) + 1, 0x5a);
        for (int64_t i = 0; i < n; ++i) x[static_cast<size_t>(i)] = static_cast<int8_t>(i * 37);
        const int32_t zx = from == DType::u8 ? 131 : 3, zy = to == DType::u8 ? 7 : -100;
        const Quantization qx{{0.02F}, {zx}}, qy{{0.031F}, {zy}};
        const Requantizer requantize{zy, to == DType::u8 ? 0 : -128, to == DType::u8 ? 255 : 127};
        for (const Isa isa : available_isas()) {
          run_kernel("requantize_i8", {{"to", std::string(name_of(to))}},
                     {view(from, x.data(), n, &qx)}, {false}, view(to, y.data(), n, &qy),
                     {.isa = isa});
          for (int64_t i = 0; i < n; ++i) {
            const auto k = static_cast<size_t>(i);
            const int32_t code = from == DType::u8 ? static_cast<uint8_t>(x[k]) : x[k];
            const int32_t want = requantize(code - zx, requantize_multiplier(0.02F, 0.031F));
            const int32_t got = to == DType::u8 ? static_cast<uint8_t>(y[k]) : y[k];
            ASSERT_EQ(got, want) << name_of(isa) << " " << n << " " << i;
          }
          ASSERT_EQ(y.back(), 0x5a);
        }
      }
    }
  }
}

}  // namespace
}  // namespace fettle::runtime
