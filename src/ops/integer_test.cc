// SPDX-License-Identifier: Apache-2.0
//
// Every integer form against the operator's own float form on the real numbers that the codes
// stand for: a code may be off the real result by half a step, and by what float rounding makes of
// a tie, but no more.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/requantize.h"
#include "base/sum_of_codes.h"
#include "ops/evaluate.h"

namespace fettle::ops {
namespace {

using Ints = std::vector<int64_t>;

struct Operand {
  DType dtype = DType::i8;
  Dims dims;
  Quantization quant{{0.05f}, {3}, 0};
  int low = -128, high = 127;
};

Tensor random_codes(const Operand& o, uint32_t seed) {
  std::mt19937 random(seed);
  Tensor t(o.dtype, o.dims);
  const auto draw = [&](auto span) {
    for (auto& q : span) {
      const auto range = static_cast<uint32_t>(o.high - o.low + 1);
      q = static_cast<std::decay_t<decltype(q)>>(o.low + static_cast<int>(random() % range));
    }
  };
  if (o.dtype == DType::i8) draw(t.mutable_data<int8_t>());
  if (o.dtype == DType::u8) draw(t.mutable_data<uint8_t>());
  if (o.dtype == DType::i16) draw(t.mutable_data<int16_t>());
  if (o.dtype == DType::i32) draw(t.mutable_data<int32_t>());
  if (o.dtype == DType::i64) draw(t.mutable_data<int64_t>());
  t.set_quant(std::make_shared<Quantization>(o.quant));
  return t;
}

Tensor reals_of(const Tensor& t) {
  const Quantization& q = *t.quant();
  Tensor out(DType::f32, t.dims());
  const std::vector<int64_t> codes = to_int64(t.view());
  const int64_t inner = q.per_tensor() ? 1 : t.dims().product(q.axis + 1, t.dims().rank());
  for (size_t i = 0; i < codes.size(); ++i) {
    const size_t c = i / static_cast<size_t>(inner) % q.scale.size();
    out.mutable_data<float>()[i] = static_cast<float>(
        static_cast<double>(q.scale[c]) * static_cast<double>(codes[i] - q.zero_point[c]));
  }
  return out;
}

void expect_like_float(const std::string& name, const Attributes& attrs,
                       const std::vector<Operand>& operands, const Quantization& out_quant,
                       const std::vector<Tensor>& plain = {}, DType out_dtype = DType::i8) {
  SCOPED_TRACE(name);
  const OpDef* op = find(name);
  ASSERT_NE(op, nullptr);
  std::vector<Tensor> codes, reals;
  for (size_t i = 0; i < operands.size(); ++i) {
    codes.push_back(random_codes(operands[i], static_cast<uint32_t>(i + 1)));
    reals.push_back(reals_of(codes.back()));
  }
  for (const Tensor& t : plain) {
    codes.push_back(t);
    reals.push_back(t);
  }
  std::vector<TensorView> code_views, real_views;
  for (const Tensor& t : codes) code_views.push_back(t.view());
  for (const Tensor& t : reals) real_views.push_back(t.view());
  const Quantization* stated = &out_quant;
  const auto got = evaluate(*op, attrs, code_views, 1, 1 << 30, {&stated, 1});
  ASSERT_TRUE(got.ok()) << got.status().to_string();
  const auto want = evaluate(*op, attrs, real_views, 1);
  ASSERT_TRUE(want.ok()) << want.status().to_string();
  const Tensor& y = (*got)[0];
  ASSERT_EQ(y.dtype(), out_dtype);
  ASSERT_EQ(y.dims(), (*want)[0].dims());
  const int64_t low = out_dtype == DType::i8 ? -128 : -32768, high = -low - 1;
  const std::vector<int64_t> ys = to_int64(y.view());
  const std::vector<float> reals_wanted = to_float((*want)[0].view());
  int64_t inside = 0;
  for (size_t i = 0; i < ys.size(); ++i) {
    const double exact =
        static_cast<double>(reals_wanted[i]) / out_quant.scale[0] + out_quant.zero_point[0];
    const double clamped =
        std::min(std::max(exact, static_cast<double>(low)), static_cast<double>(high));
    inside += exact == clamped;
    // Float32 carries 24 bits; of a 16-bit result they leave 8 for the fraction.
    const double off = 0.5 + 2e-3 + std::abs(clamped) * 4e-7;
    ASSERT_NEAR(static_cast<double>(ys[i]), clamped, off) << "element " << i;
  }
  EXPECT_GT(inside, static_cast<int64_t>(ys.size()) / 2) << "too little is tested";
}

Quantization by_channel(int64_t channels, int axis, float scale) {
  Quantization q;
  for (int64_t c = 0; c < channels; ++c) {
    q.scale.push_back(scale * (1 + 0.1f * static_cast<float>(c)));
    q.zero_point.push_back(0);
  }
  q.axis = axis;
  return q;
}

TEST(IntegerForm, Conv) {
  const Operand x{.dims = {2, 9, 7, 6}};
  const Operand w{.dims = {10, 3, 3, 6}, .quant = by_channel(10, 0, 0.01f), .low = -127};
  Operand bias{DType::i32, {10}, by_channel(10, 0, 0.01f * 0.05f), -2000, 2000};
  const Attributes same{{"layout", "nhwc"}, {"pads", Ints{1, 1, 1, 1}}};
  expect_like_float("Conv", same, {x, w, bias}, {{0.2f}, {-5}, 0});
  expect_like_float("Conv", same, {x, w}, {{0.2f}, {-5}, 0});
  // Weights of uint8 models have one zero point that is not zero.
  const Operand asymmetric{.dims = {10, 3, 3, 6}, .quant = {{0.01f}, {17}, 0}};
  bias.quant = {{0.01f * 0.05f}, {0}, 0};
  expect_like_float("Conv", same, {x, asymmetric, bias}, {{0.3f}, {9}, 0});
  bias.quant = by_channel(10, 0, 0.01f * 0.05f);
  expect_like_float("Conv",
                    {{"layout", "nhwc"},
                     {"strides", Ints{2, 2}},
                     {"dilations", Ints{2, 1}},
                     {"auto_pad", "SAME_UPPER"},
                     {"activation", "relu6"}},
                    {x, w, bias}, {{6.0f / 255}, {-128}, 0});
}

// The example that docs/arithmetic.md works by hand.
TEST(IntegerForm, ConvByHand) {
  Tensor x = Tensor::of<int8_t>({1, 1, 1, 3}, {13, -7, 100});
  Tensor w = Tensor::of<int8_t>({2, 1, 1, 3}, {50, -20, 3, 2, 50, -5});
  const Tensor bias = Tensor::of<int32_t>({2}, {59, 15});
  x.set_quant(std::make_shared<Quantization>(Quantization{{0.05f}, {3}, 0}));
  w.set_quant(std::make_shared<Quantization>(Quantization{{0.02f}, {0}, 0}));
  const Quantization out{{0.1f}, {-10}, 0}, *stated = &out;
  const TensorView in[] = {x.view(), w.view(), bias.view()};
  for (const char* activation : {"none", "relu"}) {
    const Attributes attrs{{"layout", "nhwc"}, {"activation", std::string(activation)}};
    const auto y = evaluate(*find("Conv"), attrs, in, 1, 1 << 20, {&stated, 1});
    ASSERT_TRUE(y.ok()) << y.status().to_string();
    EXPECT_EQ(to_int64((*y)[0].view()), (Ints{1, *activation == 'n' ? -20 : -10}));
  }
}

TEST(IntegerForm, ConvInGroupsAndChannelsFirst) {
  const Operand x{.dims = {1, 8, 11, 5}};
  const Operand depthwise{.dims = {8, 1, 3, 3}, .quant = by_channel(8, 0, 0.02f)};
  expect_like_float("Conv", {{"group", int64_t{8}}, {"pads", Ints{1, 0, 1, 2}}}, {x, depthwise},
                    {{0.15f}, {-20}, 0});
  const Operand grouped{.dims = {6, 4, 1, 3}, .quant = by_channel(6, 0, 0.02f)};
  expect_like_float("Conv", {{"group", int64_t{2}}, {"activation", "relu"}}, {x, grouped},
                    {{0.15f}, {-20}, 0});
  const Operand nhwc{.dims = {1, 11, 5, 8}};
  const Operand twice{.dims = {16, 3, 3, 1}, .quant = by_channel(16, 0, 0.02f)};
  expect_like_float("Conv", {{"group", int64_t{8}}, {"layout", "nhwc"}}, {nhwc, twice},
                    {{0.15f}, {-20}, 0});
}

TEST(IntegerForm, GemmAndMatMul) {
  const Operand x{.dims = {3, 40}};
  const Operand w{.dims = {12, 40}, .quant = by_channel(12, 0, 0.02f)};
  const Operand bias{DType::i32, {12}, by_channel(12, 0, 0.02f * 0.05f), -3000, 3000};
  expect_like_float("Gemm", {{"transB", int64_t{1}}, {"activation", "relu"}}, {x, w, bias},
                    {{1.0f}, {-100}, 0});
  const Operand turned{.dims = {40, 12}, .quant = by_channel(12, 1, 0.02f)};
  expect_like_float("Gemm", {}, {x, turned}, {{1.0f}, {1}, 0});
  const Operand a{.dims = {2, 5, 19}, .quant = {{0.03f}, {-7}, 0}};
  const Operand b{.dims = {2, 19, 6}, .quant = {{0.04f}, {11}, 0}};
  expect_like_float("MatMul", {}, {a, b}, {{0.4f}, {2}, 0});
  const Operand weight{.dims = {19, 6}, .quant = by_channel(6, 1, 0.04f)};
  expect_like_float("MatMul", {}, {a, weight}, {{0.4f}, {2}, 0});
}

TEST(IntegerForm, AveragePool) {
  const Operand x{.dims = {1, 9, 9, 5}};
  const Attributes window{{"layout", "nhwc"},
                          {"kernel_shape", Ints{3, 3}},
                          {"strides", Ints{2, 2}},
                          {"auto_pad", "SAME_UPPER"}};
  expect_like_float("AveragePool", window, {x}, x.quant);
  expect_like_float("AveragePool", window, {x}, {{0.03f}, {-9}, 0});
  expect_like_float("GlobalAveragePool", {}, {{.dims = {1, 5, 9, 9}}}, {{0.01f}, {4}, 0});
}

// By hand: windows of four codes that add up to -6, -2, 2 and 6, so means of -1.5, -0.5, 0.5, 1.5.
// TFLite's int8 kernel rounds them away from 0, its uint8 kernel (codes 128 higher) up.
TEST(IntegerForm, AveragePoolTies) {
  Tensor x =
      Tensor::of<int8_t>({1, 1, 16, 1}, {-9, 1, 1, 1, 5, -7, 3, -3, 0, 0, 1, 1, 100, -100, 3, 3});
  const Quantization range{{0.5f}, {7}, 0};
  x.set_quant(std::make_shared<Quantization>(range));
  const TensorView view = x.view();
  const Quantization* stated = &range;
  const auto means = [&](const char* ties) {
    const Attributes attrs{
        {"layout", "nhwc"}, {"kernel_shape", Ints{1, 4}}, {"strides", Ints{1, 4}}, {"ties", ties}};
    const auto y = evaluate(*find("AveragePool"), attrs, {&view, 1}, 1, 1 << 20, {&stated, 1});
    EXPECT_TRUE(y.ok()) << y.status().to_string();
    return y.ok() ? to_int64((*y)[0].view()) : Ints{};
  };
  EXPECT_EQ(means("away"), (Ints{-2, -1, 1, 2}));
  EXPECT_EQ(means("up"), (Ints{-1, 0, 1, 2}));
  EXPECT_EQ(means("even"), (Ints{-1, -1, 1, 1}));  // of code less zero: -8.5, -7.5, -6.5, -5.5
}

TEST(IntegerForm, Pairs) {
  const Operand a{.dims = {3, 5, 7}, .quant = {{0.05f}, {-9}, 0}};
  const Operand b{.dims = {5, 1}, .quant = {{0.021f}, {40}, 0}};
  for (const char* op : {"Add", "Sub", "Min", "Max"}) {
    expect_like_float(op, {}, {a, b}, {{0.04f}, {5}, 0});
    expect_like_float(op, {}, {b, a}, {{0.07f}, {-5}, 0});
  }
  expect_like_float("Mul", {{"activation", "relu"}}, {a, b}, {{0.1f}, {-100}, 0});
}

// What LiteRT 2.3 made of these codes in its MobileNetV2 and its DeepLabV3, whose uint8 codes are
// 128 higher: sums so near a tie that float32 products would round them the other way.
TEST(IntegerForm, AddAsLiteRt) {
  struct Example {
    float scale_a, scale_b, scale_y;
    int zero_a, zero_b, zero_y, a, b, y;
  };
  const Example examples[] = {
      {0.4014929533004761f, 0.2758343517780304f, 0.43216896057128906f, 8, -9, 5, -17, -58, -50},
      {0.2184089869260788f, 0.22298608720302582f, 0.2793920338153839f, -10, -4, -5, 50, -2, 44}};
  for (const Example& e : examples) {
    Tensor a = Tensor::of<int8_t>({1}, {static_cast<int8_t>(e.a)});
    Tensor b = Tensor::of<int8_t>({1}, {static_cast<int8_t>(e.b)});
    a.set_quant(std::make_shared<Quantization>(Quantization{{e.scale_a}, {e.zero_a}, 0}));
    b.set_quant(std::make_shared<Quantization>(Quantization{{e.scale_b}, {e.zero_b}, 0}));
    const Quantization out{{e.scale_y}, {e.zero_y}, 0}, *stated = &out;
    const TensorView in[] = {a.view(), b.view()};
    const auto y = evaluate(*find("Add"), {}, in, 1, 1 << 20, {&stated, 1});
    ASSERT_TRUE(y.ok()) << y.status().to_string();
    EXPECT_EQ(to_int64((*y)[0].view()), Ints{e.y});
  }
}

// Ranges as far apart as a hostile file can state them overflow nothing.
TEST(IntegerForm, AddOfImpossibleRanges) {
  for (const float from : {1e-38f, 1e-9f, 1.0f, 1e9f, 3e38f}) {
    for (const float to : {1e-38f, 1e-9f, 1.0f, 1e9f, 3e38f}) {
      const SumOfCodes sum = sum_of_codes(from, from / 3, to);
      EXPECT_GE(sum.shift, 1);
      EXPECT_LE(sum.shift, 30);
      for (const int32_t code : {-255, 255}) {
        const int64_t exact = int64_t{code} * sum.m_a + int64_t{code} * sum.m_b;
        EXPECT_LT(std::abs(exact) + (int64_t{1} << 29), int64_t{1} << 31);
      }
    }
  }
}

TEST(IntegerForm, Concat) {
  const Operand a{.dims = {2, 3, 5}, .quant = {{0.05f}, {-9}, 0}};
  const Operand b{.dims = {2, 4, 5}, .quant = {{0.021f}, {40}, 0}};
  expect_like_float("Concat", {{"axis", int64_t{1}}}, {a, b, a}, {{0.06f}, {5}, 0});
}

TEST(IntegerForm, Softmax) {
  const Operand x{.dims = {4, 30}, .quant = {{0.02f}, {11}, 0}};
  const Quantization out{{1.0f / 256}, {-128}, 0};
  expect_like_float("Softmax", {}, {x}, out);
  expect_like_float("Softmax", {{"axis", int64_t{0}}}, {x}, out);
}

TEST(IntegerForm, SumsAndMeans) {
  const Operand x{.dims = {2, 6, 5, 7}, .quant = {{0.05f}, {-30}, 0}};
  const Tensor axes = Tensor::of<int64_t>({2}, {1, 2});
  expect_like_float("ReduceMean", {}, {x}, {{0.02f}, {-40}, 0}, {axes});
  expect_like_float("ReduceMean", {{"keepdims", int64_t{0}}}, {x}, {{0.02f}, {-40}, 0}, {axes});
  expect_like_float("ReduceSum", {}, {x}, {{0.9f}, {3}, 0}, {axes});
}

// 16-bit activations, with weights of 8 and of 16 bits.
Operand wide(Dims dims, float scale) {
  return {DType::i16, std::move(dims), {{scale}, {0}, 0}, -32768, 32767};
}

TEST(IntegerForm, WideConvolutionsAndProducts) {
  const Attributes same{{"layout", "nhwc"}, {"pads", Ints{1, 1, 1, 1}}};
  const Attributes dense{{"transB", int64_t{1}}, {"activation", "relu"}};
  const Operand x = wide({1, 8, 8, 6}, 3e-4f), row = wide({3, 40}, 3e-4f);
  for (const DType type : {DType::i8, DType::i16}) {
    const bool narrow = type == DType::i8;
    const int most = narrow ? 127 : 32767;
    const float unit = 1.0f / static_cast<float>(most);
    const auto weight = [&](Dims dims, int axis) {
      const int64_t channels = dims[axis];
      return Operand{type, std::move(dims), by_channel(channels, axis, unit), -most, most};
    };
    const auto bias = [&](int64_t n) {
      return Operand{DType::i64, {n}, by_channel(n, 0, 3e-4f * unit), -9999, 9999};
    };
    SCOPED_TRACE(name_of(type));
    expect_like_float("Conv", same, {x, weight({10, 3, 3, 6}, 0), bias(10)}, {{2e-3f}, {0}, 0}, {},
                      DType::i16);
    const Attributes depthwise{{"layout", "nhwc"}, {"group", int64_t{6}}};
    expect_like_float("Conv", depthwise, {x, weight({6, 3, 3, 1}, 0), bias(6)}, {{8e-4f}, {0}, 0},
                      {}, DType::i16);
    expect_like_float("Gemm", dense, {row, weight({12, 40}, 0), bias(12)}, {{2e-3f}, {0}, 0}, {},
                      DType::i16);
    expect_like_float("Gemm", {}, {row, weight({40, 12}, 1)}, {{2e-3f}, {0}, 0}, {}, DType::i16);
    expect_like_float("MatMul", {}, {row, weight({40, 12}, 1)}, {{2e-3f}, {0}, 0}, {}, DType::i16);
  }
  expect_like_float("MatMul", {}, {wide({2, 5, 19}, 1e-4f), wide({2, 19, 6}, 2e-4f)},
                    {{2e-3f}, {0}, 0}, {}, DType::i16);
}

// Elementwise results in float have 24 bits, so that ties of 16-bit results may fall either way.
TEST(IntegerForm, WideElementsWindowsAndSums) {
  const Operand a = wide({3, 5, 7}, 3e-4f), b = wide({5, 1}, 1e-4f);
  for (const char* op : {"Add", "Sub", "Min", "Max"}) {
    expect_like_float(op, {}, {a, b}, {{4e-4f}, {0}, 0}, {}, DType::i16);
  }
  expect_like_float("Mul", {}, {a, b}, {{1e-3f}, {0}, 0}, {}, DType::i16);
  expect_like_float("Concat", {{"axis", int64_t{1}}}, {a, wide({3, 2, 7}, 1e-4f)},
                    {{2.5e-4f}, {0}, 0}, {}, DType::i16);
  const Attributes window{
      {"layout", "nhwc"}, {"kernel_shape", Ints{3, 3}}, {"auto_pad", "SAME_UPPER"}};
  const Operand image = wide({1, 9, 9, 5}, 3e-4f);
  expect_like_float("AveragePool", window, {image}, {{2e-4f}, {0}, 0}, {}, DType::i16);
  expect_like_float("MaxPool", window, {image}, image.quant, {}, DType::i16);
  const Tensor axes = Tensor::of<int64_t>({2}, {1, 2});
  expect_like_float("ReduceMean", {}, {image}, {{1e-4f}, {0}, 0}, {axes}, DType::i16);
  expect_like_float("ReduceSum", {}, {image}, {{5e-3f}, {0}, 0}, {axes}, DType::i16);
}

TEST(IntegerForm, WideHardSwishAndHardSigmoid) {
  for (const float range : {0.9f, 7.3f, 41.0f}) {
    const Operand x = wide({3, 4001}, range / 32767);
    const Quantization swish{{std::max(range, 0.375f) / 32767}, {0}, 0};
    expect_like_float("HardSwish", {}, {x}, swish, {}, DType::i16);
    const Quantization sigmoid{{1.0f / 32767}, {0}, 0};
    expect_like_float("HardSigmoid", {}, {x}, sigmoid, {}, DType::i16);
    expect_like_float("HardSigmoid", {{"alpha", -0.4f}, {"beta", 0.3f}}, {x}, sigmoid, {},
                      DType::i16);
  }
}

TEST(IntegerForm, WideSoftmax) {
  const Quantization out{{1.0f / 32768}, {0}, 0};
  for (const float scale : {1e-5f, 1e-4f, 1e-3f}) {
    const Operand x = wide({4, 30}, scale);
    expect_like_float("Softmax", {}, {x}, out, {}, DType::i16);
    expect_like_float("Softmax", {{"axis", int64_t{0}}}, {x}, out, {}, DType::i16);
  }
}

TEST(IntegerForm, RequantizeBetweenWidths) {
  const Operand narrow{.dims = {3, 99}}, x = wide({3, 99}, 3e-4f);
  const auto check = [](const Operand& from, const char* to, const Quantization& quant) {
    const Tensor codes = random_codes(from, 1), reals = reals_of(codes);
    const Quantization* stated = &quant;
    const TensorView in = codes.view();
    const auto y = evaluate(*find("Requantize"), {{"to", to}}, {&in, 1}, 1, 1 << 20, {&stated, 1});
    ASSERT_TRUE(y.ok()) << y.status().to_string();
    const std::vector<int64_t> got = to_int64((*y)[0].view());
    const double most = (*y)[0].dtype() == DType::i8 ? 127 : 32767;
    for (size_t i = 0; i < got.size(); ++i) {
      const double real = static_cast<double>(reals.data<float>()[i]);
      const double exact = real / static_cast<double>(quant.scale[0]) + quant.zero_point[0];
      ASSERT_NEAR(static_cast<double>(got[i]), std::clamp(exact, -most - 1, most), 0.502) << i;
    }
  };
  check(narrow, "i16", {{3e-4f}, {0}, 0});
  check(x, "i8", {{0.1f}, {-7}, 0});
  check(x, "i16", {{4e-4f}, {0}, 0});
}

// Entries 128 codes apart, by hand: -32768 is entry 0, -32767 lies 1/128 of the way to entry 1.
TEST(IntegerForm, WideLookupInterpolates) {
  Tensor table(DType::i16, {513});
  for (size_t i = 0; i < 513; ++i) {
    table.mutable_data<int16_t>()[i] = static_cast<int16_t>(i % 2 == 0 ? -100 : 300);
  }
  Tensor x = Tensor::of<int16_t>({6}, {-32768, -32767, -32704, -32640, 0, 32767});
  const Quantization quant{{0.5f}, {0}, 0};
  x.set_quant(std::make_shared<Quantization>(quant));
  const Quantization* stated = &quant;
  const std::vector<TensorView> in{x.view(), table.view()};
  const auto y = evaluate(*find("Lookup"), {}, in, 1, 1 << 20, {&stated, 1});
  ASSERT_TRUE(y.ok()) << y.status().to_string();
  // -100 + 400 / 128 = -96.875; halfway 100; the last code lies 127/128 of the way to entry 512.
  EXPECT_EQ(to_int64((*y)[0].view()), (std::vector<int64_t>{-100, -97, 100, 300, -100, -97}));
  const Tensor short_table(DType::i16, {300});
  const std::vector<TensorView> bad{x.view(), short_table.view()};
  EXPECT_FALSE(evaluate(*find("Lookup"), {}, bad, 1, 1 << 20, {&stated, 1}).ok());
}

TEST(IntegerForm, RequantizerRoundsHalfToEven) {
  const Requantizer quantize{.zero_point = 3};
  for (int32_t sum = -300; sum <= 300; ++sum) {
    const double exact = std::nearbyint(sum * 0.5) + 3;
    EXPECT_EQ(quantize(sum, 0.5f), static_cast<int32_t>(std::clamp(exact, -128.0, 127.0))) << sum;
  }
  const Requantizer clamped{.zero_point = -10, .low = -10, .high = 20};
  EXPECT_EQ(clamped(1 << 30, 1e6f), 20);
  EXPECT_EQ(clamped(-(1 << 30), 1e6f), -10);
  EXPECT_EQ(clamped(int64_t{7}, 1.0f), -3);
}

TEST(IntegerForm, RequantizeIsExactBetweenU8AndI8) {
  Tensor x(DType::u8, {256});
  for (size_t i = 0; i < 256; ++i) x.mutable_data<uint8_t>()[i] = static_cast<uint8_t>(i);
  x.set_quant(std::make_shared<Quantization>(Quantization{{0.1f}, {77}, 0}));
  const Quantization shifted{{0.1f}, {77 - 128}, 0};
  const Quantization* stated = &shifted;
  const TensorView in = x.view();
  const auto y = evaluate(*find("Requantize"), {{"to", "i8"}}, {&in, 1}, 1, 1 << 20, {&stated, 1});
  ASSERT_TRUE(y.ok()) << y.status().to_string();
  for (int i = 0; i < 256; ++i) {
    EXPECT_EQ((*y)[0].data<int8_t>()[static_cast<size_t>(i)], i - 128);
  }
}

TEST(IntegerForm, RefusesWhatItCannotDo) {
  const OpDef& conv = *find("Conv");
  Tensor x(DType::i8, {1, 4, 4, 2}), w(DType::i8, {3, 1, 1, 2});
  const Quantization stated{{0.5f}, {0}, 0};
  const Quantization* out = &stated;
  const auto status = [&](const Attributes& attrs, Quantization xq, Quantization wq) {
    x.set_quant(std::make_shared<Quantization>(xq));
    w.set_quant(std::make_shared<Quantization>(wq));
    const std::vector<TensorView> in{x.view(), w.view()};
    return evaluate(conv, attrs, in, 1, 1 << 20, {&out, 1}).status().code();
  };
  const Attributes nhwc{{"layout", "nhwc"}};
  EXPECT_EQ(status(nhwc, stated, stated), Code::ok);
  EXPECT_EQ(status({{"layout", "nhwc"}, {"activation", "tanh"}}, stated, stated),
            Code::unsupported);
  EXPECT_EQ(status(nhwc, {{0.0f}, {0}, 0}, stated), Code::unsupported);
  EXPECT_EQ(status(nhwc, {{1.0f}, {400}, 0}, stated), Code::unsupported);
  EXPECT_EQ(status(nhwc, stated, {{1, 1}, {0, 0}, 0}), Code::unsupported);
  EXPECT_EQ(status(nhwc, stated, {{1, 1}, {0, 0}, 3}), Code::unsupported);
  w = Tensor(DType::i16, {3, 1, 1, 2});  // wide weights beside 8-bit activations
  EXPECT_EQ(status(nhwc, stated, stated), Code::unsupported);
}

}  // namespace
}  // namespace fettle::ops
