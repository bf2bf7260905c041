// SPDX-License-Identifier: Apache-2.0
//
// libpng reports an error by a function that must not return, hence setjmp; the rules are those of
// jpeg.cc: no destructors in a function that calls setjmp, and state that changes lives outside.
#include <png.h>

#include <csetjmp>
#include <cstring>
#include <vector>

#include "data/image/codecs.h"

namespace fettle::data {

namespace {
constexpr png_alloc_size_t kMaxChunkBytes = 8u << 20;

struct Decoder {
  png_structp png = nullptr;
  png_infop info = nullptr;
  const char* next = nullptr;
  size_t left = 0;
  std::jmp_buf jump;
  char message[160] = "out of memory";
  // After read_header:
  png_uint_32 width = 0, height = 0;
  int depth = 0, color = 0;
  size_t row_bytes = 0;

  ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto* d = static_cast<Decoder*>(png_get_error_ptr(png));
  std::strncpy(d->message, message, sizeof d->message - 1);
  std::longjmp(d->jump, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep to, size_t size) {
  auto* d = static_cast<Decoder*>(png_get_io_ptr(png));
  if (size > d->left) png_error(png, "the file ends early");
  std::memcpy(to, d->next, size);
  d->next += size;
  d->left -= size;
}

// False: message says why.
bool read_header(Decoder* d) {
  if (setjmp(d->jump) != 0) return false;
  d->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, d, on_error, on_warning);
  if (d->png == nullptr) return false;
  d->info = png_create_info_struct(d->png);
  if (d->info == nullptr) return false;
  png_set_read_fn(d->png, d, on_read);
  png_set_chunk_malloc_max(d->png, kMaxChunkBytes);
  png_read_info(d->png, d->info);
  png_get_IHDR(d->png, d->info, &d->width, &d->height, &d->depth, &d->color, nullptr, nullptr,
               nullptr);
  return true;
}

bool start_rows(Decoder* d, Decode what) {
  if (setjmp(d->jump) != 0) return false;
  if (what == Decode::rgb) {
    png_set_strip_16(d->png);
    png_set_palette_to_rgb(d->png);
    if ((d->color & PNG_COLOR_MASK_COLOR) == 0) {
      if (d->depth < 8) png_set_expand_gray_1_2_4_to_8(d->png);
      png_set_gray_to_rgb(d->png);
    }
    png_set_strip_alpha(d->png);
  } else {
    png_set_packing(d->png);  // one index a byte, not stretched
  }
  png_set_interlace_handling(d->png);
  png_read_update_info(d->png, d->info);
  d->row_bytes = png_get_rowbytes(d->png, d->info);
  return true;
}

bool read_rows(Decoder* d, png_bytepp rows) {
  if (setjmp(d->jump) != 0) return false;
  png_read_image(d->png, rows);
  png_read_end(d->png, nullptr);
  return true;
}
}  // namespace

Result<Tensor> decode_png(std::string_view bytes, Decode what, int64_t max_pixels) {
  Decoder decoder;
  decoder.next = bytes.data();
  decoder.left = bytes.size();
  if (!read_header(&decoder)) {
    return invalid_input(std::string("not a readable PNG: ") + decoder.message);
  }
  FETTLE_TRY(check_extents(decoder.width, decoder.height, max_pixels));
  if (what == Decode::labels) {
    const bool one_number =
        decoder.color == PNG_COLOR_TYPE_PALETTE || decoder.color == PNG_COLOR_TYPE_GRAY;
    if (!one_number || decoder.depth > 8) {
      return unsupported("labels must be a PNG of 8-bit gray or palette indices, not of colours");
    }
  }
  if (!start_rows(&decoder, what)) {
    return invalid_input(std::string("not a readable PNG: ") + decoder.message);
  }
  const size_t channels = what == Decode::rgb ? 3 : 1;
  if (decoder.row_bytes != decoder.width * channels) {
    return unsupported("the PNG has an unusual form of pixel");
  }
  Dims dims{decoder.height, decoder.width};
  if (what == Decode::rgb) dims.push_back(3);
  Tensor image(DType::u8, dims);
  std::vector<png_bytep> rows(decoder.height);
  for (size_t y = 0; y < rows.size(); ++y) {
    rows[y] = image.mutable_data<uint8_t>().data() + y * decoder.row_bytes;
  }
  if (!read_rows(&decoder, rows.data())) {
    return invalid_input(std::string("the PNG is damaged or truncated: ") + decoder.message);
  }
  return image;
}

Result<std::string> encode_png(const Tensor& image) {
  FETTLE_TRY(check_encodable(image));
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  header.height = static_cast<png_uint_32>(image.dims()[0]);
  header.width = static_cast<png_uint_32>(image.dims()[1]);
  header.format = image.dims()[2] == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  const uint8_t* pixels = image.data<uint8_t>().data();
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(header);
  std::string out(size, '\0');
  if (png_image_write_to_memory(&header, out.data(), &size, 0, pixels, 0, nullptr) == 0) {
    return Status(Code::failed, std::string("cannot encode a PNG: ") + header.message);
  }
  out.resize(size);
  return out;
}

}  // namespace fettle::data
