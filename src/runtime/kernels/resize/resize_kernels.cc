// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/resize/resize_kernels.h"

#include <cstring>

#include "base/interpolation.h"

namespace fettle::runtime {

namespace {
Status not_taken() { return unsupported("resize: not one that it takes"); }

// Calls row(outer, output row, thread) for all rows; each thread's are in order.
template <class Row>
void each_row(ThreadPool& pool, const ResizeShape& s, const Row& row) {
  pool.parallel_for(s.outer * s.h.out, 1, [&](int64_t begin, int64_t end, int thread) {
    for (int64_t u = begin; u < end; ++u) {
      row(u / s.h.out, u % s.h.out, thread);
    }
  });
}

// tap(places, step between them) of every output row and column.
template <class Tap, class MakeTap>
void find_taps(const OpCall& call, const ResizeShape& s, const MakeTap& tap, std::vector<Tap>* high,
               std::vector<Tap>* wide) {
  for (int64_t i = 0; i < s.h.out; ++i) {
    high->push_back(tap(resize_places(call, s, s.h, i), s.w.in * s.inner));
  }
  for (int64_t i = 0; i < s.w.out; ++i) {
    wide->push_back(tap(resize_places(call, s, s.w, i), s.inner));
  }
}

template <class T>
void pick(const void* from, void* to, const std::vector<int64_t>& columns) {
  const T* x = static_cast<const T*>(from);
  T* y = static_cast<T*>(to);
  for (size_t j = 0; j < columns.size(); ++j) y[j] = x[columns[j]];
}
}  // namespace

Status ResizeLinearF32::prepare(const OpCall& call, const KernelOptions& options) {
  if (!supports_linear_resize<DType::f32>(call) || !read_resize(call, &shape_)) return not_taken();
  threads_ = options.threads;
  kernels_ = &resize_f32(options.isa);
  const auto tap = [](const ResizePlaces& at, int64_t step) {
    return ResizeTapF32{at.first * step, at.second * step, static_cast<float>(1 - at.fraction),
                        static_cast<float>(at.fraction)};
  };
  find_taps(call, shape_, tap, &high_, &wide_);
  return {};
}

size_t ResizeLinearF32::scratch_bytes() const {
  if (!shape_.w.changes()) return 0;
  return static_cast<size_t>(threads_ * shape_.w.in * shape_.inner) * sizeof(float);
}

Status ResizeLinearF32::run(const OpCall& call, ThreadPool& pool) {
  const ResizeShape& s = shape_;
  const float* x = call.in[0].as<float>();
  float* y = call.out[0].as_mutable<float>();
  auto* rows = reinterpret_cast<float*>(call.scratch.data());
  const int64_t in_row = s.w.in * s.inner, out_row = s.w.out * s.inner;
  each_row(pool, s, [&](int64_t outer, int64_t i, int thread) {
    const float* from = x + outer * s.h.in * in_row;
    float* to = y + (outer * s.h.out + i) * out_row;
    if (!s.w.changes()) {
      kernels_->row(from, high_[i], to, in_row);
      return;
    }
    float* row = rows + thread * in_row;
    kernels_->row(from, high_[i], row, in_row);
    kernels_->columns(row, wide_.data(), to, s.w.out, s.inner);
  });
  return {};
}

Status ResizeLinearI8::prepare(const OpCall& call, const KernelOptions& options) {
  if (!supports_linear_resize<DType::i8>(call) || !read_resize(call, &shape_)) return not_taken();
  threads_ = options.threads;
  kernels_ = &resize_i8(options.isa);
  const auto tap = [](const ResizePlaces& at, int64_t step) {
    return ResizeTapI8{at.first * step, at.second * step, interpolation_units(at.fraction)};
  };
  find_taps(call, shape_, tap, &high_, &wide_);
  return {};
}

int64_t ResizeLinearI8::row_sums() const { return shape_.w.in * shape_.inner + kResizeI8Slack; }

size_t ResizeLinearI8::scratch_bytes() const {
  return static_cast<size_t>(threads_ * row_sums()) * sizeof(int32_t);
}

Status ResizeLinearI8::run(const OpCall& call, ThreadPool& pool) {
  const ResizeShape& s = shape_;
  const int8_t* x = call.in[0].as<int8_t>();
  int8_t* y = call.out[0].as_mutable<int8_t>();
  auto* rows = reinterpret_cast<int32_t*>(call.scratch.data());
  const int64_t in_row = s.w.in * s.inner, out_row = s.w.out * s.inner;
  each_row(pool, s, [&](int64_t outer, int64_t i, int thread) {
    int32_t* row = rows + thread * row_sums();
    int8_t* to = y + (outer * s.h.out + i) * out_row;
    kernels_->row(x + outer * s.h.in * in_row, high_[i], row, in_row);
    if (s.w.changes()) {
      kernels_->columns(row, wide_.data(), to, s.w.out, s.inner);
    } else {
      kernels_->narrow(row, to, in_row);
    }
  });
  return {};
}

Status ResizeNearest::prepare(const OpCall& call, const KernelOptions&) {
  if (!supports_nearest_resize(call) || !read_resize(call, &shape_)) return not_taken();
  const ResizeShape& s = shape_;
  for (int64_t i = 0; i < s.h.out; ++i) high_.push_back(resize_places(call, s, s.h, i).first);
  for (int64_t i = 0; i < s.w.out; ++i) wide_.push_back(resize_places(call, s, s.w, i).first);
  return {};
}

Status ResizeNearest::run(const OpCall& call, ThreadPool& pool) {
  const ResizeShape& s = shape_;
  const auto* x = static_cast<const std::byte*>(call.in[0].data);
  auto* y = static_cast<std::byte*>(call.out[0].data);
  const auto pixel = static_cast<int64_t>(size_of(call.in[0].dtype)) * s.inner;
  const int64_t in_row = s.w.in * pixel, out_row = s.w.out * pixel;
  each_row(pool, s, [&](int64_t outer, int64_t i, int) {
    const std::byte* from = x + (outer * s.h.in + high_[i]) * in_row;
    std::byte* to = y + (outer * s.h.out + i) * out_row;
    if (!s.w.changes()) {
      std::memcpy(to, from, in_row);
    } else if (pixel == 1) {
      pick<uint8_t>(from, to, wide_);
    } else if (pixel == 4) {
      pick<uint32_t>(from, to, wide_);
    } else {
      for (const int64_t column : wide_) {
        std::memcpy(to, from + column * pixel, pixel);
        to += pixel;
      }
    }
  });
  return {};
}

}  // namespace fettle::runtime
