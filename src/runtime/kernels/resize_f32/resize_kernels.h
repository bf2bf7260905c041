// SPDX-License-Identifier: Apache-2.0
//
// Resize along one axis or two neighbouring ones: linear in f32, first down the rows and then along
// them; nearest in any type of whole bytes, as copies of pixels.
#pragma once

#include <vector>

#include "runtime/kernel.h"
#include "runtime/kernels/resize_f32/resize_taps.h"

namespace fettle::runtime {

class ResizeLinearF32 final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  size_t scratch_bytes() const override;
  Status run(const OpCall& call, ThreadPool& pool) override;

 private:
  ResizeShapeF32 shape_;
  std::vector<ResizeTapF32> high_, wide_;  // in floats of the input, and of one row of it
  const ResizeF32* kernels_ = nullptr;
  int threads_ = 1;
};

class ResizeNearest final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;

 private:
  ResizeShapeF32 shape_;
  std::vector<int64_t> high_, wide_;  // source row, source column
  int threads_ = 1;
};

template <bool kLinear>
bool supports_resize(const OpCall& call) {
  ResizeShapeF32 shape;
  return read_resize_f32(call, &shape) && shape.linear == kLinear;
}

}  // namespace fettle::runtime
