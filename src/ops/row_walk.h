// SPDX-License-Identifier: Apache-2.0
//
// How elementwise operators walk over operands that broadcast against each other: axes that can
// be walked as one are merged, and what is left is rows. Within a row each operand either goes on
// element by element (step 1) or stands still (step 0), so inner loops stay contiguous.
//
//   for (RowWalk w(out.dims, {&a.dims, &b.dims}); !w.done(); w.next())
//     loop(a + w.at(0), w.step(0), b + w.at(1), w.step(1), out + w.out_at(), w.length());
#pragma once

#include <initializer_list>

#include "base/dims.h"

namespace fettle::ops {

class RowWalk {
 public:
  static constexpr int kMaxOperands = 3;
  // Every operand's shape broadcasts to `out`.
  RowWalk(const Dims& out, std::initializer_list<const Dims*> operands);

  bool done() const { return rows_left_ == 0; }
  void next();
  int64_t length() const { return length_; }  // of every row, in elements
  int64_t out_at() const { return out_at_; }  // where the row begins, in elements
  int64_t at(int operand) const { return at_[operand]; }
  int64_t step(int operand) const { return inner_[operand]; }

 private:
  int operands_ = 0;
  int outer_ = 0;  // axes outside the row
  int64_t length_ = 1, rows_left_ = 1, out_at_ = 0;
  int64_t inner_[kMaxOperands] = {}, at_[kMaxOperands] = {};
  int64_t extent_[kMaxRank] = {}, index_[kMaxRank] = {};
  int64_t step_[kMaxRank][kMaxOperands] = {};
};

}  // namespace fettle::ops
