// SPDX-License-Identifier: Apache-2.0
#include "data/image.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/files.h"
#include "data/image/resize.h"

namespace fettle::data {
namespace {

const std::string kPictures = FETTLE_SOURCE "/tests/data/pictures/";

using Level = std::function<int(int y, int x, int c)>;

// The picture of make_pictures.py: 7 wide, 5 high.
int ramp(int y, int x, int c) { return c == 0 ? x * 40 : c == 1 ? y * 60 : 255 - x * 40; }
int gray_ramp(int y, int x, int) { return x * 30 + y; }
int palette(int y, int x, int c) { return 10 + (x + y) % 4 * 30 + c * 10; }

void expect_levels(const Result<Tensor>& image, const Level& level) {
  ASSERT_TRUE(image.ok()) << image.status().to_string();
  ASSERT_EQ(image->dims(), (Dims{5, 7, 3}));
  for (int i = 0; i < 5 * 7 * 3; ++i) {
    EXPECT_EQ(image->data<uint8_t>()[i], level(i / 21, i / 3 % 7, i % 3)) << i;
  }
}

TEST(Image, EveryFormDecodesToTheSameLevels) {
  for (const char* name :
       {"rgb.png", "rgba.png", "interlaced.png", "rgb16.png", "rgb.bmp", "rgba.bmp"}) {
    SCOPED_TRACE(name);
    expect_levels(read_image(kPictures + name), ramp);
  }
  for (const char* name : {"gray.png", "gray_alpha.png", "gray16.png", "gray.bmp"}) {
    SCOPED_TRACE(name);
    expect_levels(read_image(kPictures + name), gray_ramp);
  }
  for (const char* name : {"palette.png", "palette_transparent.png"}) {
    expect_levels(read_image(kPictures + name), palette);
  }
  expect_levels(read_image(kPictures + "one_bit.png"),
                [](int y, int x, int) { return (x + y) % 2 * 255; });
}

TEST(Image, GrayIsBt601) {
  const auto image = read_image(kPictures + "rgb.png", Color::gray);
  ASSERT_TRUE(image.ok());
  ASSERT_EQ(image->dims(), (Dims{5, 7, 1}));
  for (int i = 0; i < 35; ++i) {
    const int y = i / 7, x = i % 7;
    const double expected = 0.299 * ramp(y, x, 0) + 0.587 * ramp(y, x, 1) + 0.114 * ramp(y, x, 2);
    EXPECT_NEAR(image->data<uint8_t>()[i], expected, 0.51);
  }
  EXPECT_EQ(read_image(kPictures + "gray.png", Color::gray)->data<uint8_t>()[6], 180);
}

TEST(Image, MasksKeepTheirIndices) {
  for (const char* name : {"palette.png", "palette_transparent.png"}) {
    const auto mask = read_mask(kPictures + name);
    ASSERT_TRUE(mask.ok()) << mask.status().to_string();
    ASSERT_EQ(mask->dims(), (Dims{5, 7}));
    for (int i = 0; i < 35; ++i) EXPECT_EQ(mask->data<uint8_t>()[i], (i / 7 + i % 7) % 4);
  }
  EXPECT_EQ(read_mask(kPictures + "gray.png")->data<uint8_t>()[6], 180);
  EXPECT_EQ(read_mask(kPictures + "one_bit.png")->data<uint8_t>()[1], 1);
  EXPECT_EQ(read_mask(kPictures + "gray.bmp")->data<uint8_t>()[0], 0);
  for (const char* name : {"rgb.png", "gray16.png", "rgb.bmp", "gray.jpg"}) {
    EXPECT_EQ(read_mask(kPictures + name).status().code(), Code::unsupported) << name;
  }
}

TEST(Image, RefusesCmykAndWhatIsNoPicture) {
  const auto cmyk = read_image(kPictures + "cmyk.jpg");
  EXPECT_EQ(cmyk.status().code(), Code::unsupported);
  EXPECT_NE(cmyk.status().message().find("CMYK"), std::string::npos);
  EXPECT_EQ(decode_image("GIF89a").status().code(), Code::unsupported);
  EXPECT_EQ(decode_image("").status().code(), Code::unsupported);
}

TEST(Image, TruncatedFilesAreErrors) {
  for (const char* name : {"rgb.png", "gray.bmp", "rgb.bmp", "gray.jpg", "progressive.jpg"}) {
    const auto bytes = read_file(kPictures + name);
    ASSERT_TRUE(bytes.ok());
    EXPECT_TRUE(decode_image(*bytes).ok()) << name;
    for (size_t n = 0; n < bytes->size() - 2; n += 3) {  // a JPEG's last two bytes only say 'end'
      const auto image = decode_image(std::string_view(*bytes).substr(0, n));
      EXPECT_FALSE(image.ok()) << name << " cut at " << n << " of " << bytes->size();
    }
  }
}

TEST(Image, HugeExtentsAreRefusedBeforeAllocation) {
  auto bmp = read_file(kPictures + "rgb.bmp");
  for (size_t at : {18, 22}) std::memcpy(bmp->data() + at, "\xff\xff\xff\x7f", 4);
  EXPECT_FALSE(decode_image(*bmp).ok());
  auto jpeg = read_file(kPictures + "gray.jpg");
  const size_t frame = jpeg->find("\xff\xc0");
  ASSERT_NE(frame, std::string::npos);
  std::memcpy(jpeg->data() + frame + 5, "\xff\xdc\xff\xdc", 4);
  const auto huge = decode_image(*jpeg);
  ASSERT_FALSE(huge.ok());
  EXPECT_NE(huge.status().message().find("limit"), std::string::npos);
}

// Pixels of real pictures as Pillow decodes them.
TEST(Image, AgreesWithPillowOnRealPictures) {
  if (!std::filesystem::exists(FETTLE_SHARED "/data/images")) GTEST_SKIP() << "no shared data";
  std::ifstream csv(kPictures + "sampled.csv");
  std::string line, current;
  std::getline(csv, line);
  Result<Tensor> image = Tensor();
  int compared = 0;
  while (std::getline(csv, line)) {
    const std::string file = line.substr(0, line.find(','));
    long v[7];  // height, width, y, x, r, g, b
    const char* p = line.c_str() + file.size();
    for (long& number : v) {
      char* end = nullptr;
      number = std::strtol(p + 1, &end, 10);
      p = end;
    }
    if (file != current) image = read_image(std::string(FETTLE_SHARED "/") + (current = file));
    ASSERT_TRUE(image.ok()) << image.status().to_string();
    ASSERT_EQ(image->dims(), (Dims{v[0], v[1], 3}));
    for (int c = 0; c < 3; ++c) {
      EXPECT_NEAR(image->data<uint8_t>()[(v[2] * v[1] + v[3]) * 3 + c], v[4 + c], 1) << line;
    }
    ++compared;
  }
  EXPECT_GT(compared, 300);
}

TEST(Image, EncodersGiveBackWhatTheyTook) {
  const Tensor image = *read_image(kPictures + "photo.png");
  for (const Tensor& t : {image, *read_image(kPictures + "photo.png", Color::gray)}) {
    const auto png = encode_png(t);
    ASSERT_TRUE(png.ok());
    const auto back = decode_image(*png, t.dims()[2] == 3 ? Color::rgb : Color::gray);
    ASSERT_TRUE(back.ok());
    EXPECT_TRUE(std::equal(back->data<uint8_t>().begin(), back->data<uint8_t>().end(),
                           t.data<uint8_t>().begin(), t.data<uint8_t>().end()));
    const auto jpeg = encode_jpeg(t, 95);
    ASSERT_TRUE(jpeg.ok());
    const auto near = decode_image(*jpeg, t.dims()[2] == 3 ? Color::rgb : Color::gray);
    ASSERT_TRUE(near.ok());
    ASSERT_EQ(near->dims(), t.dims());
    double sum = 0;
    for (int64_t i = 0; i < t.elements(); ++i) {
      sum += std::abs(near->data<uint8_t>()[i] - t.data<uint8_t>()[i]);
    }
    EXPECT_LT(sum / static_cast<double>(t.elements()), t.dims()[2] == 3 ? 15 : 4);
  }
  EXPECT_FALSE(encode_png(Tensor(DType::f32, {2, 2, 3})).ok());
  EXPECT_FALSE(encode_jpeg(Tensor(DType::u8, {2, 2})).ok());
  EXPECT_FALSE(encode_png(Tensor(DType::u8, {0, 2, 3})).ok());
}

int max_difference(const Tensor& a, const Tensor& b) {
  EXPECT_EQ(a.dims(), b.dims());
  int most = 0;
  for (int64_t i = 0; i < a.elements(); ++i) {
    most = std::max(most, std::abs(a.data<uint8_t>()[i] - b.data<uint8_t>()[i]));
  }
  return most;
}

TEST(Resize, AgreesWithPillowAndOpenCv) {
  const Tensor photo = *read_image(kPictures + "photo.png");
  for (const auto& [h, w] : {std::pair{20, 24}, {17, 31}, {64, 90}, {40, 13}}) {
    const std::string size = std::to_string(h) + "x" + std::to_string(w) + ".png";
    SCOPED_TRACE(size);
    const auto expected = [&](const char* what) { return *read_image(kPictures + what + size); };
    EXPECT_EQ(max_difference(resize_triangle(photo, h, w), expected("pillow_bilinear_")), 0);
    EXPECT_LE(max_difference(resize_bilinear(photo, h, w), expected("opencv_linear_")), 1);
  }
}

TEST(Resize, NearestAgreesWithPillow) {
  const Tensor photo = *read_image(kPictures + "photo.png");
  for (const auto& [h, w] : {std::pair{20, 24}, {64, 128}}) {
    const auto expected = read_image(kPictures + "pillow_nearest_" + std::to_string(h) + "x" +
                                     std::to_string(w) + ".png");
    ASSERT_TRUE(expected.ok());
    EXPECT_EQ(max_difference(resize_nearest(photo, h, w), *expected), 0);
  }
}

TEST(Resize, HandWorkedHalfPixelCentres) {
  // Two pixels to four: centres at -0.25, 0.25, 0.75, 1.25 of the source.
  const Tensor two = Tensor::of<uint8_t>({1, 2, 1}, {0, 100});
  const Tensor four = resize_bilinear(two, 1, 4);
  EXPECT_EQ(four.data<uint8_t>()[0], 0);
  EXPECT_EQ(four.data<uint8_t>()[1], 25);
  EXPECT_EQ(four.data<uint8_t>()[2], 75);
  EXPECT_EQ(four.data<uint8_t>()[3], 100);
}

}  // namespace
}  // namespace fettle::data
