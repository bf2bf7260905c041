// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/resize/resize_kernels.h"

#include <cstring>

#include "base/interpolation.h"

namespace fettle::runtime {

namespace {
Status not_taken() { return unsupported("resize: not one that it takes"); }

// Calls row(outer, output row) for rows [begin, end) of all outer ones.
template <class Row>
void each_row(const ResizeShape& s, int64_t begin, int64_t end, const Row& row) {
  for (int64_t u = begin; u < end; ++u) row(u / s.h.out, u % s.h.out);
}

// The two rows that a thread has widened last: neighbouring output rows share them.
template <class T>
class WideRows {
 public:
  WideRows(T* room, int64_t row) : room_(room), row_(row) {}
  // Row `at` of the input, widened by widen(at, place) unless it is here; `other` stays.
  template <class Widen>
  const T* get(int64_t at, int64_t other, const Widen& widen) {
    const int slot = held_[0] == at || (held_[1] != at && held_[0] != other) ? 0 : 1;
    T* place = room_ + slot * row_;
    if (held_[slot] != at) widen(at, place);
    held_[slot] = at;
    return place;
  }

 private:
  T* room_;
  int64_t row_;
  int64_t held_[2] = {-1, -1};
};

// tap(places, step between them) of every output row and column.
template <class Tap, class MakeTap>
void find_taps(const OpCall& call, const ResizeShape& s, const MakeTap& tap, std::vector<Tap>* high,
               std::vector<Tap>* wide) {
  for (int64_t i = 0; i < s.h.out; ++i) {
    high->push_back(tap(resize_places(call, s, s.h, i), 1));
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
  return static_cast<size_t>(threads_ * 2 * shape_.w.out * shape_.inner) * sizeof(float);
}

Status ResizeLinearF32::run(const OpCall& call, ThreadPool& pool) {
  const ResizeShape& s = shape_;
  const float* x = call.in[0].as<float>();
  float* y = call.out[0].as_mutable<float>();
  auto* room = reinterpret_cast<float*>(call.scratch.data());
  const int64_t in_row = s.w.in * s.inner, out_row = s.w.out * s.inner;
  const auto widen = [&](int64_t row, float* to) {
    kernels_->columns(x + row * in_row, wide_.data(), to, s.w.out, s.inner);
  };
  pool.parallel_for(s.outer * s.h.out, 1, [&](int64_t begin, int64_t end, int thread) {
    WideRows<float> rows(room + thread * 2 * out_row, out_row);
    each_row(s, begin, end, [&](int64_t outer, int64_t i) {
      const int64_t a = outer * s.h.in + high_[i].first, b = outer * s.h.in + high_[i].second;
      const bool wide = s.w.changes();
      const float* first = wide ? rows.get(a, b, widen) : x + a * in_row;
      const float* second = wide ? rows.get(b, a, widen) : x + b * in_row;
      kernels_->row(first, second, high_[i], y + (outer * s.h.out + i) * out_row, out_row);
    });
  });
  return {};
}

template <class T>
Status ResizeLinearCodes<T>::prepare(const OpCall& call, const KernelOptions& options) {
  if (!supports_linear_resize<kDTypeOf<T>>(call) || !read_resize(call, &shape_)) return not_taken();
  threads_ = options.threads;
  kernels_ = &resize_codes(options.isa).of<T>();
  const auto tap = [](const ResizePlaces& at, int64_t step) {
    constexpr int kBits = interpolation_bits(sizeof(T));
    return ResizeTapUnits{at.first * step, at.second * step,
                          interpolation_units(at.fraction, kBits)};
  };
  find_taps(call, shape_, tap, &high_, &wide_);
  return {};
}

template <class T>
int64_t ResizeLinearCodes<T>::wide_sums() const {
  return shape_.w.out * shape_.inner + kResizeCodesSlack;
}

template <class T>
size_t ResizeLinearCodes<T>::scratch_bytes() const {
  if (!shape_.w.changes()) return 0;
  return static_cast<size_t>(threads_ * 2 * wide_sums()) * sizeof(int32_t);
}

template <class T>
Status ResizeLinearCodes<T>::run(const OpCall& call, ThreadPool& pool) {
  const ResizeShape& s = shape_;
  const T* x = call.in[0].as<T>();
  T* y = call.out[0].as_mutable<T>();
  auto* room = reinterpret_cast<int32_t*>(call.scratch.data());
  const int64_t in_row = s.w.in * s.inner, out_row = s.w.out * s.inner;
  const auto widen = [&](int64_t row, int32_t* to) {
    kernels_->columns(x + row * in_row, in_row, wide_.data(), to, s.w.out, s.inner);
  };
  pool.parallel_for(s.outer * s.h.out, 1, [&](int64_t begin, int64_t end, int thread) {
    WideRows<int32_t> rows(room + thread * 2 * wide_sums(), wide_sums());
    each_row(s, begin, end, [&](int64_t outer, int64_t i) {
      const int64_t a = outer * s.h.in + high_[i].first, b = outer * s.h.in + high_[i].second;
      T* to = y + (outer * s.h.out + i) * out_row;
      if (s.w.changes()) {
        const int32_t* first = rows.get(a, b, widen);
        kernels_->sums(first, rows.get(b, a, widen), high_[i].units, to, out_row);
      } else {
        kernels_->codes(x + a * in_row, x + b * in_row, high_[i].units, to, out_row);
      }
    });
  });
  return {};
}

template class ResizeLinearCodes<int8_t>;
template class ResizeLinearCodes<int16_t>;

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
  const auto copy_row = [&](int64_t outer, int64_t i) {
    const std::byte* from = x + (outer * s.h.in + high_[i]) * in_row;
    std::byte* to = y + (outer * s.h.out + i) * out_row;
    if (!s.w.changes()) {
      std::memcpy(to, from, in_row);
    } else if (pixel == 1) {
      pick<uint8_t>(from, to, wide_);
    } else if (pixel == 2) {
      pick<uint16_t>(from, to, wide_);
    } else if (pixel == 4) {
      pick<uint32_t>(from, to, wide_);
    } else {
      for (const int64_t column : wide_) {
        std::memcpy(to, from + column * pixel, pixel);
        to += pixel;
      }
    }
  };
  pool.parallel_for(s.outer * s.h.out, 1,
                    [&](int64_t begin, int64_t end, int) { each_row(s, begin, end, copy_row); });
  return {};
}

}  // namespace fettle::runtime
