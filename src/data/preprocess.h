// SPDX-License-Identifier: Apache-2.0
//
// How a sample becomes a model's input: a small description (preprocess.yaml) and what it does.
//
//   size: [224, 224]          height, width; the model's own where absent
//   resize: center_crop       stretch (default) | center_crop | letterbox
//   crop: 0.875               center_crop: the part of the resized picture that is kept, or
//   shorter_side: 256         center_crop: the shorter side is resized to this first
//   pad: 114                  letterbox: the level of the borders, 0 to 255
//   interpolation: bilinear   bilinear (default) | nearest
//   antialias: true           bilinear only: average what is shrunk, as Pillow does
//   color: rgb                rgb (default) | bgr | gray
//   scale: 1/255              number or fraction, default 1
//   mean: [0.485, 0.456, 0.406]   one number, or one a channel, default 0
//   std: [0.229, 0.224, 0.225]    likewise, default 1
//   layout: nchw              nchw | nhwc; where absent, from the model's shape
//   dtype: f32                f32 | u8 | i8; a check only: the model's own type decides
//
// value = (pixel * scale - mean) / std, channels in the order of `color`; a quantized input then
// takes round_half_even(value / input_scale) + zero_point, clamped. An 8-bit sample for an input of
// the same 8-bit type passes unchanged where none of scale, mean and std is given.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/dims.h"
#include "base/dtype.h"
#include "base/status.h"
#include "base/tensor.h"
#include "data/sample.h"

namespace fettle::data {

enum class Resize : unsigned char { stretch, center_crop, letterbox };
enum class Interpolation : unsigned char { bilinear, nearest };
enum class ChannelOrder : unsigned char { rgb, bgr, gray };
enum class Layout : unsigned char { from_model, nchw, nhwc };

struct PreprocessSpec {
  int64_t height = 0, width = 0;  // 0: the model's
  Resize resize = Resize::stretch;
  double crop = 0.875;
  int64_t shorter_side = 0;  // 0: `crop` counts
  uint8_t pad = 114;
  Interpolation interpolation = Interpolation::bilinear;
  bool antialias = false;
  ChannelOrder color = ChannelOrder::rgb;
  float scale = 1;
  std::vector<float> mean, std;  // empty, one, or one a channel
  Layout layout = Layout::from_model;
  DType dtype = DType::none;  // none: the model's

  bool normalizes() const { return scale != 1 || !mean.empty() || !std.empty(); }
};

// An unknown key, a wrong value or a contradiction is an error that names the key and the line.
Result<PreprocessSpec> parse_preprocess(std::string_view yaml);
Result<PreprocessSpec> read_preprocess(const std::string& path);

// What the model takes. dims: an extent of 0 is not fixed; the first one is the batch.
struct InputType {
  DType dtype = DType::f32;
  Dims dims;
  const Quantization* quant = nullptr;  // null: plain numbers
};

// Where a picture of image_height x image_width lies in an input of height x width: it is resized
// to `height` x `width` and its corner put at (`top`, `left`), negative where it is cropped. So
// x_input = x_image * width / image_width + left: with it, boxes and masks go both ways.
struct Placement {
  int64_t height = 0, width = 0, top = 0, left = 0;
};
Result<Placement> place_image(const PreprocessSpec& spec, int64_t image_height, int64_t image_width,
                              int64_t height, int64_t width);

// Batch extent 1. Pictures go through the whole of the description; numbers are reshaped (also
// from channels last to channels first), scaled and cast.
Result<Tensor> make_input(const Sample& sample, const PreprocessSpec& spec, const InputType& input);

}  // namespace fettle::data
