// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/conv_f32/conv_f32.h"

namespace fettle::runtime {

namespace {
constexpr int64_t kWholeRowFloats = 64;  // at most this long is a row of taps taken as one
constexpr int64_t kMaxPointers = 4096;   // of a block

size_t align64(size_t bytes) { return (bytes + 63) / 64 * 64; }
}  // namespace

bool supports_conv_f32(const OpCall& call) {
  ConvShape s;
  return read_conv(call, &s);
}

Status ConvF32::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_conv(call, &shape_)) return unsupported("conv_f32: not a convolution it takes");
  const ConvShape& s = shape_;
  threads_ = options.threads;
  whole_rows_ = s.groups == 1 && s.dilation_w == 1 && s.kernel_w > 1 &&
                s.kernel_w * s.in_c <= kWholeRowFloats;
  taps_ = whole_rows_ ? s.kernel_h : s.kernel_h * s.kernel_w;
  depth_ = whole_rows_ ? s.kernel_w * s.in_c : s.group_in();
  // Dilation puts whole tiles of pixels into the padding; elsewhere it is not worth looking.
  skips_padding_ = !whole_rows_ && taps_ > 1 && (s.dilation_h > 1 || s.dilation_w > 1);
  panels_ = PanelsF32::plan(gemm_f32(options.isa), s.group_out(), taps_ * depth_);
  activate_ = activation_f32(options.isa).fn;
  const int mr = panels_.panels[0].kernel->mr;
  const int64_t max_rows = std::max<int64_t>(mr, std::min<int64_t>(1024, kMaxPointers / taps_));
  const int64_t row_bytes = s.group_in() * s.stride_h * s.stride_w * int64_t{4};
  blocks_ = GemmBlocks::plan(panels_, s.pixels(), row_bytes, max_rows, threads_);
  pointer_bytes_ = align64(static_cast<size_t>(taps_ * blocks_.block_rows) * sizeof(float*));
  thread_bytes_ = pointer_bytes_;
  if (whole_rows_) thread_bytes_ += align64(taps_ * blocks_.block_rows * depth_ * sizeof(float));
  FETTLE_TRY(zeros_.allocate(depth_));
  pointers_.plan(s, whole_rows_, s.in_c, depth_, blocks_.block_rows, zeros_.data());
  if (packed_.borrow(options.packed, panels_.floats * s.groups)) return {};
  FETTLE_TRY(packed_.allocate(panels_.floats * s.groups));
  const float* w = call.in[1].as<float>();
  const float* bias = call.has_in(2) ? call.in[2].as<float>() : nullptr;
  const int64_t total = taps_ * depth_;
  for (int64_t g = 0; g < s.groups; ++g) {
    panels_.pack(w + g * s.group_out() * total, 1, total,
                 bias == nullptr ? nullptr : bias + g * s.group_out(),
                 packed_.mutable_data() + g * panels_.floats);
  }
  return {};
}

void ConvF32::run_block(const OpCall& call, int64_t group, int64_t begin, int64_t end,
                        int64_t first_panel, int64_t last_panel, const float** rows) const {
  const int64_t column = group * shape_.group_out();
  const float* residual = call.has_in(3) ? call.in[3].as<float>() + column : nullptr;
  const GemmJob job{.panels = &panels_,
                    .packed = packed_.data() + group * panels_.floats,
                    .taps = taps_,
                    .depth = depth_,
                    .out = call.out[0].as_mutable<float>() + column,
                    .out_stride = shape_.out_c,
                    .residual = residual,
                    .activation = shape_.activation,
                    .activate = activate_,
                    .padding = skips_padding_ ? zeros_.data() : nullptr};
  run_gemm_block(job, begin, end, first_panel, last_panel, rows, blocks_.block_rows);
}

Status ConvF32::run(const OpCall& call, ThreadPool& pool) {
  const float* x = call.in[0].as<float>();
  const int64_t per_group = blocks_.units();
  const int64_t units = per_group * shape_.groups;
  pool.parallel_for(units, 1, [&](int64_t begin, int64_t end, int thread) {
    std::byte* own = call.scratch.data() + thread * thread_bytes_;
    const float** rows = reinterpret_cast<const float**>(own);
    float* clipped = reinterpret_cast<float*>(own + pointer_bytes_);
    int64_t found = -1;
    for (int64_t u = begin; u < end; ++u) {
      const int64_t g = u / per_group;
      const int64_t block = u % per_group / blocks_.groups, group = u % blocks_.groups;
      const int64_t m0 = blocks_.row_begin(block), m1 = blocks_.row_end(block);
      if (found != g * blocks_.blocks + block) {
        found = g * blocks_.blocks + block;
        pointers_.find(x + g * shape_.group_in(), m0, m1, rows, clipped);
      }
      run_block(call, g, m0, m1, blocks_.panel_begin(group), blocks_.panel_end(group), rows);
    }
  });
  return {};
}

void ConvF32::run_rows(const OpCall& call, Rows out) {
  const float* x = call.in[0].as<float>();
  const float** rows = reinterpret_cast<const float**>(call.scratch.data());
  float* clipped = reinterpret_cast<float*>(call.scratch.data() + pointer_bytes_);
  const int64_t begin = out.begin * shape_.out_w, end = out.end * shape_.out_w;
  const int64_t step = blocks_.even_step(end - begin);
  for (int64_t g = 0; g < shape_.groups; ++g) {
    for (int64_t m = begin; m < end; m += step) {
      const int64_t last = std::min(end, m + step);
      pointers_.find(x + g * shape_.group_in(), m, last, rows, clipped);
      run_block(call, g, m, last, 0, blocks_.panels, rows);
    }
  }
}

}  // namespace fettle::runtime
