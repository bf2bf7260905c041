// SPDX-License-Identifier: Apache-2.0
//
// Depthwise convolution of floats by 8-bit weights. Codes less their zero point, and weights, are
// small enough that depthwise_f32 sums up their products exactly; what it leaves in the output is
// scaled there.
#pragma once

#include "runtime/kernels/depthwise_f32/depthwise_conv_f32.h"
#include "runtime/kernels/dynamic_i8/dynamic_i8.h"
#include "runtime/kernels/dynamic_i8/dynamic_weights.h"

namespace fettle::runtime {

class DynamicDepthwise final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  size_t scratch_bytes() const override;
  Status run(const OpCall& call, ThreadPool& pool) override;
  size_t packed_bytes() const override;

 private:
  DynamicRange range_of(const float* x, const OpCall& call, ThreadPool& pool) const;

  ConvShape shape_{};
  Attributes attrs_;  // of the convolution of codes: no activation
  DynamicWeights weights_;
  DepthwiseConvF32 sums_;  // of one image; asks for no scratch
  TensorView image_[1], out_;
  const DynamicI8* kernels_ = nullptr;
  ActivationF32Fn activate_ = nullptr;
  int threads_ = 1;
};

bool supports_dynamic_depthwise(const OpCall& call);

}  // namespace fettle::runtime
