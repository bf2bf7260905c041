// SPDX-License-Identifier: Apache-2.0
//
// The distribution of one activation over the calibration samples, in bounded memory, and the
// int8 or int16 range that loses least of it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/tensor.h"

namespace fettle::quantize {

// Counts in kBins equal bins. When a value lies outside, the range doubles (bins are merged in
// pairs), so that samples are seen once and never kept.
class Histogram {
 public:
  static constexpr int kBins = 2048;
  void add(std::span<const float> values);  // values that are not finite are ignored
  int64_t count() const { return count_; }
  float min() const { return min_; }
  float max() const { return max_; }

  // Mean squared error of quantizing what was seen to [lo, hi] in `levels` steps: what is inside
  // rounds, what is outside is clipped. Bins stand for their centres.
  double squared_error(float lo, float hi, int levels) const;

 private:
  void cover(float lo, float hi);
  double low_ = 0, width_ = 0;  // of the first bin's left edge, of one bin; width 0: empty
  std::vector<int64_t> bins_;
  int64_t count_ = 0;
  float min_ = 0, max_ = 0;
};

// Scale and zero point of an int8 activation, affine: the range, containing zero, whose mean
// squared error is least. Both ends shrink from the extremes by the same grid of factors.
Quantization choose_int8(const Histogram& histogram);
// The same from a range that is known (a ReLU6's, say).
Quantization int8_from_range(float lo, float hi);
// Scale of an int16 activation, symmetric: the largest magnitude becomes 32767. With steps this
// fine, rounding costs less than clipping anything would.
Quantization choose_int16(const Histogram& histogram);

}  // namespace fettle::quantize
