// SPDX-License-Identifier: Apache-2.0
#include "data/image/resize.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace fettle::data {

namespace {
struct Pair {  // the two samples of one output position
  int64_t first, second;
  float weight;  // of the second
};

std::vector<Pair> bilinear_pairs(int64_t in, int64_t out) {
  std::vector<Pair> pairs(static_cast<size_t>(out));
  const double factor = static_cast<double>(in) / static_cast<double>(out);
  for (int64_t i = 0; i < out; ++i) {
    const double at = std::max(0.0, (static_cast<double>(i) + 0.5) * factor - 0.5);
    const int64_t first = std::min(static_cast<int64_t>(at), in - 1);
    pairs[i] = {first, std::min(first + 1, in - 1), static_cast<float>(at - first)};
  }
  return pairs;
}

constexpr int kWeightBits = 22;

struct Window {  // the samples of one output position: begin + 0 .. count
  int64_t begin, count;
  size_t weights_at;
};
struct Windows {
  std::vector<Window> windows;
  std::vector<int32_t> weights;  // sum to 2^kWeightBits in each window, up to rounding
};

Windows triangle_windows(int64_t in, int64_t out) {
  Windows w;
  const double factor = static_cast<double>(in) / static_cast<double>(out);
  const double support = std::max(factor, 1.0);
  std::vector<double> raw;
  for (int64_t i = 0; i < out; ++i) {
    const double center = (static_cast<double>(i) + 0.5) * factor;
    const auto begin = std::max<int64_t>(0, static_cast<int64_t>(center - support + 0.5));
    const auto end = std::min(in, static_cast<int64_t>(center + support + 0.5));
    raw.clear();
    double sum = 0;
    for (int64_t s = begin; s < end; ++s) {
      const double distance = std::abs((static_cast<double>(s) - center + 0.5) / support);
      raw.push_back(std::max(0.0, 1.0 - distance));
      sum += raw.back();
    }
    w.windows.push_back({begin, end - begin, w.weights.size()});
    for (double weight : raw) {
      w.weights.push_back(static_cast<int32_t>(0.5 + weight / sum * (1 << kWeightBits)));
    }
  }
  return w;
}

// Resizes the middle axis of [outer, in, inner].
void resample(const uint8_t* from, uint8_t* to, int64_t outer, int64_t in, int64_t inner,
              const Windows& w) {
  constexpr int32_t kHalf = 1 << (kWeightBits - 1);
  for (int64_t o = 0; o < outer; ++o) {
    for (const Window& window : w.windows) {
      const uint8_t* source = from + (o * in + window.begin) * inner;
      for (int64_t i = 0; i < inner; ++i) {
        int32_t sum = kHalf;
        for (int64_t k = 0; k < window.count; ++k) {
          sum += source[k * inner + i] * w.weights[window.weights_at + static_cast<size_t>(k)];
        }
        *to++ = static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
      }
    }
  }
}
}  // namespace

Tensor resize_nearest(const Tensor& image, int64_t height, int64_t width) {
  const int64_t in_h = image.dims()[0], in_w = image.dims()[1], channels = image.dims()[2];
  Tensor out(DType::u8, {height, width, channels});
  const uint8_t* from = image.data<uint8_t>().data();
  uint8_t* to = out.mutable_data<uint8_t>().data();
  for (int64_t y = 0; y < height; ++y) {
    const uint8_t* row = from + (2 * y + 1) * in_h / (2 * height) * in_w * channels;
    for (int64_t x = 0; x < width; ++x) {
      const uint8_t* pixel = row + (2 * x + 1) * in_w / (2 * width) * channels;
      for (int64_t c = 0; c < channels; ++c) *to++ = pixel[c];
    }
  }
  return out;
}

Tensor resize_bilinear(const Tensor& image, int64_t height, int64_t width) {
  const int64_t in_h = image.dims()[0], in_w = image.dims()[1], channels = image.dims()[2];
  const std::vector<Pair> ys = bilinear_pairs(in_h, height), xs = bilinear_pairs(in_w, width);
  Tensor out(DType::u8, {height, width, channels});
  const uint8_t* from = image.data<uint8_t>().data();
  uint8_t* to = out.mutable_data<uint8_t>().data();
  for (const Pair& y : ys) {
    const uint8_t* upper = from + y.first * in_w * channels;
    const uint8_t* lower = from + y.second * in_w * channels;
    for (const Pair& x : xs) {
      for (int64_t c = 0; c < channels; ++c) {
        const int64_t l = x.first * channels + c, r = x.second * channels + c;
        const float top = upper[l] + (upper[r] - upper[l]) * x.weight;
        const float bottom = lower[l] + (lower[r] - lower[l]) * x.weight;
        *to++ = static_cast<uint8_t>(top + (bottom - top) * y.weight + 0.5f);
      }
    }
  }
  return out;
}

Tensor resize_triangle(const Tensor& image, int64_t height, int64_t width) {
  const int64_t in_h = image.dims()[0], in_w = image.dims()[1], channels = image.dims()[2];
  Tensor columns = image;
  if (width != in_w) {
    columns = Tensor(DType::u8, {in_h, width, channels});
    resample(image.data<uint8_t>().data(), columns.mutable_data<uint8_t>().data(), in_h, in_w,
             channels, triangle_windows(in_w, width));
  }
  if (height == in_h) return columns;
  Tensor out(DType::u8, {height, width, channels});
  resample(columns.data<uint8_t>().data(), out.mutable_data<uint8_t>().data(), 1, in_h,
           width * channels, triangle_windows(in_h, height));
  return out;
}

}  // namespace fettle::data
