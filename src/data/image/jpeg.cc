// SPDX-License-Identifier: Apache-2.0
//
// libjpeg reports an error by a function that must not return, hence setjmp. The functions that
// call setjmp hold nothing with a destructor: what owns memory lives in their callers, and what
// changes between setjmp and longjmp lives in a struct that is not local to them.
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
// jpeglib.h needs <cstdio> before it.
#include <jpeglib.h>
// jerror.h needs jpeglib.h before it.
#include <jerror.h>

#include <climits>

#include "data/image/codecs.h"

namespace fettle::data {

namespace {
constexpr int kMaxScans = 200;  // a progressive file can ask for endless passes over the picture

struct ErrorState {
  jpeg_error_mgr base;  // first: libjpeg hands this struct back as a pointer to its first member
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
  bool damaged;
};

[[noreturn]] void on_error(j_common_ptr cinfo) {
  auto* state = reinterpret_cast<ErrorState*>(cinfo->err);
  (*cinfo->err->format_message)(cinfo, state->message);
  std::longjmp(state->jump, 1);
}

// Warnings go by; but a file whose end or whose codes are missing is not what was photographed.
void on_message(j_common_ptr cinfo, int level) {
  auto* state = reinterpret_cast<ErrorState*>(cinfo->err);
  const int code = cinfo->err->msg_code;
  if (level >= 0 || state->damaged) return;
  if (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE) {
    state->damaged = true;
    (*cinfo->err->format_message)(cinfo, state->message);
  }
}

void on_progress(j_common_ptr cinfo) {
  if (cinfo->is_decompressor == 0) return;
  if (reinterpret_cast<j_decompress_ptr>(cinfo)->input_scan_number > kMaxScans) {
    auto* state = reinterpret_cast<ErrorState*>(cinfo->err);
    std::snprintf(state->message, sizeof state->message, "more than %d scans", kMaxScans);
    std::longjmp(state->jump, 1);
  }
}

void prepare(ErrorState* state) {
  jpeg_std_error(&state->base);
  state->base.error_exit = on_error;
  state->base.emit_message = on_message;
  state->message[0] = '\0';
  state->damaged = false;
}

struct Decoder {
  jpeg_decompress_struct cinfo{};
  jpeg_progress_mgr progress{};
  ErrorState error{};
  Decoder() { prepare(&error); }
  ~Decoder() { jpeg_destroy_decompress(&cinfo); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
};

// False: error.message says why.
bool read_header(Decoder* d, const unsigned char* bytes, unsigned long size) {
  if (setjmp(d->error.jump) != 0) return false;
  d->cinfo.err = &d->error.base;
  jpeg_create_decompress(&d->cinfo);
  d->progress.progress_monitor = on_progress;
  d->cinfo.progress = &d->progress;
  d->cinfo.mem->max_memory_to_use = 1l << 30;
  jpeg_mem_src(&d->cinfo, bytes, size);
  return jpeg_read_header(&d->cinfo, TRUE) == JPEG_HEADER_OK;
}

bool read_rows(Decoder* d, unsigned char* rgb) {
  if (setjmp(d->error.jump) != 0) return false;
  d->cinfo.out_color_space = JCS_RGB;
  jpeg_start_decompress(&d->cinfo);
  while (d->cinfo.output_scanline < d->cinfo.output_height) {
    JSAMPROW row = rgb + size_t{d->cinfo.output_scanline} * d->cinfo.output_width * 3;
    jpeg_read_scanlines(&d->cinfo, &row, 1);
  }
  jpeg_finish_decompress(&d->cinfo);
  return true;
}

struct Encoder {
  jpeg_compress_struct cinfo{};
  ErrorState error{};
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  Encoder() { prepare(&error); }
  ~Encoder() {
    jpeg_destroy_compress(&cinfo);
    std::free(bytes);
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
};

bool write_rows(Encoder* e, const unsigned char* pixels, int width, int height, int channels,
                int quality_percent) {
  if (setjmp(e->error.jump) != 0) return false;
  e->cinfo.err = &e->error.base;
  jpeg_create_compress(&e->cinfo);
  jpeg_mem_dest(&e->cinfo, &e->bytes, &e->size);
  e->cinfo.image_width = static_cast<JDIMENSION>(width);
  e->cinfo.image_height = static_cast<JDIMENSION>(height);
  e->cinfo.input_components = channels;
  e->cinfo.in_color_space = channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
  jpeg_set_defaults(&e->cinfo);
  jpeg_set_quality(&e->cinfo, quality_percent, TRUE);
  jpeg_start_compress(&e->cinfo, TRUE);
  while (e->cinfo.next_scanline < e->cinfo.image_height) {
    // libjpeg does not write to its input, though its interface does not say so.
    JSAMPROW row = const_cast<unsigned char*>(pixels + size_t{e->cinfo.next_scanline} *
                                                           static_cast<size_t>(width) * channels);
    jpeg_write_scanlines(&e->cinfo, &row, 1);
  }
  jpeg_finish_compress(&e->cinfo);
  return true;
}
}  // namespace

Result<Tensor> decode_jpeg(std::string_view bytes, int64_t max_pixels) {
  Decoder decoder;
  if (!read_header(&decoder, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size())) {
    return invalid_input(std::string("not a readable JPEG: ") + decoder.error.message);
  }
  const J_COLOR_SPACE space = decoder.cinfo.jpeg_color_space;
  if (space == JCS_CMYK || space == JCS_YCCK) {
    return unsupported("the JPEG is in CMYK; convert it to RGB");
  }
  FETTLE_TRY(check_extents(decoder.cinfo.image_width, decoder.cinfo.image_height, max_pixels));
  Tensor image(DType::u8, {decoder.cinfo.image_height, decoder.cinfo.image_width, 3});
  const bool done = read_rows(&decoder, image.mutable_data<uint8_t>().data());
  if (!done || decoder.error.damaged) {
    return invalid_input(std::string("the JPEG is damaged or truncated: ") + decoder.error.message);
  }
  return image;
}

Result<std::string> encode_jpeg(const Tensor& image, int quality_percent) {
  FETTLE_TRY(check_encodable(image));
  const Dims& dims = image.dims();
  if (dims[0] > JPEG_MAX_DIMENSION || dims[1] > JPEG_MAX_DIMENSION) {
    return invalid_input("a JPEG has at most 65500 pixels a side");
  }
  Encoder encoder;
  if (!write_rows(&encoder, image.data<uint8_t>().data(), static_cast<int>(dims[1]),
                  static_cast<int>(dims[0]), static_cast<int>(dims[2]), quality_percent)) {
    return Status(Code::failed, std::string("cannot encode a JPEG: ") + encoder.error.message);
  }
  return std::string(reinterpret_cast<char*>(encoder.bytes), encoder.size);
}

}  // namespace fettle::data
