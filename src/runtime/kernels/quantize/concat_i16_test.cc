// SPDX-License-Identifier: Apache-2.0
//
// Operands of one range and of others, of every length beside whole vectors, on every instruction
// set of this machine, against the rule of base/requantize.h.
#include "base/requantize.h"
#include "runtime/kernels/kernel_testing.h"

namespace fettle::runtime {
namespace {

struct Codes {
  std::vector<int16_t> data;
  Quantization quant;
  Dims dims;
  TensorView view() { return view_of(data, dims, &quant); }
};

TEST(ConcatI16, TakesEachOperandToTheRangeOfTheResult) {
  std::mt19937 random(1);
  for (const int64_t channels : {1, 7, 16, 31, 64}) {
    const int64_t rows = 37, lengths[] = {channels, 8, channels + 3};
    const float scales[] = {0.25F, 0.5F, 0.9F};
    std::vector<Codes> operands;
    for (int k = 0; k < 3; ++k) {
      Codes c{std::vector<int16_t>(static_cast<size_t>(rows * lengths[k])),
              {{scales[k]}, {0}},
              {1, rows, lengths[k]}};
      for (int16_t& v : c.data) v = static_cast<int16_t>(random());
      operands.push_back(std::move(c));
    }
    const int64_t unit = lengths[0] + lengths[1] + lengths[2];
    for (const Isa isa : available_isas()) {
      for (const int threads : {1, 2}) {
        Codes y{std::vector<int16_t>(static_cast<size_t>(rows * unit) + 1, 0x5a5a),
                {{0.5F}, {0}},
                {1, rows, unit}};
        run_kernel("concat_i16", {{"axis", int64_t{2}}},
                   {operands[0].view(), operands[1].view(), operands[2].view()},
                   {false, false, false}, y.view(), {.isa = isa, .threads = threads});
        const Requantizer quantize{0, INT16_MIN, INT16_MAX};
        size_t at = 0;
        for (int64_t r = 0; r < rows; ++r) {
          for (int k = 0; k < 3; ++k) {
            const float m = requantize_multiplier(scales[k], 0.5F);
            for (int64_t i = 0; i < lengths[k]; ++i, ++at) {
              const int32_t x = operands[k].data[static_cast<size_t>(r * lengths[k] + i)];
              ASSERT_EQ(y.data[at], quantize(x, m)) << name_of(isa) << " " << r << " " << k;
            }
          }
        }
        ASSERT_EQ(y.data.back(), 0x5a5a);
      }
    }
  }
}

}  // namespace
}  // namespace fettle::runtime
