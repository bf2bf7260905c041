// SPDX-License-Identifier: Apache-2.0
//
// Gemm and MatMul. With a constant matrix on the right it is packed once, at load; otherwise each
// run packs it into scratch, in one piece for all threads, or in one for each thread where there
// are more matrices in the batch than threads.
#pragma once

#include <vector>

#include "runtime/kernel.h"
#include "runtime/kernels/aligned_buffer.h"
#include "runtime/kernels/gemm_f32/gemm_blocks.h"

namespace fettle::runtime {

// One product of a batch, read from a call.
struct ProductShape {
  int64_t rows, depth, columns;  // of one product
  int64_t batch;
  // b(k, n) = b[k * depth_stride + n * column_stride]
  int64_t depth_stride, column_stride;
  const float* bias;
  Activation activation;
};

// Gemm with alpha = beta = 1, A as it is, B constant, C absent or a constant row.
bool read_gemm(const OpCall& call, ProductShape* shape);
// MatMul with a constant matrix on the right: batch is 1.
bool read_matmul(const OpCall& call, ProductShape* shape);
// MatMul of anything by anything, with broadcasting.
bool read_batched_matmul(const OpCall& call, ProductShape* shape);

using ReadProduct = bool (*)(const OpCall& call, ProductShape* shape);
template <ReadProduct kRead>
bool supports_product(const OpCall& call) {
  ProductShape shape;
  return kRead(call, &shape);
}

class ProductF32 final : public Kernel {
 public:
  explicit ProductF32(ReadProduct read) : read_(read) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  size_t scratch_bytes() const override { return thread_bytes_ * threads_; }
  Status run(const OpCall& call, ThreadPool& pool) override;
  std::span<const std::byte> packed() const override { return packed_.bytes(); }

 private:
  ReadProduct read_;
  ProductShape shape_{};
  PanelsF32 panels_;
  GemmBlocks blocks_;
  AlignedBuffer packed_;
  ActivationF32Fn activate_ = nullptr;
  int threads_ = 1;
  size_t thread_bytes_ = 0;
};

class BatchedProductF32 final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  size_t scratch_bytes() const override { return (pointer_bytes_ + packed_bytes_) * threads_; }
  Status run(const OpCall& call, ThreadPool& pool) override;

 private:
  // Units [begin, end) of product i, on one thread.
  void run_units(const OpCall& call, int64_t product, int64_t begin, int64_t end,
                 const float* packed, const float** rows) const;

  ProductShape shape_{};
  PanelsF32 panels_;
  GemmBlocks blocks_;
  std::vector<int64_t> a_offset_, b_offset_;  // of each product, in floats
  ActivationF32Fn activate_ = nullptr;
  int threads_ = 1;
  size_t pointer_bytes_ = 0, packed_bytes_ = 0;
};

}  // namespace fettle::runtime
