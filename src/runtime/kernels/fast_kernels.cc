// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernel.h"
#include "runtime/kernels/conv_f32/conv_f32.h"
#include "runtime/kernels/depthwise_f32/depthwise_conv_f32.h"
#include "runtime/kernels/gemm_f32/product_f32.h"
#include "runtime/kernels/winograd_f32/winograd_conv_f32.h"

namespace fettle::runtime {

namespace {
template <class K>
std::unique_ptr<Kernel> make() {
  return std::make_unique<K>();
}
template <ReadProduct kRead>
std::unique_ptr<Kernel> make_product() {
  return std::make_unique<ProductF32>(kRead);
}

#define FETTLE_KERNEL(name, op, isa, supports, make) {name, op, Isa::isa, supports, make},
constexpr KernelEntry kEntries[] = {
#include "runtime/kernels/kernels.def"
};
#undef FETTLE_KERNEL
}  // namespace

std::span<const KernelEntry> fast_kernels() { return kEntries; }

}  // namespace fettle::runtime
