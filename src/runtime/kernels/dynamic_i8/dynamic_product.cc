// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/dynamic_i8/dynamic_product.h"

#include <algorithm>
#include <cstring>

namespace fettle::runtime {

namespace {
constexpr int64_t kChunkRows = 32;                  // whose sums become floats together
constexpr int64_t kGrainPixels = RangesI8::kCount;  // quantized together
constexpr int64_t kGrainFloats = 4096;              // looked through together

size_t align64(int64_t bytes) { return static_cast<size_t>((bytes + 63) / 64 * 64); }

// The smallest and largest of what one thread saw, on a cache line of its own.
struct alignas(64) Extremes {
  float least = 0, most = 0;
};

// rows x depth times depth x columns as a convolution of 1x1 over one row of pixels.
bool read_matrix(const OpCall& call, int64_t rows, int64_t depth, int64_t columns, int axis,
                 DynamicShape* s) {
  s->turned = axis != 0;
  if (rows < 1 || depth < 1 || columns < 1) return false;
  if (call.out[0].elements() != rows * columns) return false;
  ConvShape& c = s->conv;
  c = {1, 1, rows, depth, 1, rows, columns, 1, 1, 1, 1, 1, 1, 0, 0, 1, {}};
  return read_activation(call.attrs, &c.activation) &&
         read_dynamic_weights(call, axis, depth, &s->weights);
}
}  // namespace

bool read_dynamic_conv(const OpCall& call, DynamicShape* s) {
  ConvShape& c = s->conv;
  if (!read_conv_extents(call, &c) || c.groups != 1) return false;
  if (call.has_in(3) && (call.in[3].dtype != DType::f32 || call.in[3].dims != call.out[0].dims)) {
    return false;
  }
  return read_dynamic_weights(call, 0, c.kernel_h * c.kernel_w * c.in_c, &s->weights);
}

bool read_dynamic_gemm(const OpCall& call, DynamicShape* s) {
  if (call.in.size() < 2 || call.out.size() != 1) return false;
  const Dims &a = call.in[0].dims, &b = call.in[1].dims;
  if (a.rank() != 2 || b.rank() != 2 || call.attrs.get_int("transA", 0) != 0) return false;
  if (call.attrs.get_float("alpha", 1) != 1 || call.attrs.get_float("beta", 1) != 1) return false;
  const int axis = call.attrs.get_int("transB", 0) != 0 ? 0 : 1;
  if (b[1 - axis] != a[1]) return false;
  return read_matrix(call, a[0], a[1], b[axis], axis, s);
}

bool read_dynamic_matmul(const OpCall& call, DynamicShape* s) {
  if (call.in.size() != 2 || call.out.size() != 1) return false;
  const Dims &a = call.in[0].dims, &b = call.in[1].dims;
  if (a.rank() < 1 || b.rank() != 2 || b[0] != a.back()) return false;
  return read_matrix(call, a.product(0, a.rank() - 1), b[0], b[1], 1, s);
}

Status DynamicProduct::prepare(const OpCall& call, const KernelOptions& options) {
  DynamicShape shape;
  if (!read_(call, &shape)) return unsupported("dynamic_i8: not a product it takes");
  ConvShape& c = shape.conv;
  by_pixel_ = c.is_pointwise();
  images_ = by_pixel_ ? 1 : c.batch;
  if (by_pixel_) {  // one image of all their pixels
    c.in_w = c.out_w = c.batch * c.in_h * c.in_w;
    c.in_h = c.out_h = 1;
  }
  c.batch = 1;

  QuantizedI8 quantized;
  quantized.sums = true;
  quantized.channels.assign(static_cast<size_t>(c.out_c), {1.0F, 0, 0});
  quantized.weights = {call.in[1].data, false};
  std::vector<int8_t> turned;
  if (shape.turned) {
    const auto* from = static_cast<const int8_t*>(call.in[1].data);
    turned.resize(static_cast<size_t>(c.in_c * c.out_c));
    for (int64_t k = 0; k < c.in_c; ++k) {
      for (int64_t n = 0; n < c.out_c; ++n) {
        turned[static_cast<size_t>(n * c.in_c + k)] = *from++;
      }
    }
    quantized.weights.data = turned.data();
  }
  FETTLE_TRY(plan(c, quantized, options));
  weights_ = std::move(shape.weights);
  kernels_ = &dynamic_i8(options.isa);
  activate_ = activation_f32(options.isa).fn;
  widen_ = panels_.kernels().widen != nullptr;
  for (const PanelI8& p : panels_.panels()) {
    panel_width_ = std::max<int64_t>(panel_width_, p.kernel->nr);
  }
  const int64_t pixels = c.in_h * c.in_w;
  code_bytes_ = align64(pixels * c.in_c);
  range_bytes_ = align64((by_pixel_ ? pixels : blocks_.block_rows) * 4);
  shared_bytes_ = code_bytes_ + (widen_ ? align64(pixels * pixel_bytes_) : 0) + 2 * range_bytes_ +
                  sizeof(Extremes) * threads();
  own_bytes_ = thread_bytes_ + align64(kChunkRows * panel_width_ * 4);
  return {};
}

size_t DynamicProduct::packed_bytes() const {
  return panels_.packed().size() + (weights_.scales.size() + weights_.bias.size()) * sizeof(float);
}

struct DynamicProduct::Memory {
  int8_t* codes;
  int16_t* wide;
  const std::byte* rows;  // the one of them that is multiplied
  float* scales;          // of each pixel; where an image has one range, as many as a block of it
  int32_t* zeros;
  Extremes* extremes;
  std::byte* own;  // of thread 0
};

DynamicProduct::Memory DynamicProduct::lay_out(std::span<std::byte> scratch) const {
  Memory m;
  std::byte* p = scratch.data();
  m.codes = reinterpret_cast<int8_t*>(p);
  p += code_bytes_;
  m.wide = reinterpret_cast<int16_t*>(p);
  m.rows = widen_ ? p : scratch.data();
  p = scratch.data() + shared_bytes_ - sizeof(Extremes) * threads() - 2 * range_bytes_;
  m.scales = reinterpret_cast<float*>(p);
  m.zeros = reinterpret_cast<int32_t*>(p + range_bytes_);
  m.extremes = reinterpret_cast<Extremes*>(p + 2 * range_bytes_);
  m.own = scratch.data() + shared_bytes_;
  return m;
}

void DynamicProduct::quantize_pixels(const float* x, const Memory& memory, ThreadPool& pool) const {
  const int64_t n = shape_.in_c;
  pool.parallel_for(shape_.in_w, kGrainPixels, [&](int64_t begin, int64_t end, int) {
    for (int64_t first = begin; first < end; first += RangesI8::kCount) {
      const int64_t count = std::min(RangesI8::kCount, end - first);
      RangesI8 ranges;
      for (int64_t i = 0; i < count; ++i) {
        kernels_->find_range(x + (first + i) * n, n, &ranges.least[i], &ranges.most[i]);
      }
      kernels_->find_ranges(&ranges);
      std::copy_n(ranges.scale, count, memory.scales + first);
      std::copy_n(ranges.zero, count, memory.zeros + first);
      for (int64_t i = 0; i < count; ++i) {
        int8_t* codes = memory.codes + (first + i) * n;
        kernels_->quantize(x + (first + i) * n, n, ranges.range(i), codes);
        if (!widen_) continue;
        panels_.kernels().widen(codes, 1, n, depth_.padded, ranges.zero[i],
                                memory.wide + (first + i) * depth_.padded);
      }
    }
  });
}

void DynamicProduct::quantize_image(const float* x, const Memory& memory, ThreadPool& pool) {
  const int64_t pixels = shape_.in_h * shape_.in_w, n = shape_.in_c;
  std::fill_n(memory.extremes, threads(), Extremes{});
  pool.parallel_for(pixels * n, kGrainFloats, [&](int64_t begin, int64_t end, int thread) {
    Extremes& e = memory.extremes[thread];
    kernels_->find_range(x + begin, end - begin, &e.least, &e.most);
  });
  Extremes all;
  for (size_t t = 0; t < threads(); ++t) {
    all.least = std::min(all.least, memory.extremes[t].least);
    all.most = std::max(all.most, memory.extremes[t].most);
  }
  const DynamicRange range = dynamic_range(all.least, all.most);
  std::fill_n(memory.scales, blocks_.block_rows, range.scale);
  std::fill_n(memory.zeros, blocks_.block_rows, range.zero);
  if (!widen_) std::memset(zeros_.mutable_data(), range.zero, static_cast<size_t>(tap_bytes_));
  const int64_t grain = std::max(kGrainPixels, kGrainFloats / n);
  pool.parallel_for(pixels, grain, [&](int64_t begin, int64_t end, int) {
    int8_t* codes = memory.codes + begin * n;
    kernels_->quantize(x + begin * n, (end - begin) * n, range, codes);
    if (!widen_) return;
    panels_.kernels().widen(codes, end - begin, n, depth_.padded, range.zero,
                            memory.wide + begin * depth_.padded);
  });
}

// Unit `unit` of the blocks; `find`: the rows of its block are not those in `own` yet.
void DynamicProduct::multiply_block(const OpCall& call, int64_t first_pixel, int64_t unit,
                                    std::byte* own, const Memory& memory, bool find) const {
  const ConvShape& s = shape_;
  auto* rows = reinterpret_cast<const std::byte**>(own);
  auto* sums = reinterpret_cast<int32_t*>(own + thread_bytes_);
  const int64_t block = unit / blocks_.groups, group = unit % blocks_.groups;
  const int64_t m0 = blocks_.row_begin(block), m1 = blocks_.row_end(block);
  if (find) {
    find_rows(memory.rows, m0, m1, rows, own + pointer_bytes_ + sum_bytes_);
  }
  const int64_t first_range = by_pixel_ ? m0 : 0;
  FinishSums f;
  f.sums = sums;
  f.sum_stride = panel_width_;
  f.out_stride = s.out_c;
  f.lo = s.activation.clamp_lo();
  f.hi = s.activation.clamp_hi();
  for (int64_t p = blocks_.panel_begin(group); p < blocks_.panel_end(group); ++p) {
    const PanelI8& panel = panels_.panels()[static_cast<size_t>(p)];
    f.weight_scales = weights_.scales.data() + panel.column;
    f.bias = weights_.bias.data() + panel.column;
    f.columns = panel.columns;
    std::byte* to = row_zero(reinterpret_cast<std::byte*>(sums), panel.column * 4);
    for (int64_t m = 0; m < m1 - m0; m += kChunkRows) {
      f.rows = std::min(kChunkRows, m1 - m0 - m);
      panels_.run(rows + m, blocks_.block_rows, f.rows, memory.zeros + first_range + m, p, p + 1,
                  to, panel_width_);
      const int64_t at = (first_pixel + m0 + m) * s.out_c + panel.column;
      f.scales = memory.scales + first_range + m;
      f.out = call.out[0].as_mutable<float>() + at;
      f.residual = call.has_in(3) ? call.in[3].as<float>() + at : nullptr;
      kernels_->finish(f);
      if (!s.activation.is_clamp()) {
        activate_(s.activation, f.out, f.out, f.rows, f.columns, s.out_c);
      }
    }
  }
}

void DynamicProduct::multiply(const OpCall& call, int64_t first_pixel, const Memory& memory,
                              ThreadPool& pool) {
  const int64_t units = blocks_.units();
  pool.parallel_for(units, 1, [&](int64_t begin, int64_t end, int thread) {
    std::byte* own = memory.own + static_cast<size_t>(thread) * own_bytes_;
    int64_t found = -1;
    for (int64_t u = begin; u < end; ++u) {
      multiply_block(call, first_pixel, u, own, memory, found != u / blocks_.groups);
      found = u / blocks_.groups;
    }
  });
}

Status DynamicProduct::run(const OpCall& call, ThreadPool& pool) {
  const Memory memory = lay_out(call.scratch);
  const float* x = call.in[0].as<float>();
  if (by_pixel_) {
    quantize_pixels(x, memory, pool);
    multiply(call, 0, memory, pool);
    return {};
  }
  for (int64_t image = 0; image < images_; ++image) {
    quantize_image(x + image * shape_.in_h * shape_.in_w * shape_.in_c, memory, pool);
    multiply(call, image * shape_.out_h * shape_.out_w, memory, pool);
  }
  return {};
}

}  // namespace fettle::runtime
