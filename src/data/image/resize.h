// SPDX-License-Identifier: Apache-2.0
//
// Resizing of u8 pictures [h, w, channels]; the result is u8 again, as in OpenCV and Pillow.
// All sampling is by half-pixel centres.
#pragma once

#include <cstdint>

#include "base/tensor.h"

namespace fettle::data {

Tensor resize_nearest(const Tensor& image, int64_t height, int64_t width);
// Two samples an axis, whatever the factor: OpenCV's INTER_LINEAR within one level.
Tensor resize_bilinear(const Tensor& image, int64_t height, int64_t width);
// A triangle as wide as the factor, columns first, rounded between: Pillow's BILINEAR bit for bit.
Tensor resize_triangle(const Tensor& image, int64_t height, int64_t width);

}  // namespace fettle::data
