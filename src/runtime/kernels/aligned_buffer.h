// SPDX-License-Identifier: Apache-2.0
//
// Zero-filled floats on a cache line's boundary: packed weights and the like, owned by a kernel; or
// packed weights that the package has, borrowed.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

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
    borrowed_ = nullptr;
    return {};
  }
  // Borrows `packed`, which outlives the buffer, if it is of just this size: then there is nothing
  // left to pack. Otherwise the buffer is as it was.
  bool borrow(std::span<const std::byte> packed, size_t floats) {
    if (packed.size() != floats * sizeof(float) || packed.empty()) return false;
    borrowed_ = reinterpret_cast<const float*>(packed.data());
    floats_ = floats;
    return true;
  }
  float* mutable_data() { return data_.get(); }  // of its own, not what is borrowed
  const float* data() const { return borrowed_ != nullptr ? borrowed_ : data_.get(); }
  std::span<const std::byte> bytes() const {
    return {reinterpret_cast<const std::byte*>(data()), floats_ * sizeof(float)};
  }

 private:
  struct Free {
    void operator()(float* p) const { std::free(p); }
  };
  std::unique_ptr<float, Free> data_;
  const float* borrowed_ = nullptr;
  size_t floats_ = 0;
};

}  // namespace fettle::runtime
