// SPDX-License-Identifier: Apache-2.0
//
// Picture decoders, and preprocessing of whatever they take.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "data/image.h"
#include "data/preprocess.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fettle::data;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  constexpr int64_t kFewPixels = 1 << 18;
  const auto mask = decode_mask(bytes, kFewPixels);
  auto image = decode_image(bytes, Color::rgb, kFewPixels);
  if (!image.ok()) return 0;
  if (image->dims().rank() != 3 || image->elements() > kFewPixels * 3) std::abort();
  Sample sample;
  sample.kind = ItemKind::image;
  sample.item = *image;
  PreprocessSpec spec;
  spec.antialias = size % 2 == 0;
  for (Resize resize : {Resize::stretch, Resize::center_crop, Resize::letterbox}) {
    spec.resize = resize;
    const auto input = make_input(sample, spec, {fettle::DType::u8, {1, 3, 24, 32}, nullptr});
    if (input.ok() && input->elements() != 3 * 24 * 32) std::abort();
  }
  return 0;
}
