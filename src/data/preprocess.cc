// SPDX-License-Identifier: Apache-2.0
#include "data/preprocess.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "data/image.h"
#include "data/image/resize.h"

namespace fettle::data {

namespace {
// What the input is as a picture: its extents, and where the channels stand.
struct Target {
  int64_t height, width, channels;
  bool channels_first;
  Dims dims;
};

// The extent of the model's axis, or what else is known where the model leaves it open (0).
Status settle(int64_t model, int64_t wanted, int64_t image, const char* what, int64_t* out) {
  if (model > 0 && wanted > 0 && model != wanted) {
    return invalid_input("'size' asks for a " + std::string(what) + " of " +
                         std::to_string(wanted) + ", but the model takes " + std::to_string(model));
  }
  *out = model > 0 ? model : wanted > 0 ? wanted : image;
  return {};
}

int64_t channels_of(ChannelOrder color) { return color == ChannelOrder::gray ? 1 : 3; }

// Colour says more than gray, for which an extent of 1 may as well be a height.
bool has_channels_first(const Dims& input) {
  if (input[1] == 3 || input[3] == 3) return input[1] == 3;
  return input[1] == 1 || input[3] != 1;
}

Result<Target> target_of(const PreprocessSpec& spec, const Tensor& image, const Dims& input) {
  const int64_t image_h = image.dims()[0], image_w = image.dims()[1];
  Target t{};
  if (input.rank() != 4) {  // a flat input, say of a fully connected network
    t.height = spec.height > 0 ? spec.height : image_h;
    t.width = spec.width > 0 ? spec.width : image_w;
    t.channels_first = spec.layout != Layout::nhwc;
    int64_t elements = 1;
    for (int i = 1; i < input.rank(); ++i) elements *= input[i];
    const int64_t pixels = t.height * t.width;
    t.channels = elements == pixels || elements == 0 ? 1 : 3;
    t.dims = input;
    if (input.rank() < 2 || elements != pixels * t.channels) {
      return invalid_input("a picture of " + std::to_string(t.height) + " x " +
                           std::to_string(t.width) + " does not fit the model's input of shape " +
                           input.to_string() + "; set 'size'");
    }
    t.dims[0] = 1;
    return t;
  }
  t.channels_first = spec.layout == Layout::nchw ||
                     (spec.layout == Layout::from_model && has_channels_first(input));
  const int c = t.channels_first ? 1 : 3, h = t.channels_first ? 2 : 1;
  t.channels = input[c] > 0 ? input[c] : channels_of(spec.color);
  if (t.channels != 1 && t.channels != 3) {
    return unsupported("the model's input of shape " + input.to_string() +
                       " is no picture of 1 or 3 channels; check 'layout'");
  }
  FETTLE_TRY(settle(input[h], spec.height, image_h, "height", &t.height));
  FETTLE_TRY(settle(input[h + 1], spec.width, image_w, "width", &t.width));
  if (t.height > kMaxPixels / t.width)
    return unsupported("the model's input is over 64 million pixels");
  t.dims = t.channels_first ? Dims{1, t.channels, t.height, t.width}
                            : Dims{1, t.height, t.width, t.channels};
  return t;
}

// u8 [h, w, c] in the channel order of the spec and with as many channels as the target.
Tensor order_channels(const Tensor& image, ChannelOrder color, int64_t channels) {
  const int64_t have = image.dims()[2];
  const bool gray = color == ChannelOrder::gray || have == 1 || channels == 1;
  if (!gray && color == ChannelOrder::rgb) return image;
  if (have == 1 && channels == 1) return image;
  Tensor out(DType::u8, {image.dims()[0], image.dims()[1], channels});
  const std::span<const uint8_t> from = image.data<uint8_t>();
  const std::span<uint8_t> to = out.mutable_data<uint8_t>();
  const auto n = static_cast<size_t>(channels);
  for (size_t i = 0; i < to.size() / n; ++i) {
    if (!gray) {
      for (size_t c = 0; c < 3; ++c) to[3 * i + c] = from[3 * i + 2 - c];
      continue;
    }
    const uint8_t level =
        have == 1 ? from[i] : gray_level(from[3 * i], from[3 * i + 1], from[3 * i + 2]);
    std::fill_n(to.begin() + static_cast<std::ptrdiff_t>(i * n), n, level);
  }
  return out;
}

Tensor resize(const Tensor& image, const PreprocessSpec& spec, int64_t height, int64_t width) {
  if (image.dims()[0] == height && image.dims()[1] == width) return image;
  if (spec.interpolation == Interpolation::nearest) return resize_nearest(image, height, width);
  return spec.antialias ? resize_triangle(image, height, width)
                        : resize_bilinear(image, height, width);
}

// The part of `image`, put at (top, left), that lies inside height x width; `pad` outside.
Tensor window(const Tensor& image, const Placement& at, int64_t height, int64_t width,
              uint8_t pad) {
  const int64_t channels = image.dims()[2];
  if (at.top == 0 && at.left == 0 && at.height == height && at.width == width) return image;
  Tensor out(DType::u8, {height, width, channels});
  uint8_t* to = out.mutable_data<uint8_t>().data();
  std::memset(to, pad, out.bytes());
  const int64_t x0 = std::max<int64_t>(0, at.left), x1 = std::min(width, at.left + at.width);
  const int64_t y0 = std::max<int64_t>(0, at.top), y1 = std::min(height, at.top + at.height);
  const uint8_t* from = image.data<uint8_t>().data();
  for (int64_t y = y0; y < y1 && x0 < x1; ++y) {
    std::memcpy(to + (y * width + x0) * channels,
                from + ((y - at.top) * at.width + x0 - at.left) * channels,
                static_cast<size_t>((x1 - x0) * channels));
  }
  return out;
}

template <class T>
void quantize(std::span<const float> values, const Quantization* quant, T* to) {
  const float scale = quant != nullptr ? quant->scale[0] : 1;
  const float zero = quant != nullptr ? static_cast<float>(quant->zero_point[0]) : 0;
  constexpr float kLow = std::numeric_limits<T>::min(), kHigh = std::numeric_limits<T>::max();
  for (size_t i = 0; i < values.size(); ++i) {
    const float q = std::nearbyint(values[i] / scale) + zero;
    to[i] = static_cast<T>(std::isnan(q) ? zero : std::clamp(q, kLow, kHigh));
  }
}

Result<Tensor> cast(std::span<const float> values, const Dims& dims, const InputType& input) {
  if (input.quant != nullptr && (!input.quant->per_tensor() || !(input.quant->scale[0] > 0) ||
                                 input.quant->zero_point.size() != 1)) {
    return unsupported("the model's input is quantized with other than one positive scale");
  }
  Tensor out(input.dtype, dims);
  switch (input.dtype) {
    case DType::f32:
      std::copy(values.begin(), values.end(), out.mutable_data<float>().begin());
      return out;
    case DType::f16:
      for (size_t i = 0; i < values.size(); ++i) out.mutable_data<Half>()[i] = Half(values[i]);
      return out;
    case DType::i8:
      quantize(values, input.quant, out.mutable_data<int8_t>().data());
      return out;
    case DType::u8:
      quantize(values, input.quant, out.mutable_data<uint8_t>().data());
      return out;
    case DType::i16:
      quantize(values, input.quant, out.mutable_data<int16_t>().data());
      return out;
    default:
      break;
  }
  return unsupported("an input of type " + std::string(name_of(input.dtype)) +
                     " cannot be made from a sample's values");
}

Status check_channels(const PreprocessSpec& spec, int64_t channels) {
  const auto fits = [&](const std::vector<float>& v) {
    return v.size() <= 1 || static_cast<int64_t>(v.size()) == channels;
  };
  if (fits(spec.mean) && fits(spec.std)) return {};
  return invalid_input("'mean' and 'std' need one number, or one for each of the input's " +
                       std::to_string(channels) + " channels");
}

float entry(const std::vector<float>& list, size_t channel, float fallback) {
  return list.empty() ? fallback : list.size() == 1 ? list[0] : list[channel];
}

void normalize(const PreprocessSpec& spec, size_t channels, size_t inner, std::span<float> values) {
  if (!spec.normalizes()) return;
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t c = i / inner % channels;
    values[i] = (values[i] * spec.scale - entry(spec.mean, c, 0)) / entry(spec.std, c, 1);
  }
}

// [h, w, c] to [c, h, w].
template <class T>
std::vector<T> channels_to_front(const T* from, int64_t pixels, int64_t channels) {
  std::vector<T> out(static_cast<size_t>(pixels * channels));
  for (int64_t p = 0; p < pixels; ++p) {
    for (int64_t c = 0; c < channels; ++c) out[c * pixels + p] = from[p * channels + c];
  }
  return out;
}

Result<Tensor> image_input(const Tensor& item, const PreprocessSpec& spec, const InputType& input) {
  FETTLE_ASSIGN(const Target t, target_of(spec, item, input.dims));
  FETTLE_ASSIGN(const Placement at,
                place_image(spec, item.dims()[0], item.dims()[1], t.height, t.width));
  FETTLE_TRY(check_channels(spec, t.channels));
  const Tensor ordered = order_channels(item, spec.color, t.channels);
  Tensor image =
      window(resize(ordered, spec, at.height, at.width), at, t.height, t.width, spec.pad);
  const int64_t pixels = t.height * t.width;
  if (t.channels_first && t.channels > 1) {
    const auto planes = channels_to_front(image.data<uint8_t>().data(), pixels, t.channels);
    image = Tensor::of<uint8_t>(image.dims(), std::span<const uint8_t>(planes));
  }
  if (input.dtype == DType::u8 && !spec.normalizes()) return image.reshaped(t.dims);
  std::vector<float> values = to_float(image.view());
  normalize(spec, static_cast<size_t>(t.channels),
            t.channels_first ? static_cast<size_t>(pixels) : 1, values);
  return cast(values, t.dims, input);
}

// The extents that are not 1, which two shapes of the same array have in common.
Dims without_ones(const Dims& dims) {
  Dims out;
  for (int64_t e : dims) {
    if (e != 1) out.push_back(e);
  }
  return out;
}

Result<Tensor> number_input(const Tensor& item, const PreprocessSpec& spec,
                            const InputType& input) {
  Dims dims = input.dims;
  if (std::find(dims.begin(), dims.end(), 0) != dims.end()) {  // open: as the data are
    if (item.dims().rank() == kMaxRank) return unsupported("the sample has too many dimensions");
    dims = {1};
    for (int64_t e : item.dims()) dims.push_back(e);
  }
  if (dims.rank() > 0) dims[0] = 1;
  const Dims from = without_ones(item.dims()), to = without_ones(dims);
  const bool turned = !(from == to) && from.rank() == 3 && to == Dims{from[2], from[0], from[1]};
  const bool flat = from.rank() <= 1 || to.rank() <= 1;
  if (item.elements() != dims.elements() || !(from == to || turned || flat)) {
    return invalid_input("a sample of shape " + item.dims().to_string() +
                         " does not fit the model's input of shape " + dims.to_string());
  }
  if (item.dtype() == input.dtype && !spec.normalizes() && !turned) return item.reshaped(dims);
  const bool channels_first = spec.layout == Layout::nchw || turned;
  const int64_t channels = dims.rank() < 2 ? 1 : channels_first ? dims[1] : dims.back();
  FETTLE_TRY(check_channels(spec, channels));
  std::vector<float> values = to_float(item.view());
  if (turned) values = channels_to_front(values.data(), from[0] * from[1], from[2]);
  const int64_t inner = channels_first ? dims.product(std::min(2, dims.rank()), dims.rank()) : 1;
  normalize(spec, static_cast<size_t>(std::max<int64_t>(1, channels)),
            static_cast<size_t>(std::max<int64_t>(1, inner)), values);
  if (is_integer(input.dtype) && size_of(input.dtype) >= 4) {  // indices, say of words
    const std::vector<int64_t> whole = to_int64(item.view());
    Tensor out(input.dtype, dims);
    for (size_t i = 0; i < whole.size(); ++i) {
      if (input.dtype == DType::i64)
        out.mutable_data<int64_t>()[i] = whole[i];
      else if (input.dtype == DType::i32)
        out.mutable_data<int32_t>()[i] = static_cast<int32_t>(whole[i]);
      else
        return unsupported("unsigned indices are not made from samples");
    }
    return out;
  }
  return cast(values, dims, input);
}
}  // namespace

Result<Placement> place_image(const PreprocessSpec& spec, int64_t image_height, int64_t image_width,
                              int64_t height, int64_t width) {
  Placement at{height, width, 0, 0};
  if (spec.resize == Resize::center_crop) {
    // The picture is shrunk until it just covers a box; what stands out of the input is cut off.
    const auto side = [&](int64_t input) {
      return spec.shorter_side > 0 ? spec.shorter_side
                                   : static_cast<int64_t>(static_cast<double>(input) / spec.crop);
    };
    const int64_t box_h = side(height), box_w = side(width);
    const bool by_height = box_h * image_width >= box_w * image_height;
    at.height = by_height ? box_h : box_w * image_height / image_width;
    at.width = by_height ? box_h * image_width / image_height : box_w;
    if (at.height > kMaxPixels / std::max<int64_t>(1, at.width)) {
      return invalid_input("the picture of " + std::to_string(image_width) + " x " +
                           std::to_string(image_height) + " is too long and thin to be cropped");
    }
    if (at.height < height || at.width < width) {
      return invalid_input("'shorter_side' is smaller than the model's input");
    }
    // Half of the margin, a half rounded to even, as torchvision crops.
    const auto margin = [](int64_t n) { return n / 2 + (n % 2 == 1 && n / 2 % 2 == 1 ? 1 : 0); };
    at.top = -margin(at.height - height);
    at.left = -margin(at.width - width);
  } else if (spec.resize == Resize::letterbox) {
    const double factor = std::min(static_cast<double>(height) / static_cast<double>(image_height),
                                   static_cast<double>(width) / static_cast<double>(image_width));
    const auto scaled = [&](int64_t n, int64_t limit) {
      return std::clamp<int64_t>(std::llround(static_cast<double>(n) * factor), 1, limit);
    };
    at.height = scaled(image_height, height);
    at.width = scaled(image_width, width);
    at.top = (height - at.height) / 2;
    at.left = (width - at.width) / 2;
  }
  return at;
}

Result<Tensor> make_input(const Sample& sample, const PreprocessSpec& spec,
                          const InputType& input) {
  if (spec.dtype != DType::none && spec.dtype != input.dtype) {
    return invalid_input("'dtype' says " + std::string(name_of(spec.dtype)) +
                         ", but the model takes " + std::string(name_of(input.dtype)));
  }
  auto made = [&]() -> Result<Tensor> {
    if (sample.kind != ItemKind::text && sample.item.elements() == 0) {
      return invalid_input("the sample is empty");
    }
    switch (sample.kind) {
      case ItemKind::image:
        return image_input(sample.item, spec, input);
      case ItemKind::numbers:
        return number_input(sample.item, spec, input);
      case ItemKind::text:
        break;
    }
    return unsupported("a sentence needs a tokenizer before it is a model's input");
  }();
  if (!made.ok()) return made.take_status().at(sample.id);
  return made;
}

}  // namespace fettle::data
