// SPDX-License-Identifier: Apache-2.0
#include "recipes.h"

#include <cmath>
#include <vector>

#include "base/files.h"

namespace fettle::models {

namespace {

const std::string kData = FETTLE_SHARED "/data/";

struct Picture {
  int64_t height = 0, width = 0;
  std::vector<uint8_t> rgb;
};

uint32_t little(const std::string& bytes, size_t at) {
  uint32_t v = 0;
  for (size_t i = 0; i < 4; ++i) v |= uint32_t{static_cast<uint8_t>(bytes.at(at + i))} << (8 * i);
  return v;
}

// An uncompressed bottom-up 24-bit BMP.
Result<Picture> read_bitmap(const std::string& path) {
  FETTLE_ASSIGN(const std::string bytes, read_file(path));
  Picture p;
  const size_t start = little(bytes, 10);
  p.width = little(bytes, 18);
  p.height = little(bytes, 22);
  const size_t step = (static_cast<size_t>(p.width) * 3 + 3) / 4 * 4;
  for (int64_t y = p.height - 1; y >= 0; --y) {
    for (int64_t x = 0; x < p.width; ++x) {
      const size_t at = start + static_cast<size_t>(y) * step + static_cast<size_t>(x) * 3;
      for (size_t c : {2, 1, 0}) p.rgb.push_back(static_cast<uint8_t>(bytes.at(at + c)));
    }
  }
  return p;
}

std::vector<float> nearest(const Picture& p, int64_t height, int64_t width) {
  std::vector<float> out;
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const int64_t at = (y * p.height / height * p.width + x * p.width / width) * 3;
      for (int64_t c = 0; c < 3; ++c) out.push_back(p.rgb[static_cast<size_t>(at + c)]);
    }
  }
  return out;
}

std::vector<float> to_planes(const std::vector<float>& pixels) {
  std::vector<float> out(pixels.size());
  const size_t plane = pixels.size() / 3;
  for (size_t i = 0; i < pixels.size(); ++i) out[i % 3 * plane + i / 3] = pixels[i];
  return out;
}

std::vector<float> random_numbers(uint64_t state, int64_t count) {
  std::vector<float> out;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    out.push_back(static_cast<float>(state >> 40) * 0x1p-24f);
  }
  return out;
}

}  // namespace

Result<Tensor> make_input(const nlohmann::json& document, const nlohmann::json& recipe,
                          const TensorView& like) {
  const bool planes = document.at("planes");
  std::vector<float> values;
  if (recipe.contains("bitmap")) {
    FETTLE_ASSIGN(const Picture picture,
                  read_bitmap(kData + "images/" + recipe.at("bitmap").get<std::string>()));
    const Dims& d = like.dims;
    values = nearest(picture, planes ? d[2] : d[1], planes ? d[3] : d[2]);
    if (planes) values = to_planes(values);
  } else if (recipe.contains("raw")) {
    FETTLE_ASSIGN(const std::string codes,
                  read_file(kData + "kws01/" + recipe.at("raw").get<std::string>()));
    for (char c : codes) values.push_back(static_cast<signed char>(c));
  } else {
    values = random_numbers(recipe.at("random").get<uint64_t>(), like.elements());
  }
  if (static_cast<int64_t>(values.size()) != like.elements()) {
    return invalid_input("the recipe makes " + std::to_string(values.size()) +
                         " numbers, the model takes " + like.dims.to_string());
  }
  const auto scale = static_cast<float>(document.at("scale").get<double>());
  const auto bias = static_cast<float>(document.at("bias").get<double>());
  Tensor input(like.dtype, like.dims);
  for (size_t i = 0; i < values.size(); ++i) {
    const float v = values[i] * scale + bias;
    switch (like.dtype) {
      case DType::f32:
        input.mutable_data<float>()[i] = v;
        break;
      case DType::i8:
        input.mutable_data<int8_t>()[i] = static_cast<int8_t>(std::rint(v));
        break;
      case DType::i16:
        input.mutable_data<int16_t>()[i] = static_cast<int16_t>(std::rint(v));
        break;
      case DType::u8:
        input.mutable_data<uint8_t>()[i] = static_cast<uint8_t>(std::rint(v));
        break;
      default:
        return unsupported("an input of type " + std::string(name_of(like.dtype)));
    }
  }
  return input;
}

}  // namespace fettle::models
