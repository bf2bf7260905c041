// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernel.h"
#include "runtime/kernels/conv_f32/conv_f32.h"
#include "runtime/kernels/conv_i8/conv_i8.h"
#include "runtime/kernels/depthwise_f32/depthwise_conv_f32.h"
#include "runtime/kernels/depthwise_i8/depthwise_conv_i8.h"
#include "runtime/kernels/dynamic_i8/dynamic_depthwise.h"
#include "runtime/kernels/dynamic_i8/dynamic_product.h"
#include "runtime/kernels/elementwise_f32/broadcast_f32.h"
#include "runtime/kernels/elementwise_f32/unary_kernels_f32.h"
#include "runtime/kernels/gemm_f32/product_f32.h"
#include "runtime/kernels/gemm_i8/product_i8.h"
#include "runtime/kernels/hard_i16/hard_kernel_i16.h"
#include "runtime/kernels/lookup_i16/lookup_kernel_i16.h"
#include "runtime/kernels/lookup_i8/lookup_kernel_i8.h"
#include "runtime/kernels/move/move_kernel.h"
#include "runtime/kernels/pair_i16/pair_kernel_i16.h"
#include "runtime/kernels/pair_i8/pair_kernel_i8.h"
#include "runtime/kernels/pool_f32/pool_kernel_f32.h"
#include "runtime/kernels/pool_f32/reduce_kernel_f32.h"
#include "runtime/kernels/pool_i16/pool_kernels_i16.h"
#include "runtime/kernels/pool_i8/pool_kernels_i8.h"
#include "runtime/kernels/pool_i8/separable_max_pool_i8.h"
#include "runtime/kernels/quantize/concat_i16.h"
#include "runtime/kernels/quantize/quantize_kernel.h"
#include "runtime/kernels/resize/resize_kernels.h"
#include "runtime/kernels/softmax_codes/softmax_kernel.h"
#include "runtime/kernels/winograd_f32/winograd_conv_f32.h"

namespace fettle::runtime {

namespace {
using Join = PoolF32Join;
using JoinI8 = PoolI8Join;
using Kind = ActivationKind;
template <class K>
std::unique_ptr<Kernel> make() {
  return std::make_unique<K>();
}
template <ReadProduct kRead>
std::unique_ptr<Kernel> make_product() {
  return std::make_unique<ProductF32>(kRead);
}
template <ReadDynamic kRead>
std::unique_ptr<Kernel> make_dynamic_product() {
  return std::make_unique<DynamicProduct>(kRead);
}
template <class K, auto... kArgs>
std::unique_ptr<Kernel> make_with() {
  return std::make_unique<K>(kArgs...);
}

#define FETTLE_KERNEL(name, op, isa, supports, ...) {name, op, Isa::isa, supports, __VA_ARGS__},
constexpr KernelEntry kEntries[] = {
#include "runtime/kernels/kernels.def"
};
#undef FETTLE_KERNEL
}  // namespace

std::span<const KernelEntry> fast_kernels() { return kEntries; }

}  // namespace fettle::runtime
