// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/elementwise_f32/unary_kernels_f32.h"

#include <algorithm>

namespace fettle::runtime {

namespace {
constexpr int64_t kChunk = 1024;         // floats; a unit of work
constexpr int64_t kWorthThreads = 4096;  // of them, what is worth handing over

// Calls body(first, last) over [0, units), units of `unit` floats each.
template <class Body>
void each_range(ThreadPool& pool, int64_t units, int64_t unit, const Body& body) {
  pool.parallel_for(units, std::max<int64_t>(1, kWorthThreads / unit),
                    [&](int64_t begin, int64_t end, int) { body(begin, end); });
}

// Calls body(x, y, n) over stretches of the tensors.
template <class Body>
void each_stretch(const OpCall& call, ThreadPool& pool, const Body& body) {
  const float* x = call.in[0].as<float>();
  float* y = call.out[0].as_mutable<float>();
  const int64_t n = call.in[0].elements();
  each_range(pool, (n + kChunk - 1) / kChunk, kChunk, [&](int64_t first, int64_t last) {
    const int64_t begin = first * kChunk, end = std::min(n, last * kChunk);
    if (begin < end) body(x + begin, y + begin, end - begin);
  });
}

// An optional bound: absent it is the fallback, but it must be known.
bool read_bound(const OpCall& call, size_t i, float* bound) {
  if (!call.has_in(i)) return true;
  if (call.in[i].data == nullptr || call.in[i].elements() != 1) return false;
  *bound = to_float(call.in[i])[0];
  return true;
}
}  // namespace

bool read_relu(const OpCall&, Activation* activation) {
  activation->lo = 0;
  return true;
}
bool read_clip(const OpCall& call, Activation* activation) {
  return read_bound(call, 1, &activation->lo) && read_bound(call, 2, &activation->hi) &&
         activation->lo <= activation->hi;
}
bool read_hard_sigmoid(const OpCall& call, Activation* activation) {
  *activation = {ActivationKind::hard_sigmoid, call.attrs.get_float("alpha", 0.2F),
                 call.attrs.get_float("beta", 0.5F)};
  return true;
}
bool read_leaky_relu(const OpCall& call, Activation* activation) {
  *activation = {ActivationKind::leaky_relu, call.attrs.get_float("alpha", 0.01F), 0};
  return true;
}
bool read_swish(const OpCall& call, Activation* activation) {
  activation->kind = ActivationKind::silu;
  return call.attrs.get_float("alpha", 1.0F) == 1.0F;
}
bool read_gelu(const OpCall& call, Activation* activation) {
  activation->kind = ActivationKind::gelu;
  return call.attrs.get_string("approximate", "none") == "none";
}

bool supports_unary_f32(const OpCall& call) {
  const TensorView &x = call.in[0], &y = call.out[0];
  return x.dtype == DType::f32 && y.dtype == DType::f32 && !x.dynamic && !y.dynamic &&
         x.dims == y.dims && x.elements() > 0 && call.out.size() == 1;
}

bool supports_softmax_f32(const OpCall& call) {
  if (!supports_unary_f32(call)) return false;
  const Dims& dims = call.in[0].dims;
  int64_t axis = call.attrs.get_int("axis", -1);
  if (axis < 0) axis += dims.rank();
  return axis >= 0 && axis < dims.rank() &&
         dims.product(static_cast<int>(axis) + 1, dims.rank()) == 1;
}

Status ActivationOpF32::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_(call, &activation_)) return unsupported("activation_f32: not one that it takes");
  fn_ = activation_f32(options.isa).fn;
  return {};
}
Status ActivationOpF32::run(const OpCall& call, ThreadPool& pool) {
  each_stretch(call, pool,
               [&](const float* x, float* y, int64_t n) { fn_(activation_, x, y, 1, n, n); });
  return {};
}

Status UnaryKernelF32::prepare(const OpCall&, const KernelOptions& options) {
  fn_ = elementwise_f32(options.isa).unary[static_cast<int>(formula_)];
  return {};
}
Status UnaryKernelF32::run(const OpCall& call, ThreadPool& pool) {
  each_stretch(call, pool, fn_);
  return {};
}

Status SoftmaxF32::prepare(const OpCall& call, const KernelOptions& options) {
  const Dims& dims = call.in[0].dims;
  int64_t axis = call.attrs.get_int("axis", -1);
  if (axis < 0) axis += dims.rank();
  length_ = dims[static_cast<int>(axis)];
  fn_ = elementwise_f32(options.isa).softmax;
  return {};
}
Status SoftmaxF32::run(const OpCall& call, ThreadPool& pool) {
  const float* x = call.in[0].as<float>();
  float* y = call.out[0].as_mutable<float>();
  const int64_t rows = call.in[0].elements() / length_;
  each_range(pool, rows, length_, [&](int64_t first, int64_t last) {
    fn_(x + first * length_, y + first * length_, last - first, length_);
  });
  return {};
}

}  // namespace fettle::runtime
