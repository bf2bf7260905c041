// SPDX-License-Identifier: Apache-2.0
#include "passes/permutation.h"

namespace fettle::passes {

Perm perm_of(const ir::Node* transpose) {
  const auto given = transpose->attrs.get_ints("perm");
  const int64_t rank = transpose->input(0)->type.dims.rank();
  Perm perm(given.begin(), given.end());
  while (static_cast<int64_t>(perm.size()) < rank) {
    perm.push_back(rank - 1 - static_cast<int64_t>(perm.size()));
  }
  for (int64_t& axis : perm) axis += axis < 0 ? rank : 0;
  return perm;
}

bool is_rotation(const Perm& p) {
  const auto rank = static_cast<int64_t>(p.size());
  if (rank < 3 || p[0] != 0 || p[1] == 1) return false;
  for (int64_t i = 2; i < rank; ++i) {
    if (p[i] != (p[i - 1] + 1 < rank ? p[i - 1] + 1 : 1)) return false;
  }
  return true;
}

Perm inverse(const Perm& p) {
  Perm inv(p.size());
  for (size_t i = 0; i < p.size(); ++i) inv[static_cast<size_t>(p[i])] = static_cast<int64_t>(i);
  return inv;
}

}  // namespace fettle::passes
