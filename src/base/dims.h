// SPDX-License-Identifier: Apache-2.0
//
// The extents of a tensor: at most kMaxRank of them, held in place so that shapes can be computed
// in the steady state without an allocation. Extents are always known and non-negative here;
// dynamic dimensions of a model are resolved before anything is inferred.
#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace fettle {

inline constexpr int kMaxRank = 8;
// No tensor may have more elements than this: products of extents can then never overflow, nor can
// their bytes in the size_t of a 32-bit machine.
inline constexpr int64_t kMaxElements = int64_t{1} << (sizeof(size_t) > 4 ? 40 : 27);

class Dims {
 public:
  Dims() = default;
  Dims(std::initializer_list<int64_t> extents) {
    for (int64_t e : extents) push_back(e);
  }
  template <class It>
  Dims(It first, It last) {
    for (; first != last; ++first) push_back(*first);
  }
  int rank() const { return rank_; }
  bool empty() const { return rank_ == 0; }
  int64_t operator[](int i) const {
    assert(i >= 0 && i < rank_);
    return extents_[i];
  }
  int64_t& operator[](int i) {
    assert(i >= 0 && i < rank_);
    return extents_[i];
  }
  int64_t back() const { return (*this)[rank_ - 1]; }
  const int64_t* begin() const { return extents_.data(); }
  const int64_t* end() const { return extents_.data() + rank_; }
  void push_back(int64_t e) {
    assert(rank_ < kMaxRank);
    extents_[rank_++] = e;
  }
  void resize(int rank, int64_t fill = 1) {
    assert(rank >= 0 && rank <= kMaxRank);
    for (int i = rank_; i < rank; ++i) extents_[i] = fill;
    rank_ = static_cast<uint8_t>(rank);
  }
  // Product of extents [first, last); 1 for an empty range.
  int64_t product(int first, int last) const {
    int64_t n = 1;
    for (int i = first; i < last; ++i) n *= extents_[i];
    return n;
  }
  int64_t elements() const { return product(0, rank_); }
  // Whether every extent is non-negative and the product of those that are not 0 stays within
  // kMaxElements: then the product of any range of them does.
  bool valid() const {
    int64_t n = 1;
    for (int64_t e : *this) {
      if (e < 0 || (e > 0 && n > kMaxElements / e)) return false;
      if (e > 0) n *= e;
    }
    return true;
  }
  friend bool operator==(const Dims& a, const Dims& b) {
    if (a.rank_ != b.rank_) return false;
    for (int i = 0; i < a.rank_; ++i) {
      if (a.extents_[i] != b.extents_[i]) return false;
    }
    return true;
  }
  std::string to_string() const {  // "1x3x224x224"; "scalar"
    if (rank_ == 0) return "scalar";
    std::string s;
    for (int64_t e : *this) s += (s.empty() ? "" : "x") + std::to_string(e);
    return s;
  }

 private:
  std::array<int64_t, kMaxRank> extents_{};
  uint8_t rank_ = 0;
};

}  // namespace fettle
