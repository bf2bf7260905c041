// SPDX-License-Identifier: Apache-2.0
// Kernels over codes, element by element, against their operators: sizes around every vector,
// all ways of repeating an operand, every pair of codes.
#include <gtest/gtest.h>

#include "integer_call.h"

namespace fettle::operators {
namespace {

IntegerOperand codes(const Dims& dims, float scale = 0.05F, int32_t zero_point = 3) {
  return {.dims = dims, .scale = scale, .zero_point = zero_point};
}
IntegerOperand result(float scale, int32_t zero_point, DType type = DType::i8) {
  return {.dtype = type, .scale = scale, .zero_point = zero_point};
}
IntegerOperand table() { return {.dims = {256}, .scale = 0, .known = true}; }

TEST(LookupI8, EverySizeAndEveryCode) {
  for (int64_t n = 1; n <= 200; ++n) {
    check({"lookup_i8", "Lookup", {}, {codes({n}), table()}, result(0.1F, 0)},
          static_cast<uint32_t>(n));
  }
  IntegerCall large{"lookup_i8", "Lookup", {}, {codes({3, 70001}), table()}, result(0.1F, 0)};
  check(large);
  large.in_place = true;
  check(large);
}

TEST(LookupI8, ConcatOfRanges) {
  for (const int64_t axis : {0, 1, 2, -1}) {
    for (const int64_t extent : {1, 3, 64, 67, 200, 300}) {
      Dims a = {5, 7, 9}, b = a, c = a;
      const size_t at = static_cast<size_t>(axis < 0 ? axis + 3 : axis);
      a[static_cast<int>(at)] = extent;
      b[static_cast<int>(at)] = 16;
      check({"concat_i8",
             "Concat",
             {{"axis", axis}},
             {codes(a, 0.05F, 3), codes(b, 0.02F, -100), codes(c, 0.04F, 9)},
             result(0.04F, 9)});
    }
  }
}

// Stretches of every length, which are looked up many together and copied in words.
TEST(LookupI8, ConcatOfFewChannels) {
  for (int64_t n = 1; n <= 70; ++n) {
    check({"concat_i8",
           "Concat",
           {{"axis", int64_t{-1}}},
           {codes({31, 17, n}, 0.05F, 3), codes({31, 17, 2}, 0.02F, -100),
            codes({31, 17, n}, 0.04F, 9)},
           result(0.04F, 9)});
  }
}

struct Pair {
  const char *kernel, *op;
};
constexpr Pair kPairs[] = {
    {"add_i8", "Add"}, {"sub_i8", "Sub"}, {"mul_i8", "Mul"}, {"min_i8", "Min"}, {"max_i8", "Max"}};

TEST(PairI8, EverySize) {
  for (const Pair& p : kPairs) {
    const float to = std::string(p.op) == "Mul" ? 0.011F : 0.07F;
    for (int64_t n = 1; n <= 140; n = n < 70 ? n + 1 : n + 7) {
      check({p.kernel, p.op, {}, {codes({n}), codes({n}, 0.041F, -77)}, result(to, -11)});
    }
    IntegerCall large{
        p.kernel, p.op, {}, {codes({40, 901}), codes({40, 901}, 0.1F)}, result(to, 5)};
    check(large);
    large.in_place = true;
    check(large);
  }
}

TEST(PairI8, OneOperandRepeatsItself) {
  struct Shapes {
    Dims a, b;
  };
  const Shapes shapes[] = {{{1, 14, 14, 72}, {1, 1, 1, 72}},
                           {{2, 9, 5, 120}, {2, 1, 1, 120}},
                           {{3, 9, 7}, {7}},
                           {{2, 3, 4, 5}, {}},
                           {{2, 3, 4, 5}, {2, 3, 4, 1}},
                           {{4, 5, 640}, {5, 640}},
                           {{2, 1, 1, 33}, {2, 20, 3, 33}},
                           {{1}, {300}},
                           {{6, 1, 9}, {6, 11, 9}},
                           {{2, 3, 2, 3, 4}, {2, 1, 2, 1, 4}}};
  for (const Pair& p : kPairs) {
    const float to = std::string(p.op) == "Mul" ? 0.011F : 0.07F;
    for (const Shapes& s : shapes) {
      check({p.kernel, p.op, {}, {codes(s.a, 0.06F, 7), codes(s.b, 0.041F, -77)}, result(to, -11)});
    }
    // Rows of every length around a vector's.
    for (int64_t c = 1; c <= 130; c = c < 20 ? c + 1 : c + 9) {
      check({p.kernel, p.op, {}, {codes({1, 11, 3, c}), codes({c})}, result(to, 100)});
    }
    EXPECT_FALSE(takes({p.kernel, p.op, {}, {codes({3, 1}), codes({1, 4})}, result(to, 0)}))
        << "each repeats itself along the other";
  }
}

TEST(PairI8, ClampsAndCoarseResults) {
  for (const Pair& p : kPairs) {
    for (const char* activation : {"relu", "relu6"}) {
      const Attributes attrs = {{"activation", std::string(activation)}};
      check(
          {p.kernel, p.op, attrs, {codes({999}), codes({999}, 0.041F, -77)}, result(0.03F, -120)});
    }
    // Results far beyond the codes; and scales whose products no float holds.
    check({p.kernel,
           p.op,
           {},
           {codes({999}, 30), codes({999}, 20, -77)},
           result(p.op == std::string("Mul") ? 0.1F : 0.001F, -120)});
    const bool sum = p.op == std::string("Add") || p.op == std::string("Sub");
    EXPECT_EQ(
        takes({p.kernel, p.op, {}, {codes({99}, 1e20F), codes({99}, 1e18F)}, result(0.01F, 0)}),
        sum)
        << "products past the range of integers";
  }
}

// Every pair of codes, at scales from far apart to equal.
TEST(PairI8, EveryPairOfCodes) {
  for (int k = 1; k < 32; k += 3) {
    const float scale = 0.002F * static_cast<float>(k * k);
    for (const Pair& p : kPairs) {
      IntegerOperand a = codes({256, 256}, scale, -128), b = codes({256, 256}, 0.05F, 127);
      for (int i = 0; i < 65536; ++i) {
        a.codes.push_back(static_cast<int8_t>(i));
        b.codes.push_back(static_cast<int8_t>(i >> 8));
      }
      const float to = p.op == std::string("Mul") ? scale * 3 : 0.04F;
      check({p.kernel, p.op, {}, {a, b}, result(to, -5)});
    }
  }
}

}  // namespace
}  // namespace fettle::operators
