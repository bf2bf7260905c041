// SPDX-License-Identifier: Apache-2.0
#include "data/preprocess.h"

#include <gtest/gtest.h>

#include <numeric>

namespace fettle::data {
namespace {

PreprocessSpec spec_of(std::string_view yaml) {
  auto spec = parse_preprocess(yaml);
  EXPECT_TRUE(spec.ok()) << spec.status().to_string();
  return spec.ok() ? *spec : PreprocessSpec();
}

Sample picture(const Dims& dims, std::vector<uint8_t> levels) {
  return {.id = "p",
          .kind = ItemKind::image,
          .item = Tensor::of<uint8_t>(dims, std::span<const uint8_t>(levels))};
}

TEST(PreprocessYaml, ReadsEveryKey) {
  const PreprocessSpec s = spec_of(
      "size: [192, 256]\nresize: center_crop\nshorter_side: 288\ninterpolation: bilinear\n"
      "antialias: true\ncolor: bgr\nscale: 1/255\nmean: [0.485, 0.456, 0.406]\nstd: 0.225\n"
      "layout: nhwc\ndtype: i8\n");
  EXPECT_EQ(s.height, 192);
  EXPECT_EQ(s.width, 256);
  EXPECT_EQ(s.resize, Resize::center_crop);
  EXPECT_EQ(s.shorter_side, 288);
  EXPECT_TRUE(s.antialias);
  EXPECT_EQ(s.color, ChannelOrder::bgr);
  EXPECT_FLOAT_EQ(s.scale, 1.0f / 255);
  EXPECT_EQ(s.mean, (std::vector<float>{0.485f, 0.456f, 0.406f}));
  EXPECT_EQ(s.std, (std::vector<float>{0.225f}));
  EXPECT_EQ(s.layout, Layout::nhwc);
  EXPECT_EQ(s.dtype, DType::i8);
  EXPECT_FALSE(spec_of("").normalizes());
}

TEST(PreprocessYaml, ErrorsNameTheKeyAndTheLine) {
  const struct {
    const char *yaml, *key, *place;
  } cases[] = {{"scale: 1\nmaen: 0\n", "'maen'", "line 2"},
               {"size: 224\n", "'size'", "line 1"},
               {"size: [0, 4]\n", "'size'", "line 1"},
               {"size: [16384, 16384]", "'size'", "line 1"},
               {"\n\nstd: [1, 0, 1]", "'std'", "line 3"},
               {"scale: 1/0", "'scale'", "line 1"},
               {"scale: nan", "'scale'", "line 1"},
               {"resize: zoom", "stretch, center_crop, letterbox", "line 1"},
               {"crop: 0.5", "'crop'", "line 1"},
               {"resize: center_crop\ncrop: 0.5\nshorter_side: 9", "exclude", "line 2"},
               {"resize: center_crop\nsize: [8, 8]\nshorter_side: 4", "'shorter_side'", "line 3"},
               {"pad: 3", "'pad'", "line 1"},
               {"scale: 1\nscale: 2", "twice", "line 2"},
               {"mean: {a: 1}", "'mean'", "line 1"},
               {"a: [1", "YAML", "line"}};
  for (const auto& c : cases) {
    const auto spec = parse_preprocess(c.yaml);
    ASSERT_FALSE(spec.ok()) << c.yaml;
    EXPECT_NE(spec.status().message().find(c.key), std::string::npos) << spec.status().to_string();
    EXPECT_NE(spec.status().place().find(c.place), std::string::npos) << spec.status().to_string();
  }
  EXPECT_FALSE(parse_preprocess(std::string(100, '[')).ok());
  EXPECT_FALSE(parse_preprocess(std::string(60000, '[')).ok());
  EXPECT_FALSE(parse_preprocess("- 1").ok());
}

// One pixel (10, 20, 30) by hand: (10/10 - 1) / 2 = 0; (20/10 - 1) / 2 = 0.5; (3 - 1) / 2 = 1.
TEST(MakeInput, HandWorkedNormalization) {
  const Sample s = picture({1, 2, 3}, {10, 20, 30, 40, 50, 60});
  const PreprocessSpec spec = spec_of("scale: 1/10\nmean: 1\nstd: [2, 2, 2]\n");
  const auto first = make_input(s, spec, {DType::f32, {1, 3, 1, 2}});
  ASSERT_TRUE(first.ok()) << first.status().to_string();
  EXPECT_EQ(to_float(first->view()), (std::vector<float>{0, 1.5, 0.5, 2, 1, 2.5}));
  const auto last = make_input(s, spec, {DType::f32, {1, 1, 2, 3}});
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(to_float(last->view()), (std::vector<float>{0, 0.5, 1, 1.5, 2, 2.5}));
  PreprocessSpec bgr = spec;
  bgr.color = ChannelOrder::bgr;
  const auto turned = make_input(s, bgr, {DType::f32, {0, 0, 0, 3}});
  EXPECT_EQ(to_float(turned->view()), (std::vector<float>{1, 0.5, 0, 2.5, 2, 1.5}));
  EXPECT_EQ(turned->dims(), (Dims{1, 1, 2, 3}));
  // scale 0.4, zero point -3: 0 -> -3; 1.5 / 0.4 = 3.75 -> 1; 0.5 / 0.4 = 1.25 -> -2; 2.5 -> 6 - 3.
  const Quantization quant{{0.4f}, {-3}};
  const auto q = make_input(s, spec, {DType::i8, {1, 3, 1, 2}, &quant});
  ASSERT_TRUE(q.ok());
  EXPECT_EQ(to_int64(q->view()), (std::vector<int64_t>{-3, 1, -2, 2, -1, 3}));  // 2.5: to even
}

TEST(MakeInput, EightBitsPassWhereNothingIsAsked) {
  const Sample s = picture({1, 1, 3}, {1, 128, 255});
  const Quantization quant{{1 / 128.0f}, {128}};
  EXPECT_EQ(to_int64(make_input(s, {}, {DType::u8, {1, 1, 1, 3}, &quant})->view()),
            (std::vector<int64_t>{1, 128, 255}));
  // Asked for: (p - 127.5) / 127.5 in steps of 1/128 around 128.
  const auto asked =
      make_input(s, spec_of("mean: 127.5\nstd: 127.5"), {DType::u8, {1, 1, 1, 3}, &quant});
  EXPECT_EQ(to_int64(asked->view()), (std::vector<int64_t>{1, 129, 255}));
}

TEST(MakeInput, GrayAndColourMeet) {
  const Sample gray = picture({1, 2, 1}, {7, 9});
  EXPECT_EQ(to_int64(make_input(gray, {}, {DType::u8, {1, 3, 1, 2}})->view()),
            (std::vector<int64_t>{7, 9, 7, 9, 7, 9}));
  const Sample colour = picture({1, 1, 3}, {255, 0, 0});
  EXPECT_EQ(to_int64(make_input(colour, {}, {DType::u8, {1, 1, 1, 1}})->view()),
            (std::vector<int64_t>{76}));  // 0.299 * 255 = 76.2
  // A flat input takes the picture's pixels in order.
  EXPECT_EQ(make_input(gray, {}, {DType::f32, {1, 2}})->dims(), (Dims{1, 2}));
  EXPECT_FALSE(make_input(gray, {}, {DType::f32, {1, 5}}).ok());
}

TEST(PlaceImage, HandWorkedPlaces) {
  // 640 x 480 wide into 224: shorter side 256, other side 256 * 640 / 480 = 341; (341 - 224) / 2 =
  // 58.5, to even 58.
  PreprocessSpec spec = spec_of("resize: center_crop\nshorter_side: 256");
  Placement at = *place_image(spec, 480, 640, 224, 224);
  EXPECT_EQ(at.height, 256);
  EXPECT_EQ(at.width, 341);
  EXPECT_EQ(at.top, -16);
  EXPECT_EQ(at.left, -58);
  at = *place_image(spec_of("resize: center_crop\ncrop: 0.875"), 640, 480, 224, 224);
  EXPECT_EQ(at.width, 256);
  EXPECT_EQ(at.height, 341);
  // Letterbox: 640 x 480 into 320 x 320 becomes 320 x 240 with 40 above and below.
  at = *place_image(spec_of("resize: letterbox"), 480, 640, 320, 320);
  EXPECT_EQ(at.height, 240);
  EXPECT_EQ(at.width, 320);
  EXPECT_EQ(at.top, 40);
  EXPECT_EQ(at.left, 0);
  EXPECT_FALSE(place_image(spec, 1, int64_t{1} << 25, 224, 224).ok());
}

TEST(MakeInput, LetterboxAndCropMovePixels) {
  const Sample wide = picture({1, 2, 1}, {50, 60});
  const auto boxed =
      make_input(wide, spec_of("resize: letterbox\npad: 3"), {DType::u8, {1, 2, 2, 1}});
  ASSERT_TRUE(boxed.ok());
  EXPECT_EQ(to_int64(boxed->view()), (std::vector<int64_t>{50, 60, 3, 3}));
  const Sample four = picture({2, 4, 1}, {1, 2, 3, 4, 5, 6, 7, 8});
  const auto crop =
      make_input(four, spec_of("resize: center_crop\ncrop: 1"), {DType::u8, {1, 2, 2, 1}});
  ASSERT_TRUE(crop.ok());
  EXPECT_EQ(to_int64(crop->view()), (std::vector<int64_t>{2, 3, 6, 7}));
}

TEST(MakeInput, NumbersAreReshapedTurnedAndScaled) {
  std::vector<float> values(12);
  std::iota(values.begin(), values.end(), 0.0f);
  Sample s{.item = Tensor::of<float>({2, 2, 3}, std::span<const float>(values))};
  EXPECT_EQ(to_float(make_input(s, {}, {DType::f32, {1, 2, 2, 3}})->view()), values);
  EXPECT_EQ(to_float(make_input(s, {}, {DType::f32, {1, 3, 2, 2}})->view()),
            (std::vector<float>{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}));
  EXPECT_EQ(make_input(s, {}, {DType::f32, {0, 0, 0, 0}})->dims(), (Dims{1, 2, 2, 3}));
  EXPECT_EQ(make_input(s, {}, {DType::f32, {1, 12}})->dims(), (Dims{1, 12}));
  EXPECT_FALSE(make_input(s, {}, {DType::f32, {1, 3, 4}}).ok());
  EXPECT_FALSE(make_input(s, {}, {DType::f32, {1, 13}}).ok());
  EXPECT_FALSE(make_input(s, spec_of("dtype: u8"), {DType::f32, {1, 12}}).ok());
  EXPECT_FALSE(make_input(s, spec_of("mean: [1, 2]"), {DType::f32, {1, 2, 2, 3}}).ok());
  EXPECT_EQ(to_float(make_input(s, spec_of("mean: [0, 1, 2]"), {DType::f32, {1, 2, 2, 3}})->view()),
            (std::vector<float>{0, 0, 0, 3, 3, 3, 6, 6, 6, 9, 9, 9}));
  // Codes of a quantized model stay what they are.
  const Quantization quant{{0.5f}, {10}};
  Sample codes{.item = Tensor::of<int8_t>({4}, {-128, 0, 1, 127})};
  EXPECT_EQ(to_int64(make_input(codes, {}, {DType::i8, {1, 2, 2, 1}, &quant})->view()),
            (std::vector<int64_t>{-128, 0, 1, 127}));
  Sample words{.item = Tensor::of<int64_t>({3}, {101, 7, 102})};
  EXPECT_EQ(to_int64(make_input(words, {}, {DType::i32, {1, 3}})->view()),
            (std::vector<int64_t>{101, 7, 102}));
  Sample text{.kind = ItemKind::text, .text = "good"};
  EXPECT_FALSE(make_input(text, {}, {DType::f32, {1, 3}}).ok());
}

}  // namespace
}  // namespace fettle::data
