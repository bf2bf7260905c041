// SPDX-License-Identifier: Apache-2.0
//
// One file per picture format; image.h is their face. Every decoder checks the extents that the
// header claims before it allocates.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "base/tensor.h"

namespace fettle::data {

// rgb: u8 [h, w, 3]. labels: u8 [h, w], palette indices or gray values as they are stored.
enum class Decode : unsigned char { rgb, labels };

Result<Tensor> decode_jpeg(std::string_view bytes, int64_t max_pixels);  // rgb
Result<Tensor> decode_png(std::string_view bytes, Decode what, int64_t max_pixels);
Result<Tensor> decode_bmp(std::string_view bytes, Decode what, int64_t max_pixels);

Status check_extents(int64_t width, int64_t height, int64_t max_pixels);
// u8, [h, w, 1 or 3], not empty.
Status check_encodable(const Tensor& image);

}  // namespace fettle::data
