// SPDX-License-Identifier: Apache-2.0
// Softmax of codes against its operator: rows of every length around a vector and past what is
// looked up at once, every pair of codes, scales that leave nothing or everything.
#include <gtest/gtest.h>

#include "integer_call.h"

namespace fettle::operators {
namespace {

IntegerCall softmax(const Dims& dims, float scale = 0.1F) {
  return {"softmax_i8",
          "Softmax",
          {{"axis", int64_t{-1}}},
          {{.dims = dims, .scale = scale, .zero_point = 11}},
          {.scale = 1.0F / 256, .zero_point = -128}};
}

IntegerCall softmax_i16(const Dims& dims, float scale = 4e-4F) {
  return {"softmax_i16",
          "Softmax",
          {{"axis", int64_t{-1}}},
          {{.dtype = DType::i16, .dims = dims, .scale = scale, .zero_point = 0}},
          {.dtype = DType::i16, .scale = 1.0F / 32768, .zero_point = 0}};
}

TEST(SoftmaxI8, EveryLength) {
  for (int64_t n = 1; n <= 140; ++n) check(softmax({7, n}), static_cast<uint32_t>(n));
  for (const int64_t n : {255, 256, 257, 271, 272, 273, 511, 512, 513, 1001, 5000}) {
    check(softmax({3, n}));
  }
  IntegerCall many = softmax({3, 911, 21});
  check(many);
  many.in_place = true;
  check(many);
  IntegerCall longer = softmax({5, 777});
  longer.in_place = true;
  check(longer);
}

TEST(SoftmaxI8, ScalesFarAndNear) {
  for (const float scale : {1e-6F, 0.004F, 0.3F, 2.0F, 1e6F}) {
    for (const int64_t n : {2, 3, 80, 300}) {
      check(softmax({9, n}, scale));
      IntegerCall coarse = softmax({9, n}, scale);
      coarse.out = {.scale = 0.0021F, .zero_point = 17};  // clamps on either side
      check(coarse);
      coarse.out = {.scale = 1e-20F, .zero_point = -1};
      check(coarse);
    }
  }
}

// Equal codes, where the sum of a row's exponentials is the most that there is.
TEST(SoftmaxI8, EqualCodes) {
  for (const int64_t n : {2, 256, 300, 70000}) {
    IntegerCall call = softmax({2, n});
    call.in[0].fill = 5;
    check(call);
  }
}

TEST(SoftmaxI8, EveryPairOfCodes) {
  for (const float scale : {0.01F, 0.07F, 0.5F}) {
    IntegerCall call = softmax({65536, 2}, scale);
    for (int i = 0; i < 65536; ++i) {
      call.in[0].codes.push_back(static_cast<int8_t>(i));
      call.in[0].codes.push_back(static_cast<int8_t>(i >> 8));
    }
    check(call);
    call.in_place = true;
    check(call);
  }
}

TEST(SoftmaxI16, EveryLength) {
  for (int64_t n = 1; n <= 140; ++n) check(softmax_i16({7, n}), static_cast<uint32_t>(n));
  for (const int64_t n : {255, 256, 257, 271, 272, 273, 511, 512, 513, 1001, 5000}) {
    check(softmax_i16({3, n}));
  }
  IntegerCall many = softmax_i16({3, 911, 21});
  check(many);
  many.in_place = true;
  check(many);
}

TEST(SoftmaxI16, ScalesFarAndNear) {
  for (const float scale : {1e-8F, 1e-5F, 1e-3F, 0.05F, 2.0F, 1e6F}) {
    for (const int64_t n : {2, 3, 80, 300}) {
      check(softmax_i16({9, n}, scale));
      IntegerCall coarse = softmax_i16({9, n}, scale);
      coarse.out.scale = 1e-5F;  // clamps
      check(coarse);
    }
  }
}

// Every difference of two codes, and equal ones, where the sum is the most that there is.
TEST(SoftmaxI16, EveryCode) {
  for (const float scale : {3e-5F, 2.5e-4F}) {
    IntegerCall call = softmax_i16({1, 65536}, scale);
    call.in[0].every_code = true;
    check(call);
  }
  for (const int64_t n : {2, 256, 300, 70000}) {
    IntegerCall call = softmax_i16({2, n});
    call.in[0].fill = 5;
    check(call);
  }
}

TEST(SoftmaxI8, OnlyTheLastAxis) {
  IntegerCall call = softmax({4, 5, 6});
  EXPECT_TRUE(takes(call));
  call.attrs = {{"axis", int64_t{1}}};
  EXPECT_FALSE(takes(call));
  call.in[0].dims = {4, 5, 1};
  check(call);
}

}  // namespace
}  // namespace fettle::operators
