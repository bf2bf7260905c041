// SPDX-License-Identifier: Apache-2.0
//
// Operators of one f32 operand: those that are also activations of convolutions, the few other
// formulas, and softmax over the last axis.
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/activation_f32/activation_f32.h"
#include "runtime/kernels/elementwise_f32/elementwise_f32.h"

namespace fettle::runtime {

// How an operator's attributes and constant inputs become an activation; false: it is not one.
using ReadActivationOp = bool (*)(const OpCall& call, Activation* activation);
bool read_relu(const OpCall& call, Activation* activation);
bool read_clip(const OpCall& call, Activation* activation);
bool read_hard_sigmoid(const OpCall& call, Activation* activation);
bool read_leaky_relu(const OpCall& call, Activation* activation);
bool read_swish(const OpCall& call, Activation* activation);
bool read_gelu(const OpCall& call, Activation* activation);
template <ActivationKind kKind>
bool read_plain(const OpCall&, Activation* activation) {
  activation->kind = kKind;
  return true;
}

// One f32 tensor in, one of its shape out.
bool supports_unary_f32(const OpCall& call);
bool supports_softmax_f32(const OpCall& call);
template <ReadActivationOp kRead>
bool supports_activation_op_f32(const OpCall& call) {
  Activation activation;
  return supports_unary_f32(call) && kRead(call, &activation);
}

class ActivationOpF32 final : public Kernel {
 public:
  explicit ActivationOpF32(ReadActivationOp read) : read_(read) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;

 private:
  const ReadActivationOp read_;
  Activation activation_;
  ActivationF32Fn fn_ = nullptr;
};

class UnaryKernelF32 final : public Kernel {
 public:
  explicit UnaryKernelF32(UnaryF32 formula) : formula_(formula) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;

 private:
  const UnaryF32 formula_;
  UnaryF32Fn fn_ = nullptr;
};

class SoftmaxF32 final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;

 private:
  SoftmaxF32Fn fn_ = nullptr;
  int64_t length_ = 1;
};

}  // namespace fettle::runtime
