// SPDX-License-Identifier: Apache-2.0
//
// A tensor as everything passes it: element type, extents, quantization and a pointer to dense
// row-major elements. TensorView borrows, Tensor owns (64-byte aligned, shared, immutable once
// shared).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/dims.h"
#include "base/dtype.h"
#include "base/status.h"

namespace fettle {

// real = scale[c] * (q - zero_point[c]); one entry per tensor, or one per index along `axis`.
struct Quantization {
  std::vector<float> scale;
  std::vector<int32_t> zero_point;  // as long as scale
  int axis = 0;
  bool per_tensor() const { return scale.size() == 1; }
  friend bool operator==(const Quantization&, const Quantization&) = default;
};

struct Bounds;

struct TensorView {
  DType dtype = DType::none;  // none: an absent optional tensor
  // The extents depend on data: `dims` is an upper bound until the step that makes them has run.
  bool dynamic = false;
  Dims dims;
  void* data = nullptr;                 // null while only the type is known
  const Quantization* quant = nullptr;  // null: plain numbers
  const Bounds* bounds = nullptr;       // of elements while they are not known, where known

  bool present() const { return dtype != DType::none; }
  int64_t elements() const { return dims.elements(); }
  size_t bytes() const { return static_cast<size_t>(elements()) * size_of(dtype); }
  template <class T>
  const T* as() const {
    assert(kDTypeOf<T> == dtype);
    return static_cast<const T*>(data);
  }
  template <class T>
  T* as_mutable() const {
    assert(kDTypeOf<T> == dtype);
    return static_cast<T*>(data);
  }
};

// Owning. Copies share the elements.
class Tensor {
 public:
  Tensor() = default;
  // Zero-filled. Asserts that dims are valid.
  Tensor(DType dtype, const Dims& dims);
  // Borrows `data`, kept alive by `owner` (a mapped file, say).
  Tensor(DType dtype, const Dims& dims, const void* data, std::shared_ptr<const void> owner);
  template <class T>
  static Tensor of(const Dims& dims, std::span<const T> values) {
    Tensor t(kDTypeOf<T>, dims);
    assert(static_cast<int64_t>(values.size()) == dims.elements());
    for (size_t i = 0; i < values.size(); ++i) t.mutable_data<T>()[i] = values[i];
    return t;
  }
  template <class T>
  static Tensor of(const Dims& dims, std::initializer_list<T> values) {
    return of<T>(dims, std::span<const T>(values.begin(), values.size()));
  }
  template <class T>
  static Tensor scalar(T value) {
    return of<T>({}, {value});
  }
  template <class T>
  static Tensor vector(std::span<const T> values) {
    return of<T>({static_cast<int64_t>(values.size())}, values);
  }

  DType dtype() const { return dtype_; }
  const Dims& dims() const { return dims_; }
  int64_t elements() const { return dims_.elements(); }
  size_t bytes() const { return static_cast<size_t>(elements()) * size_of(dtype_); }
  const void* raw() const { return data_.get(); }
  void* mutable_raw() { return const_cast<void*>(data_.get()); }
  template <class T>
  std::span<const T> data() const {
    assert(kDTypeOf<T> == dtype_);
    return {static_cast<const T*>(raw()), static_cast<size_t>(elements())};
  }
  // Only before the tensor is shared.
  template <class T>
  std::span<T> mutable_data() {
    assert(kDTypeOf<T> == dtype_);
    return {static_cast<T*>(mutable_raw()), static_cast<size_t>(elements())};
  }
  const Quantization* quant() const { return quant_.get(); }
  const std::shared_ptr<const Quantization>& shared_quant() const { return quant_; }
  void set_quant(std::shared_ptr<const Quantization> quant) { quant_ = std::move(quant); }
  // The same elements with other extents; the element count must agree.
  Tensor reshaped(const Dims& dims) const;
  TensorView view() const;

 private:
  DType dtype_ = DType::none;
  Dims dims_;
  std::shared_ptr<const void> data_;
  std::shared_ptr<const Quantization> quant_;
};

// What can be said of integers before they are computed, of one tensor's type and extents: no
// element is below its like in `least` or above its like in `most`.
struct Bounds {
  Tensor least, most;
};

// Any numeric tensor's elements, converted.
std::vector<int64_t> to_int64(const TensorView& view);
std::vector<float> to_float(const TensorView& view);

}  // namespace fettle
