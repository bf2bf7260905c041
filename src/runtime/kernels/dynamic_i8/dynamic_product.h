// SPDX-License-Identifier: Apache-2.0
//
// Floats by 8-bit weights: channels-last convolutions in one group, and products by a constant
// matrix, which are convolutions of 1x1. The input is quantized into scratch (each pixel of a 1x1
// convolution to a range of its own, else each image), multiplied as in conv_i8, and the sums of a
// few rows and one panel become floats while they are in the first-level cache.
#pragma once

#include "runtime/kernels/conv_i8/conv_i8.h"
#include "runtime/kernels/dynamic_i8/dynamic_i8.h"
#include "runtime/kernels/dynamic_i8/dynamic_weights.h"

namespace fettle::runtime {

// One product as a convolution; `turned` where weights are [depth][columns] in the call.
struct DynamicShape {
  ConvShape conv;
  DynamicWeights weights;
  bool turned = false;
};
// False where the call is not one that the kernel takes.
using ReadDynamic = bool (*)(const OpCall& call, DynamicShape* shape);
bool read_dynamic_conv(const OpCall& call, DynamicShape* shape);
bool read_dynamic_gemm(const OpCall& call, DynamicShape* shape);
bool read_dynamic_matmul(const OpCall& call, DynamicShape* shape);

template <ReadDynamic kRead>
bool supports_dynamic_product(const OpCall& call) {
  DynamicShape shape;
  return kRead(call, &shape);
}

class DynamicProduct final : public ConvI8 {
 public:
  explicit DynamicProduct(ReadDynamic read) : read_(read) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  size_t scratch_bytes() const override { return shared_bytes_ + own_bytes_ * threads(); }
  Status run(const OpCall& call, ThreadPool& pool) override;
  bool by_rows() const override { return false; }
  size_t packed_bytes() const override;

 private:
  struct Memory;
  size_t threads() const { return static_cast<size_t>(threads_); }
  Memory lay_out(std::span<std::byte> scratch) const;
  void quantize_pixels(const float* x, const Memory& memory, ThreadPool& pool) const;
  void quantize_image(const float* x, const Memory& memory, ThreadPool& pool);
  void multiply(const OpCall& call, int64_t first_pixel, const Memory& memory, ThreadPool& pool);
  void multiply_block(const OpCall& call, int64_t first_pixel, int64_t unit, std::byte* own,
                      const Memory& memory, bool find) const;

  ReadDynamic read_;
  DynamicWeights weights_;
  const DynamicI8* kernels_ = nullptr;
  ActivationF32Fn activate_ = nullptr;
  bool by_pixel_ = false, widen_ = false;
  int64_t images_ = 1, panel_width_ = 0;
  size_t code_bytes_ = 0, range_bytes_ = 0, shared_bytes_ = 0, own_bytes_ = 0;
};

}  // namespace fettle::runtime
