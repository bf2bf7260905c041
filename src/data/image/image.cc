// SPDX-License-Identifier: Apache-2.0
#include "data/image.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/files.h"
#include "data/image/codecs.h"

namespace fettle::data {

namespace {
constexpr size_t kMaxFileBytes = size_t{512} << 20;

Tensor to_gray(const Tensor& rgb) {
  Tensor gray(DType::u8, {rgb.dims()[0], rgb.dims()[1], 1});
  const std::span<const uint8_t> from = rgb.data<uint8_t>();
  const std::span<uint8_t> to = gray.mutable_data<uint8_t>();
  for (size_t i = 0; i < to.size(); ++i) {
    to[i] = gray_level(from[3 * i], from[3 * i + 1], from[3 * i + 2]);
  }
  return gray;
}

Result<Tensor> with_place(Result<Tensor> result, const std::string& path) {
  if (!result.ok()) return result.take_status().at(path);
  return result;
}
}  // namespace

bool is_image_name(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || name.size() - dot > 5) return false;
  std::string suffix(name.substr(dot));
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::array<std::string_view, 4> kSuffixes = {".jpg", ".jpeg", ".png", ".bmp"};
  return std::find(kSuffixes.begin(), kSuffixes.end(), suffix) != kSuffixes.end();
}

Status check_extents(int64_t width, int64_t height, int64_t max_pixels) {
  if (width <= 0 || height <= 0) return invalid_input("the picture is empty");
  if (width > max_pixels / height) {
    return invalid_input("the picture has " + std::to_string(width) + " x " +
                         std::to_string(height) + " pixels, over the limit of " +
                         std::to_string(max_pixels));
  }
  return {};
}

Status check_encodable(const Tensor& image) {
  const Dims& dims = image.dims();
  if (image.dtype() != DType::u8 || dims.rank() != 3 || (dims[2] != 1 && dims[2] != 3)) {
    return invalid_input("only u8 tensors of height x width x 1 or 3 can be saved as a picture");
  }
  return check_extents(dims[1], dims[0], kMaxPixels);
}

Result<Tensor> decode_image(std::string_view bytes, Color color, int64_t max_pixels) {
  auto decoded = [&]() -> Result<Tensor> {
    if (bytes.starts_with("\xff\xd8")) return decode_jpeg(bytes, max_pixels);
    if (bytes.starts_with("\x89PNG")) return decode_png(bytes, Decode::rgb, max_pixels);
    if (bytes.starts_with("BM")) return decode_bmp(bytes, Decode::rgb, max_pixels);
    return unsupported("not a picture that can be read; JPEG, PNG and BMP can");
  }();
  if (!decoded.ok() || color == Color::rgb) return decoded;
  return to_gray(*decoded);
}

Result<Tensor> read_image(const std::string& path, Color color) {
  FETTLE_ASSIGN(const std::string bytes, read_file(path, kMaxFileBytes));
  return with_place(decode_image(bytes, color), path);
}

Result<Tensor> decode_mask(std::string_view bytes, int64_t max_pixels) {
  if (bytes.starts_with("\x89PNG")) return decode_png(bytes, Decode::labels, max_pixels);
  if (bytes.starts_with("BM")) return decode_bmp(bytes, Decode::labels, max_pixels);
  return unsupported("not a picture of labels; a palette or gray PNG or BMP is one");
}

Result<Tensor> read_mask(const std::string& path) {
  FETTLE_ASSIGN(const std::string bytes, read_file(path, kMaxFileBytes));
  return with_place(decode_mask(bytes), path);
}

}  // namespace fettle::data
