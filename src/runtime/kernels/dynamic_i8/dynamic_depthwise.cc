// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/dynamic_i8/dynamic_depthwise.h"

#include <algorithm>

namespace fettle::runtime {

namespace {
constexpr int64_t kGrainFloats = 4096, kGrainRows = 64;
constexpr int64_t kMostTaps = (1 << 24) / (255 * 128);  // whose sums floats hold exactly

struct alignas(64) Extremes {
  float least = 0, most = 0;
};

bool read(const OpCall& call, ConvShape* s, DynamicWeights* weights) {
  if (!read_conv_extents(call, s) || !s->is_depthwise() || s->groups < 2) return false;
  // A residual may lie where the output goes, and would be gone before it is added.
  if (s->kernel_h * s->kernel_w > kMostTaps || call.has_in(3)) return false;
  return read_dynamic_weights(call, 0, s->kernel_h * s->kernel_w, weights);
}

int64_t image_elements(const ConvShape& s) { return s.in_h * s.in_w * s.in_c; }
}  // namespace

bool supports_dynamic_depthwise(const OpCall& call) {
  ConvShape s;
  DynamicWeights weights;
  return read(call, &s, &weights);
}

Status DynamicDepthwise::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read(call, &shape_, &weights_)) return unsupported("dynamic_i8: no depthwise convolution");
  threads_ = options.threads;
  kernels_ = &dynamic_i8(options.isa);
  activate_ = activation_f32(options.isa).fn;
  attrs_ = call.attrs;
  attrs_.erase("activation");
  attrs_.erase("activation_params");
  const TensorView& w = call.in[1];
  std::vector<float> floats(static_cast<size_t>(w.elements()));
  std::transform(w.as<int8_t>(), w.as<int8_t>() + w.elements(), floats.begin(),
                 [](int8_t code) { return static_cast<float>(code); });
  image_[0] = {DType::f32, false, call.in[0].dims};
  image_[0].dims[0] = 1;
  out_ = {DType::f32, false, call.out[0].dims};
  out_.dims[0] = 1;
  const TensorView in[] = {image_[0], {DType::f32, false, w.dims, floats.data()}};
  return sums_.prepare({attrs_, in, {&out_, 1}}, options);
}

size_t DynamicDepthwise::scratch_bytes() const {
  return sizeof(Extremes) * static_cast<size_t>(threads_) +
         static_cast<size_t>(image_elements(shape_)) * sizeof(float);
}

size_t DynamicDepthwise::packed_bytes() const {
  return sums_.packed_bytes() + (weights_.scales.size() + weights_.bias.size()) * sizeof(float);
}

DynamicRange DynamicDepthwise::range_of(const float* x, const OpCall& call,
                                        ThreadPool& pool) const {
  auto* extremes = reinterpret_cast<Extremes*>(call.scratch.data());
  std::fill_n(extremes, threads_, Extremes{});
  pool.parallel_for(image_elements(shape_), kGrainFloats,
                    [&](int64_t begin, int64_t end, int thread) {
                      Extremes& e = extremes[thread];
                      kernels_->find_range(x + begin, end - begin, &e.least, &e.most);
                    });
  Extremes all;
  for (int t = 0; t < threads_; ++t) {
    all.least = std::min(all.least, extremes[t].least);
    all.most = std::max(all.most, extremes[t].most);
  }
  return depthwise_dynamic_range(all.least, all.most);
}

Status DynamicDepthwise::run(const OpCall& call, ThreadPool& pool) {
  const ConvShape& s = shape_;
  const int64_t elements = image_elements(s), rows = s.out_h * s.out_w;
  const size_t extreme_bytes = sizeof(Extremes) * static_cast<size_t>(threads_);
  auto* codes = reinterpret_cast<float*>(call.scratch.data() + extreme_bytes);
  FinishDepthwise f;
  f.weight_scales = weights_.scales.data();
  f.bias = weights_.bias.data();
  f.channels = s.out_c;
  f.lo = s.activation.clamp_lo();
  f.hi = s.activation.clamp_hi();
  for (int64_t image = 0; image < s.batch; ++image) {
    const float* x = call.in[0].as<float>() + image * elements;
    float* y = call.out[0].as_mutable<float>() + image * rows * s.out_c;
    const DynamicRange range = range_of(x, call, pool);
    pool.parallel_for(elements, kGrainFloats, [&](int64_t begin, int64_t end, int) {
      kernels_->centre(x + begin, end - begin, range, codes + begin);
    });
    image_[0].data = codes;
    out_.data = y;
    FETTLE_TRY(sums_.run({attrs_, image_, {&out_, 1}}, pool));
    pool.parallel_for(rows, kGrainRows, [&](int64_t begin, int64_t end, int) {
      FinishDepthwise some = f;
      some.scale = range.scale;
      some.out = y + begin * s.out_c;
      some.rows = end - begin;
      kernels_->finish_depthwise(some);
      if (s.activation.is_clamp()) return;
      activate_(s.activation, some.out, some.out, some.rows, s.out_c, s.out_c);
    });
  }
  return {};
}

}  // namespace fettle::runtime
