// SPDX-License-Identifier: Apache-2.0
//
// Sums, differences, products and extremes of 16-bit codes on every instruction set of this
// machine, bit for bit against the formulas of src/ops/binary/integer.h in plain C++.
#include "base/requantize.h"
#include "runtime/kernels/kernel_testing.h"
#include "runtime/kernels/pair_i16/pair_kernel_i16.h"

namespace fettle::runtime {
namespace {

struct Codes {
  Dims dims;
  std::vector<int16_t> data;
  Quantization quant;
  Codes(Dims d, float scale, uint32_t seed)
      : dims(std::move(d)), data(static_cast<size_t>(dims.elements()) + 1), quant{{scale}, {0}} {
    std::mt19937 random(seed);
    for (int16_t& c : data) c = static_cast<int16_t>(random() >> 7);
    data[0] = -32768;
    data[data.size() / 2] = 32767;
    data.back() = 0x5a5a;
  }
  TensorView view() {
    TensorView v;
    v.dtype = DType::i16;
    v.dims = dims;
    v.data = data.data();
    v.quant = &quant;
    return v;
  }
};

// The element of `dims` that position `at` of `y` reads.
size_t broadcast_index(const Dims& dims, const Dims& y, int64_t at) {
  int64_t index = 0, step = 1;
  for (int i = 0; i < y.rank(); ++i) {
    const int64_t extent = y[y.rank() - 1 - i], place = at % extent;
    at /= extent;
    if (i >= dims.rank()) continue;
    const int64_t own = dims[dims.rank() - 1 - i];
    if (own != 1) index += place * step;
    step *= own;
  }
  return static_cast<size_t>(index);
}

float joined(const std::string& op, int32_t a, int32_t b, float m_a, float m_b, float m) {
  if (op == "mul") return static_cast<float>(a * b) * m;
  const float x = static_cast<float>(a) * m_a, y = static_cast<float>(b) * m_b;
  return op == "add" ? x + y : op == "sub" ? x - y : op == "min" ? std::min(x, y) : std::max(x, y);
}

void check(const std::string& op, const Dims& da, const Dims& db, const Dims& dy, bool relu) {
  Codes a(da, 3.1e-4F, 1), b(db, 1.7e-4F, 2), y(dy, op == "mul" ? 1.3e-3F : 3.9e-4F, 3);
  Requantizer requantize{0, relu ? 0 : -32768, 32767};
  const float sa = a.quant.scale[0], sb = b.quant.scale[0], sy = y.quant.scale[0];
  const float m_a = requantize_multiplier(sa, sy), m_b = requantize_multiplier(sb, sy);
  const float m = requantize_multiplier(sa, sb, sy);
  for (const Isa isa : available_isas()) {
    for (const int threads : {1, 3}) {
      run_kernel(op + "_i16", {{"activation", std::string(relu ? "relu" : "none")}},
                 {a.view(), b.view()}, {false, false}, y.view(), {.isa = isa, .threads = threads});
      for (int64_t i = 0; i < dy.elements(); ++i) {
        const int32_t x = a.data[broadcast_index(da, dy, i)],
                      z = b.data[broadcast_index(db, dy, i)];
        ASSERT_EQ(y.data[static_cast<size_t>(i)], requantize(joined(op, x, z, m_a, m_b, m)))
            << op << " " << name_of(isa) << " " << dy.to_string() << " at " << i;
      }
      ASSERT_EQ(y.data.back(), 0x5a5a);
    }
  }
}

TEST(PairI16, EveryOperatorTailAndBroadcast) {
  for (const char* op : {"add", "sub", "mul", "min", "max"}) {
    for (int64_t n : {1, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 1000, 20001}) {
      check(op, {n}, {n}, {n}, n % 2 == 0);
      check(op, {n}, {1}, {n}, false);
      check(op, {1}, {n}, {n}, false);
    }
    check(op, {2, 5, 7, 24}, {1, 1, 1, 24}, {2, 5, 7, 24}, true);
    check(op, {2, 1, 1, 24}, {2, 5, 7, 24}, {2, 5, 7, 24}, false);
    check(op, {2, 5, 7, 24}, {2, 5, 7, 1}, {2, 5, 7, 24}, false);
    check(op, {3, 1, 9}, {4, 1}, {3, 4, 9}, false);
  }
}

}  // namespace
}  // namespace fettle::runtime
