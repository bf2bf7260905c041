// SPDX-License-Identifier: Apache-2.0
//
// Windows bitmaps without compression: 8-bit palette, 24 and 32 bits. Rows lie bottom up unless
// the height is negative, each padded to four bytes; pixels are blue, green, red.
#include <array>
#include <cstring>

#include "data/image/codecs.h"

namespace fettle::data {

namespace {
constexpr size_t kFileHeader = 14, kInfoHeader = 40;

struct Header {
  size_t pixels_at = 0, palette_at = 0, palette_entries = 0;
  int64_t width = 0, height = 0;
  bool top_down = false;
  size_t bits = 0;
  size_t row_bytes = 0;
};

uint32_t u32(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}
uint16_t u16(std::string_view bytes, size_t at) {
  uint16_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

Status read_header(std::string_view bytes, int64_t max_pixels, Header* h) {
  if (bytes.size() < kFileHeader + kInfoHeader) return invalid_input("the BMP ends in its header");
  const size_t info_bytes = u32(bytes, 14);
  if (info_bytes < kInfoHeader || info_bytes > bytes.size() - kFileHeader) {
    return unsupported("the BMP has an unknown header");
  }
  h->pixels_at = u32(bytes, 10);
  h->width = static_cast<int32_t>(u32(bytes, 18));
  h->height = static_cast<int32_t>(u32(bytes, 22));
  h->top_down = h->height < 0;
  if (h->top_down) h->height = -h->height;
  h->bits = u16(bytes, 28);
  const uint32_t compression = u32(bytes, 30);
  // 3: the places of the colours are given by masks; the usual ones are what 32 bits mean anyway.
  constexpr uint32_t kNone = 0, kMasks = 3;
  const bool usual_masks = compression == kMasks && h->bits == 32 && bytes.size() >= 66 &&
                           u32(bytes, 54) == 0xff0000 && u32(bytes, 58) == 0xff00 &&
                           u32(bytes, 62) == 0xff;
  if (compression != kNone && !usual_masks) {
    return unsupported("the BMP is compressed; save it as PNG");
  }
  if (h->bits != 8 && h->bits != 24 && h->bits != 32) {
    return unsupported("a BMP of " + std::to_string(h->bits) + " bits a pixel is not read");
  }
  FETTLE_TRY(check_extents(h->width, h->height, max_pixels));
  h->row_bytes = (static_cast<size_t>(h->width) * h->bits + 31) / 32 * 4;
  if (h->pixels_at > bytes.size() ||
      h->row_bytes * static_cast<size_t>(h->height) > bytes.size() - h->pixels_at) {
    return invalid_input("the BMP is truncated");
  }
  if (h->bits == 8) {
    h->palette_at = kFileHeader + info_bytes;
    h->palette_entries = u32(bytes, 46) == 0 ? 256 : u32(bytes, 46);
    if (h->palette_entries > 256 || h->palette_at + h->palette_entries * 4 > bytes.size()) {
      return invalid_input("the BMP has a bad palette");
    }
  }
  return {};
}
}  // namespace

Result<Tensor> decode_bmp(std::string_view bytes, Decode what, int64_t max_pixels) {
  Header h;
  FETTLE_TRY(read_header(bytes, max_pixels, &h));
  if (what == Decode::labels && h.bits != 8) {
    return unsupported("labels must be a BMP of 8-bit palette indices, not of colours");
  }
  std::array<uint8_t, 256 * 4> palette{};
  std::memcpy(palette.data(), bytes.data() + h.palette_at, h.palette_entries * 4);
  Dims dims{h.height, h.width};
  if (what == Decode::rgb) dims.push_back(3);
  Tensor image(DType::u8, dims);
  uint8_t* to = image.mutable_data<uint8_t>().data();
  for (int64_t y = 0; y < h.height; ++y) {
    const auto stored = static_cast<size_t>(h.top_down ? y : h.height - 1 - y);
    const auto* row =
        reinterpret_cast<const uint8_t*>(bytes.data()) + h.pixels_at + stored * h.row_bytes;
    for (int64_t x = 0; x < h.width; ++x) {
      if (what == Decode::labels) {
        *to++ = row[x];
        continue;
      }
      const uint8_t* bgr =
          h.bits == 8 ? &palette[size_t{row[x]} * 4] : row + static_cast<size_t>(x) * (h.bits / 8);
      *to++ = bgr[2];
      *to++ = bgr[1];
      *to++ = bgr[0];
    }
  }
  return image;
}

}  // namespace fettle::data
