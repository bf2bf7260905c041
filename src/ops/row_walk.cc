// SPDX-License-Identifier: Apache-2.0
#include "ops/row_walk.h"

#include "ops/shapes.h"

namespace fettle::ops {

RowWalk::RowWalk(const Dims& out, std::initializer_list<const Dims*> operands) {
  assert(operands.size() <= kMaxOperands);
  if (out.elements() == 0) {
    rows_left_ = 0;
    return;
  }
  Strides strides[kMaxOperands];
  for (const Dims* d : operands) strides[operands_++] = broadcast_strides(*d, out);

  // Axes from the outermost, each merged into the one before where all operands allow it.
  int axes = 0;
  for (int i = 0; i < out.rank(); ++i) {
    if (out[i] == 1) continue;
    bool merges = axes > 0;
    for (int k = 0; k < operands_ && merges; ++k) {
      merges = step_[axes - 1][k] == strides[k].step[i] * out[i];
    }
    if (!merges) extent_[axes++] = 1;
    extent_[axes - 1] *= out[i];
    for (int k = 0; k < operands_; ++k) step_[axes - 1][k] = strides[k].step[i];
  }
  if (axes == 0) {  // one element
    extent_[axes++] = 1;
  }
  outer_ = axes - 1;
  length_ = extent_[outer_];
  for (int k = 0; k < operands_; ++k) inner_[k] = step_[outer_][k];
  for (int i = 0; i < outer_; ++i) rows_left_ *= extent_[i];
}

void RowWalk::next() {
  --rows_left_;
  out_at_ += length_;
  for (int i = outer_ - 1; i >= 0; --i) {
    ++index_[i];
    for (int k = 0; k < operands_; ++k) at_[k] += step_[i][k];
    if (index_[i] < extent_[i]) return;
    for (int k = 0; k < operands_; ++k) at_[k] -= step_[i][k] * extent_[i];
    index_[i] = 0;
  }
}

}  // namespace fettle::ops
