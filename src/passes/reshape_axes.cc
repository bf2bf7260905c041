// SPDX-License-Identifier: Apache-2.0
#include "passes/reshape_axes.h"

#include <algorithm>
#include <numeric>

namespace fettle::passes {

namespace {

struct Factor {
  int64_t extent;
  int from, to;  // the axes it is part of
};

// Empty: the shapes have none in common.
std::vector<Factor> common_factors(const Dims& from, const Dims& to) {
  std::vector<Factor> factors;
  int i = -1, j = -1;
  int64_t left = 1, right = 1;  // what is still to be cut of axis i and of axis j
  while (true) {
    while (left == 1 && i + 1 < from.rank()) left = from[++i];
    while (right == 1 && j + 1 < to.rank()) right = to[++j];
    if (left == 1 || right == 1) break;
    const int64_t extent = std::min(left, right);
    if (left % extent != 0 || right % extent != 0) return {};
    factors.push_back({extent, i, j});
    left /= extent;
    right /= extent;
  }
  return factors;
}

}  // namespace

std::optional<MovedReshape> move_reshape(std::span<const int64_t> perm, const Dims& from,
                                         const Dims& to) {
  if (from.elements() == 0 || from.elements() != to.elements()) return std::nullopt;
  const std::vector<Factor> factors = common_factors(from, to);
  if (factors.empty()) return std::nullopt;
  std::vector<size_t> in_x(factors.size());
  std::iota(in_x.begin(), in_x.end(), size_t{0});
  std::stable_sort(in_x.begin(), in_x.end(), [&](size_t a, size_t b) {
    return perm[static_cast<size_t>(factors[a].from)] < perm[static_cast<size_t>(factors[b].from)];
  });

  MovedReshape moved;
  std::vector<int> axes;  // of `to`, in the order of x; extents of 1 behind what they follow
  const auto add_axes = [&](int axis) {
    do axes.push_back(axis++);
    while (axis < to.rank() && to[axis] == 1);
  };
  if (to[0] == 1) add_axes(0);
  for (size_t at = 0; at < in_x.size();) {
    const int axis = factors[in_x[at]].to;
    if (std::find(axes.begin(), axes.end(), axis) != axes.end()) return std::nullopt;
    add_axes(axis);
    std::vector<std::pair<size_t, int64_t>> group;  // place in `to`, place in x
    for (; at < in_x.size() && factors[in_x[at]].to == axis; ++at) {
      moved.factors.push_back(factors[in_x[at]].extent);
      group.emplace_back(in_x[at], static_cast<int64_t>(at));
    }
    std::sort(group.begin(), group.end());
    for (const auto& [place, position] : group) moved.inner.push_back(position);
  }
  moved.after.resize(axes.size());
  for (size_t k = 0; k < axes.size(); ++k) {
    moved.shape.push_back(to[axes[k]]);
    moved.after[static_cast<size_t>(axes[k])] = static_cast<int64_t>(k);
  }
  return moved;
}

}  // namespace fettle::passes
