// SPDX-License-Identifier: Apache-2.0
//
// Products of floats and 8-bit weights: a case by hand, every form against the float form of what
// rounding leaves, and numbers that are none. That whole models agree with LiteRT is tested in
// tests/models (mobile_dynamic, operators_dynamic, kws_dscnn_dynamic).
#include "base/dynamic_range.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "ops/evaluate.h"

namespace fettle::ops {
namespace {

using Ints = std::vector<int64_t>;

// 255 / (3 + 1) = 63.75 codes a unit. The range's ends are -63.75 and 191.25 steps from 0; the low
// end asks for zero = -64.25, the high end for -64.25 too; rounded, -64.
TEST(DynamicRange, ByHand) {
  const DynamicRange range = dynamic_range(-1, 3);
  EXPECT_EQ(range.inverse, 63.75f);
  EXPECT_EQ(range.scale, 1 / 63.75f);
  EXPECT_EQ(range.zero, -64);
  EXPECT_EQ(range.centred(-1), -64);   // -63.75
  EXPECT_EQ(range.centred(3), 191);    // 191.25, and the highest code
  EXPECT_EQ(range.centred(0.5f), 32);  // 31.875
  EXPECT_EQ(range.centred(0), 0);
  EXPECT_EQ(dynamic_range(2, 5).zero, -128);  // 0 is always in the range
  EXPECT_EQ(dynamic_range(2, 5).inverse, 51.0f);
  EXPECT_EQ(dynamic_range(-5, -2).zero, 127);
  EXPECT_EQ(dynamic_range(0, 0).centred(0), 0);
}

TEST(DynamicRange, Halves) {
  const DynamicRange even = dynamic_range(0, 255), away = depthwise_dynamic_range(0, 255);
  EXPECT_EQ(even.centred(2.5f), 2);
  EXPECT_EQ(away.centred(2.5f), 3);
  EXPECT_EQ(even.centred(3.5f), 4);
  EXPECT_EQ(away.centred(3.5f), 4);
}

TEST(DynamicRange, NoNumberIsOutOfRange) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const float odd[] = {0, -0.0f, 1e-45f, -1e-45f, 1e-38f, 3e38f, -3e38f, kInf, -kInf, kNan};
  for (const float low : odd) {
    for (const float high : odd) {
      for (const DynamicRange& r : {dynamic_range(low, high), depthwise_dynamic_range(low, high)}) {
        EXPECT_GE(r.zero, -128);
        EXPECT_LE(r.zero, 127);
        for (const float x : odd) {
          EXPECT_GE(r.centred(x) + r.zero, -128);
          EXPECT_LE(r.centred(x) + r.zero, 127);
        }
      }
    }
  }
}

Tensor random_floats(const Dims& dims, uint32_t seed, float low, float high) {
  std::mt19937 random(seed);
  Tensor t(DType::f32, dims);
  for (float& x : t.mutable_data<float>()) {
    x = low + (high - low) * static_cast<float>(random() % 65536) / 65536;
  }
  return t;
}

Tensor random_weights(const Dims& dims, int axis, uint32_t seed) {
  std::mt19937 random(seed);
  Tensor t(DType::i8, dims);
  for (int8_t& x : t.mutable_data<int8_t>()) x = static_cast<int8_t>(random() % 255) - 127;
  auto q = std::make_shared<Quantization>();
  q->axis = axis;
  for (int64_t c = 0; c < dims[axis]; ++c) {
    q->scale.push_back(0.002f * static_cast<float>(1 + c % 3));
    q->zero_point.push_back(0);
  }
  t.set_quant(std::move(q));
  return t;
}

Tensor reals(const Tensor& w) {
  Tensor out(DType::f32, w.dims());
  const Quantization& q = *w.quant();
  const auto inner = static_cast<size_t>(w.dims().product(q.axis + 1, w.dims().rank()));
  const auto codes = w.data<int8_t>();
  for (size_t i = 0; i < codes.size(); ++i) {
    out.mutable_data<float>()[i] =
        q.scale[i / inner % q.scale.size()] * static_cast<float>(codes[i]);
  }
  return out;
}

Result<Tensor> run(const char* op, const Attributes& attrs, const std::vector<Tensor>& in) {
  std::vector<TensorView> views;
  for (const Tensor& t : in) views.push_back(t.view());
  FETTLE_ASSIGN(auto out, evaluate(*find(op), attrs, views, 1));
  return out[0];
}

// A code is off by half a step of (most - least) / 255 at most, so a sum by that times the weights'
// magnitudes, of which there are `terms` up to 127 * 0.006.
void expect_near_float(const char* op, const Attributes& attrs, std::vector<Tensor> in,
                       int64_t terms) {
  SCOPED_TRACE(op);
  const auto got = run(op, attrs, in);
  ASSERT_TRUE(got.ok()) << got.status().to_string();
  EXPECT_EQ(got->dtype(), DType::f32);
  in[1] = reals(in[1]);
  const auto want = run(op, attrs, in);
  ASSERT_TRUE(want.ok()) << want.status().to_string();
  ASSERT_EQ(got->dims(), want->dims());
  const double worst = 0.51 * 3 / 255 * static_cast<double>(terms) * 127 * 0.006;
  double sum = 0, off = 0;
  for (size_t i = 0; i < got->data<float>().size(); ++i) {
    const double a = got->data<float>()[i], b = want->data<float>()[i];
    ASSERT_NEAR(a, b, worst) << i;
    sum += b * b;
    off += (a - b) * (a - b);
  }
  EXPECT_LT(off, sum * 1e-3) << "errors do not look like roundings";
  EXPECT_GT(off, 0) << "nothing was quantized";
}

TEST(DynamicRange, LikeFloatButForRounding) {
  const Tensor bias = random_floats({10}, 3, -1, 1);
  const Tensor x = random_floats({2, 9, 7, 6}, 1, -1, 2);
  const Attributes same{{"layout", "nhwc"}, {"pads", Ints{1, 1, 1, 1}}, {"activation", "relu"}};
  expect_near_float("Conv", same, {x, random_weights({10, 3, 3, 6}, 0, 2), bias}, 54);
  expect_near_float("Conv", {{"layout", "nhwc"}}, {x, random_weights({10, 1, 1, 6}, 0, 2)}, 6);
  expect_near_float(
      "Conv", {{"layout", "nhwc"}, {"activation", "hard_swish"}},
      {x, random_weights({10, 1, 1, 6}, 0, 2), bias, random_floats({2, 9, 7, 10}, 5, -1, 1)}, 6);
  expect_near_float("Conv", {{"layout", "nhwc"}, {"group", int64_t{6}}, {"strides", Ints{2, 1}}},
                    {x, random_weights({12, 3, 3, 1}, 0, 2)}, 9);
  expect_near_float("Conv", {{"group", int64_t{3}}, {"dilations", Ints{2, 2}}},
                    {random_floats({1, 9, 8, 8}, 1, -2, 1), random_weights({6, 3, 2, 2}, 0, 2)},
                    12);
  const Tensor a = random_floats({5, 33}, 4, -1, 2);
  expect_near_float("Gemm", {{"transB", int64_t{1}}}, {a, random_weights({10, 33}, 0, 2), bias},
                    33);
  expect_near_float("Gemm", {{"transA", int64_t{1}}},
                    {random_floats({33, 5}, 4, -1, 2), random_weights({33, 10}, 1, 2)}, 33);
  expect_near_float("MatMul", {},
                    {random_floats({3, 4, 19}, 4, -1, 2), random_weights({19, 6}, 1, 2)}, 19);
}

// Rows and pixels with ranges of their own: one with a large element leaves the others exact.
TEST(DynamicRange, RowsApart) {
  const Tensor w = random_weights({4, 8}, 0, 9);
  Tensor x(DType::f32, {2, 8});
  for (size_t i = 0; i < 8; ++i) x.mutable_data<float>()[i] = static_cast<float>(i) * 0.125f;
  x.mutable_data<float>()[8] = 1e6f;
  const auto both = run("Gemm", {{"transB", int64_t{1}}}, {x, w});
  const Tensor first = Tensor::of<float>({1, 8}, {0, .125f, .25f, .375f, .5f, .625f, .75f, .875f});
  const auto alone = run("Gemm", {{"transB", int64_t{1}}}, {first, w});
  ASSERT_TRUE(both.ok() && alone.ok());
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(both->data<float>()[i], alone->data<float>()[i]);
  const auto pixels =
      run("Conv", {{"layout", "nhwc"}}, {x.reshaped({1, 1, 2, 8}), w.reshaped({4, 1, 1, 8})});
  ASSERT_TRUE(pixels.ok()) << pixels.status().to_string();
  for (size_t i = 0; i < 8; ++i) EXPECT_EQ(pixels->data<float>()[i], both->data<float>()[i]);
}

TEST(DynamicRange, RefusesWhatHasNoSuchForm) {
  const Tensor x = random_floats({2, 8}, 1, 0, 1);
  Tensor shifted(DType::i8, {4, 8});
  shifted.set_quant(std::make_shared<Quantization>(Quantization{{0.1f}, {3}, 0}));
  EXPECT_EQ(run("Gemm", {{"transB", int64_t{1}}}, {x, shifted}).status().code(), Code::unsupported);
  const Tensor w = random_weights({4, 8}, 1, 1);  // by input channel
  EXPECT_EQ(run("Gemm", {{"transB", int64_t{1}}}, {x, w}).status().code(), Code::unsupported);
  Tensor wide(DType::f64, {2, 8});
  EXPECT_EQ(
      run("Gemm", {{"transB", int64_t{1}}}, {wide, random_weights({4, 8}, 0, 1)}).status().code(),
      Code::unsupported);
}

}  // namespace
}  // namespace fettle::ops
