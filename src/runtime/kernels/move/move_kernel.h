// SPDX-License-Identifier: Apache-2.0
//
// Operators that only move elements, of any type of whole bytes: Transpose, Slice, Concat, Split.
// Each is read into a list of moves at load. A transposition into an image [1, H, W, C] can be done
// by rows: it begins a chain whose input is not in rows.
#pragma once

#include <optional>
#include <vector>

#include "runtime/kernel.h"
#include "runtime/kernels/move/strided_move.h"

namespace fettle::runtime {

// False where it is none of ours: an operand that is not yet known, extents that depend on data.
using ReadMoves = bool (*)(const OpCall& call, std::vector<Move>* moves);
bool read_transpose(const OpCall& call, std::vector<Move>* moves);
bool read_slice(const OpCall& call, std::vector<Move>* moves);
bool read_concat(const OpCall& call, std::vector<Move>* moves);
bool read_split(const OpCall& call, std::vector<Move>* moves);

// Type and shapes that a move can have at all.
bool can_move(const OpCall& call);
template <ReadMoves kRead>
bool supports_moves(const OpCall& call) {
  std::vector<Move> moves;
  return can_move(call) && kRead(call, &moves);
}

class MoveKernel final : public Kernel {
 public:
  explicit MoveKernel(ReadMoves read) : read_(read) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;
  bool by_rows() const override { return row_.has_value(); }
  void run_rows(const OpCall& call, Rows out) override;

 private:
  const ReadMoves read_;
  std::vector<StridedMove> moves_;
  std::optional<StridedMove> row_;                 // of the output
  int64_t row_from_bytes_ = 0, row_to_bytes_ = 0;  // from one to the next
};

}  // namespace fettle::runtime
