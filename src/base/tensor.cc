// SPDX-License-Identifier: Apache-2.0
#include "base/tensor.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <type_traits>

namespace fettle {

namespace {
constexpr size_t kAlignment = 64;

std::shared_ptr<void> allocate(size_t bytes) {
  const size_t rounded = (bytes + kAlignment) / kAlignment * kAlignment;  // never zero bytes
  void* p = std::aligned_alloc(kAlignment, rounded);
  if (p == nullptr) throw std::bad_alloc();
  std::memset(p, 0, rounded);
  return {p, std::free};
}

// An integer from a float beyond its range is its nearest; from NaN, 0.
template <class To, class From>
To converted(From from) {
  if constexpr (std::is_integral_v<To> && !std::is_integral_v<From>) {
    const double x = static_cast<double>(from);
    if (std::isnan(x)) return 0;
    if (x >= static_cast<double>(std::numeric_limits<To>::max()))
      return std::numeric_limits<To>::max();
    if (x <= static_cast<double>(std::numeric_limits<To>::lowest()))
      return std::numeric_limits<To>::lowest();
  }
  return static_cast<To>(from);
}

template <class To>
std::vector<To> convert(const TensorView& view) {
  std::vector<To> out(static_cast<size_t>(view.elements()));
  visit_dtype(
      view.dtype,
      [&](auto tag) {
        using From = decltype(tag);
        const From* from = view.as<From>();
        for (size_t i = 0; i < out.size(); ++i) out[i] = converted<To>(from[i]);
        return 0;
      },
      0);
  return out;
}
}  // namespace

Tensor::Tensor(DType dtype, const Dims& dims) : dtype_(dtype), dims_(dims) {
  assert(dims.valid());
  data_ = allocate(bytes());
}

Tensor::Tensor(DType dtype, const Dims& dims, const void* data, std::shared_ptr<const void> owner)
    : dtype_(dtype), dims_(dims), data_(std::move(owner), data) {
  assert(dims.valid());
}

Tensor Tensor::reshaped(const Dims& dims) const {
  assert(dims.elements() == elements());
  Tensor t = *this;
  t.dims_ = dims;
  return t;
}

TensorView Tensor::view() const {
  return {dtype_, false, dims_, const_cast<void*>(raw()), quant_.get()};
}

std::vector<int64_t> to_int64(const TensorView& view) { return convert<int64_t>(view); }
std::vector<float> to_float(const TensorView& view) { return convert<float>(view); }

}  // namespace fettle
