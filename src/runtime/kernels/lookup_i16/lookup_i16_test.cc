// SPDX-License-Identifier: Apache-2.0
//
// Every code through tables of every size, on every instruction set of this machine, bit for bit
// against the formula of Lookup.
#include <algorithm>

#include "runtime/kernels/kernel_testing.h"

namespace fettle::runtime {
namespace {

const Quantization kRange{{0.5F}, {0}};

// Runs the first n codes on every instruction set; expected(u) is the result of code u - 32768.
template <class Expected>
void check(std::vector<int16_t>& table, const Dims& extents, int64_t n, const Expected& expected) {
  std::vector<int16_t> x(static_cast<size_t>(n)), y(static_cast<size_t>(n) + 1, 0x5a5a);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<int16_t>(static_cast<int>(i) - 32768);
  for (const Isa isa : available_isas()) {
    run_kernel("lookup_i16", {}, {view_of(x, {n}, &kRange), view_of(table, extents, &kRange)},
               {false, true}, view_of(y, {n}, &kRange), {.isa = isa, .threads = 2});
    for (int i = 0; i < n; ++i) {
      ASSERT_EQ(y[static_cast<size_t>(i)], expected(i))
          << name_of(isa) << " " << extents.to_string() << " " << i;
    }
    ASSERT_EQ(y.back(), 0x5a5a);
  }
}

constexpr int64_t kCounts[] = {65536, 65535, 65, 64, 63, 33, 32, 31, 17, 16, 9, 8, 7, 3, 1};

std::vector<int16_t> random_codes(size_t count) {
  std::mt19937 random(1);
  std::vector<int16_t> codes(count);
  for (int16_t& c : codes) c = static_cast<int16_t>(random() >> 7);
  return codes;
}

TEST(LookupI16, EveryCodeOnLines) {
  for (int shift = 0; shift <= 7; ++shift) {
    std::vector<int16_t> table = random_codes((size_t{65536} >> shift) + 1);
    table[0] = -32768;
    table[1] = 32767;
    table.back() = -32768;
    const int s = 1 << shift;
    const auto expected = [&](int u) {
      const auto i = static_cast<size_t>(u / s);
      const int f = u % s, sum = table[i] * (s - f) + table[i + 1] * f + s / 2;
      return static_cast<int>(std::floor(static_cast<double>(sum) / s));
    };
    for (const int64_t n : kCounts) {
      check(table, {static_cast<int64_t>(table.size())}, n, expected);
    }
  }
}

TEST(LookupI16, EveryCodeOnCurves) {
  for (const int64_t curves : {64, 128, 256}) {
    std::vector<int16_t> table = random_codes(static_cast<size_t>(4 * curves));
    for (size_t i = 0; i < 64; ++i) table[i] = i % 3 == 0 ? -32768 : 32767;  // sums that are held
    const int s = static_cast<int>(65536 / curves);
    for (const int fraction : {0, 3, 7}) {
      table[3] = static_cast<int16_t>(-8 + fraction);
      const auto expected = [&](int u) {
        const int16_t* c = table.data() + u / s * 4;
        const auto add = [](double a, double b) { return std::clamp(a + b, -32768.0, 32767.0); };
        const auto times = [](double f, double b) { return std::floor(f * b / 32768 + 0.5); };
        const int f = u % s * (32768 / s), less = f / (1 << fraction);
        return static_cast<int>(add(c[0], times(less, add(c[1], times(f, c[2])))));
      };
      for (const int64_t n : kCounts) check(table, {curves, 4}, n, expected);
    }
  }
}

}  // namespace
}  // namespace fettle::runtime
