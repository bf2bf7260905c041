// SPDX-License-Identifier: Apache-2.0
//
// For tests of fast kernels: runs one on a chosen instruction set and number of threads with
// guard bytes around everything it may write, and holds it against sums in double.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "runtime/kernel.h"

namespace fettle::runtime {

// Floats between guards; they are verified when it goes.
class Guarded {
 public:
  explicit Guarded(int64_t floats, bool fill_random = false, uint32_t seed = 1)
      : size_(floats), storage_(floats + 2 * kGuard, kMark) {
    if (!fill_random) return;
    std::mt19937 rng(seed);
    std::uniform_real_distribution<float> uniform(-1, 1);
    for (int64_t i = 0; i < floats; ++i) data()[i] = uniform(rng);
  }
  ~Guarded() {
    for (int64_t i = 0; i < kGuard; ++i) {
      EXPECT_EQ(storage_[i], kMark) << "written before the tensor";
      EXPECT_EQ(storage_[kGuard + size_ + i], kMark) << "written past the tensor";
    }
  }
  float* data() { return storage_.data() + kGuard; }
  int64_t size() const { return size_; }

 private:
  static constexpr int64_t kGuard = 67;  // odd: data is not aligned to vectors
  static constexpr float kMark = -12345.5F;
  int64_t size_;
  std::vector<float> storage_;
};

inline TensorView view_of(Guarded& g, const Dims& dims, bool known = true) {
  TensorView v;
  v.dtype = DType::f32;
  v.dims = dims;
  v.data = known ? g.data() : nullptr;
  return v;
}

inline TensorView view_of(std::vector<int16_t>& codes, const Dims& dims, const Quantization* q) {
  TensorView v;
  v.dtype = DType::i16;
  v.dims = dims;
  v.data = codes.data();
  v.quant = q;
  return v;
}

// What an activation does, by its definition.
inline double exact_activation(const std::string& name, std::vector<float> params, double x) {
  const auto clip = [](double v, double lo, double hi) { return std::min(std::max(v, lo), hi); };
  if (name == "relu") return std::max(x, 0.0);
  if (name == "relu6") return clip(x, 0, 6);
  if (name == "clip") return clip(x, params[0], params[1]);
  if (name == "hard_swish") return x * clip(x / 6 + 0.5, 0, 1);
  if (name == "hard_sigmoid") return clip(params[0] * x + params[1], 0, 1);
  if (name == "sigmoid") return 1 / (1 + std::exp(-x));
  if (name == "silu") return x / (1 + std::exp(-x));
  if (name == "leaky_relu") return x < 0 ? params[0] * x : x;
  if (name == "tanh") return std::tanh(x);
  if (name == "gelu") return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
  return x;
}

inline const KernelEntry* find_kernel(const std::string& name) {
  for (const KernelEntry& e : fast_kernels()) {
    if (name == e.name) return &e;
  }
  return nullptr;
}

// Runs kernel `name`; inputs that `known` lists keep their data for supports and prepare, the
// others have it only at run.
inline void run_kernel(const std::string& name, const Attributes& attrs,
                       std::vector<TensorView> inputs, std::vector<bool> known, TensorView output,
                       KernelOptions options) {
  const KernelEntry* entry = find_kernel(name);
  ASSERT_NE(entry, nullptr) << name;
  std::vector<TensorView> load = inputs;
  for (size_t i = 0; i < load.size(); ++i) {
    if (!known[i]) load[i].data = nullptr;
  }
  TensorView load_out = output;
  load_out.data = nullptr;
  const OpCall at_load{attrs, load, {&load_out, 1}};
  ASSERT_TRUE(entry->supports(at_load));
  const std::unique_ptr<Kernel> kernel = entry->make();
  const Status prepared = kernel->prepare(at_load, options);
  ASSERT_TRUE(prepared.ok()) << prepared.to_string();
  const size_t scratch = kernel->scratch_bytes();
  std::vector<std::byte> storage(scratch + 128, std::byte{0xa5});
  std::byte* at = storage.data() + (64 - reinterpret_cast<uintptr_t>(storage.data()) % 64);
  OpCall call{attrs, inputs, {&output, 1}, {at, scratch}};
  ThreadPool pool(options.threads);
  const Status ran = kernel->run(call, pool);
  ASSERT_TRUE(ran.ok()) << ran.to_string();
  for (std::byte* p = storage.data(); p < at; ++p) ASSERT_EQ(*p, std::byte{0xa5});
  for (std::byte* p = at + scratch; p < storage.data() + storage.size(); ++p) {
    ASSERT_EQ(*p, std::byte{0xa5}) << "written past the scratch";
  }
}

}  // namespace fettle::runtime
