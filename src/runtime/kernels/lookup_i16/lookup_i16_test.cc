// SPDX-License-Identifier: Apache-2.0
//
// Every code through tables of every size, on every instruction set of this machine, bit for bit
// against the formula of Lookup.
#include "runtime/kernels/kernel_testing.h"
#include "runtime/kernels/lookup_i16/lookup_kernel_i16.h"

namespace fettle::runtime {
namespace {

TensorView view(int16_t* data, int64_t n, const Quantization* q) {
  TensorView v;
  v.dtype = DType::i16;
  v.dims = {n};
  v.data = data;
  v.quant = q;
  return v;
}

TEST(LookupI16, EveryCodeAndTable) {
  const Quantization q{{0.5F}, {0}};
  std::mt19937 random(1);
  for (int shift = 0; shift <= 7; ++shift) {
    std::vector<int16_t> table((size_t{65536} >> shift) + 1);
    for (int16_t& t : table) t = static_cast<int16_t>(random());
    table[0] = -32768;
    table[1] = 32767;
    table.back() = -32768;
    for (const int64_t n : {65536, 65535, 31, 17, 16, 3, 1}) {
      std::vector<int16_t> x(static_cast<size_t>(n)), y(static_cast<size_t>(n) + 1, 0x5a5a);
      for (size_t i = 0; i < x.size(); ++i) {
        x[i] = static_cast<int16_t>(static_cast<int>(i) - 32768);
      }
      for (const Isa isa : available_isas()) {
        run_kernel(
            "lookup_i16", {},
            {view(x.data(), n, &q), view(table.data(), static_cast<int64_t>(table.size()), &q)},
            {false, true}, view(y.data(), n, &q), {.isa = isa, .threads = 2});
        for (size_t i = 0; i < x.size(); ++i) {
          const int32_t u = x[i] + 32768, s = 1 << shift, f = u % s;
          const int32_t sum = table[static_cast<size_t>(u / s)] * (s - f) +
                              table[static_cast<size_t>(u / s) + 1] * f + s / 2;
          ASSERT_EQ(y[i], static_cast<int32_t>(std::floor(static_cast<double>(sum) / s)))
              << name_of(isa) << " " << shift << " " << i;
        }
        ASSERT_EQ(y.back(), 0x5a5a);
      }
    }
  }
}

}  // namespace
}  // namespace fettle::runtime
