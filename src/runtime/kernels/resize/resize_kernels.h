// SPDX-License-Identifier: Apache-2.0
//
// Resize along one axis or two neighbouring ones: linear in f32, i8 and i16, first along the rows
// and then down them, so that an image that grows has each of its rows widened once; nearest in any
// type, as copies of pixels.
#pragma once

#include <vector>

#include "runtime/kernel.h"
#include "runtime/kernels/resize/resize_codes.h"
#include "runtime/kernels/resize/resize_f32.h"
#include "runtime/kernels/resize/resize_taps.h"

namespace fettle::runtime {

class ResizeLinearF32 final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  size_t scratch_bytes() const override;
  Status run(const OpCall& call, ThreadPool& pool) override;

 private:
  ResizeShape shape_;
  std::vector<ResizeTapF32> high_, wide_;  // in rows of the input, and in floats of one
  const ResizeF32* kernels_ = nullptr;
  int threads_ = 1;
};

// Codes of type T, int8_t or int16_t.
template <class T>
class ResizeLinearCodes final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  size_t scratch_bytes() const override;
  Status run(const OpCall& call, ThreadPool& pool) override;

 private:
  int64_t wide_sums() const;

  ResizeShape shape_;
  std::vector<ResizeTapUnits> high_, wide_;  // in rows of the input, and in codes of one
  const ResizeCodes<T>* kernels_ = nullptr;
  int threads_ = 1;
};

class ResizeNearest final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;

 private:
  ResizeShape shape_;
  std::vector<int64_t> high_, wide_;  // source row, source column
};

template <DType kType>
bool supports_linear_resize(const OpCall& call) {
  ResizeShape shape;
  return call.in[0].dtype == kType && read_resize(call, &shape) && shape.linear;
}
inline bool supports_nearest_resize(const OpCall& call) {
  ResizeShape shape;
  return read_resize(call, &shape) && !shape.linear;
}

}  // namespace fettle::runtime
