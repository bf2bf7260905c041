// SPDX-License-Identifier: Apache-2.0
//
// Pictures from bytes and back. JPEG, PNG and uncompressed BMP decode into 8-bit RGB, as height x
// width x 3, top row first; gray and palettes are expanded, alpha is dropped (not blended), 16 bits
// keep their upper byte. An orientation in EXIF is not applied. CMYK JPEG is refused, since its
// meaning depends on a colour profile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "base/tensor.h"

namespace fettle::data {

inline constexpr int64_t kMaxPixels = int64_t{64} << 20;

enum class Color : unsigned char { rgb, gray };

// Whether the name ends like a picture's (.jpg, .jpeg, .png, .bmp; any case).
bool is_image_name(std::string_view name);

// 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601) in 16-bit weights that sum to 1: gray stays as it is.
inline uint8_t gray_level(uint8_t red, uint8_t green, uint8_t blue) {
  return static_cast<uint8_t>((red * 19595u + green * 38470u + blue * 7471u + 0x8000u) >> 16);
}

// u8, [height, width, 3], or [height, width, 1] for gray.
// A picture of more than `max_pixels` is refused before anything is allocated.
Result<Tensor> decode_image(std::string_view bytes, Color color = Color::rgb,
                            int64_t max_pixels = kMaxPixels);
Result<Tensor> read_image(const std::string& path, Color color = Color::rgb);

// A picture of labels: u8, [height, width]. A palette's indices and a gray picture's values (of 1
// to 8 bits, not stretched to 255) are the labels; a picture in colour is refused. PNG and BMP.
Result<Tensor> decode_mask(std::string_view bytes, int64_t max_pixels = kMaxPixels);
Result<Tensor> read_mask(const std::string& path);

// `image` is u8, [height, width, 3] or [height, width, 1] (gray).
Result<std::string> encode_png(const Tensor& image);
Result<std::string> encode_jpeg(const Tensor& image, int quality_percent = 92);

}  // namespace fettle::data
