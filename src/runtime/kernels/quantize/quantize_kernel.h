// SPDX-License-Identifier: Apache-2.0
//
// QuantizeLinear of floats, DequantizeLinear to floats, and Requantize, with one constant scale and
// zero point a tensor, between f32, i8, u8 and i16.
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/quantize/quantize.h"

namespace fettle::runtime {

enum class QuantizeForm : uint8_t { quantize, dequantize, requantize };

class QuantizeKernel final : public Kernel {
 public:
  explicit QuantizeKernel(QuantizeForm form) : form_(form) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;
  bool by_rows() const override { return row_elements_ > 0; }
  void run_rows(const OpCall& call, Rows out) override;

 private:
  void convert(const OpCall& call, int64_t begin, int64_t end) const;

  const QuantizeForm form_;
  Requantization what_{};
  int64_t x_bytes_ = 0, y_bytes_ = 0;  // of an element
  int64_t row_elements_ = 0;           // of an image's row; 0: no image
  RequantizeFn fn_ = nullptr;
};

template <QuantizeForm kForm>
bool supports_quantize(const OpCall& call);

}  // namespace fettle::runtime
