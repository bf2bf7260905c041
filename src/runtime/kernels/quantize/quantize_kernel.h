// SPDX-License-Identifier: Apache-2.0
//
// QuantizeLinear of floats, DequantizeLinear to floats, and Requantize, with one constant scale and
// zero point a tensor, between f32, i8, u8 and i16.
#pragma once

#include "runtime/kernels/element_kernel.h"
#include "runtime/kernels/quantize/quantize.h"

namespace fettle::runtime {

enum class QuantizeForm : uint8_t { quantize, dequantize, requantize };

class QuantizeKernel final : public ElementKernel {
 public:
  explicit QuantizeKernel(QuantizeForm form) : ElementKernel(4096), form_(form) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;

 private:
  void run_elements(const OpCall& call, int64_t begin, int64_t end) const override;

  const QuantizeForm form_;
  Requantization what_{};
  int64_t x_bytes_ = 0, y_bytes_ = 0;  // of an element
  RequantizeFn fn_ = nullptr;
};

template <QuantizeForm kForm>
bool supports_quantize(const OpCall& call);

}  // namespace fettle::runtime
