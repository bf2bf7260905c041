// SPDX-License-Identifier: Apache-2.0
//
// Zero-filled floats on a cache line's boundary: packed weights and the like, owned by a kernel.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/status.h"

namespace fettle::runtime {

class AlignedBuffer {
 public:
  Status allocate(size_t floats) {
    const size_t bytes = (floats * sizeof(float) + 63) / 64 * 64;
    data_.reset(static_cast<float*>(std::aligned_alloc(64, bytes == 0 ? 64 : bytes)));
    if (!data_) return Status(Code::out_of_memory, "no memory for packed weights of a kernel");
    std::memset(data_.get(), 0, bytes);
    floats_ = floats;
    return {};
  }
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  size_t bytes() const { return floats_ * sizeof(float); }

 private:
  struct Free {
    void operator()(float* p) const { std::free(p); }
  };
  std::unique_ptr<float, Free> data_;
  size_t floats_ = 0;
};

}  // namespace fettle::runtime
