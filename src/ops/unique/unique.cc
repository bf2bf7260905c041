// SPDX-License-Identifier: Apache-2.0
//
// Unique: the different elements of a tensor, or its different slices along an axis, in order of
// size or of first appearance; with them where each first stands, which of them every element is,
// and how often each occurs.
#include <algorithm>
#include <cstring>

#include "ops/cases.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"axis", AttrKind::integer}, {"sorted", AttrKind::integer}};

// The units compared: `extent` of them, each outer x inner elements.
struct Units {
  int64_t outer = 1, extent = 0, inner = 1;
  int axis = -1;
};

Status find_units(const OpCall& call, Units* u) {
  const Dims& dims = call.in[0].dims;
  if (!call.attrs.has("axis")) {
    u->extent = dims.elements();
    return {};
  }
  if (dims.rank() == 0) return invalid_input("Unique of a scalar along an axis");
  FETTLE_TRY(normalize_axis("Unique", call.attrs.get_int("axis"), dims.rank(), &u->axis));
  u->outer = dims.product(0, u->axis);
  u->extent = dims[u->axis];
  u->inner = dims.product(u->axis + 1, dims.rank());
  return {};
}

void set_count(const OpCall& call, const Units& u, int64_t count) {
  call.out[0].dims = call.in[0].dims;
  if (u.axis < 0)
    call.out[0].dims = {count};
  else
    call.out[0].dims[u.axis] = count;
  for (size_t i = 1; i < call.out.size(); ++i) call.out[i].dims = {i == 2 ? u.extent : count};
}

Status infer(const OpCall& call) {
  Units u;
  FETTLE_TRY(find_units(call, &u));
  FETTLE_TRY(inherit_quant("Unique", call));
  for (size_t i = 0; i < call.out.size(); ++i) {
    call.out[i].dtype = i == 0 ? call.in[0].dtype : DType::i64;
    call.out[i].dynamic = i != 2 || call.in[0].dynamic;
  }
  set_count(call, u, u.extent);
  return {};
}

size_t scratch(const OpCall& call) {
  Units u;
  if (!find_units(call, &u).ok()) return 0;
  return static_cast<size_t>(u.extent) * 4 * sizeof(int64_t);
}

// Two units: below 0, 0, above 0. One sort serves all element types by it: the machine code of a
// sort is large.
using Compare = int (*)(const void* x, const Units& u, int64_t a, int64_t b);

template <class T>
int compare(const void* raw, const Units& u, int64_t a, int64_t b) {
  const T* x = static_cast<const T*>(raw);
  for (int64_t o = 0; o < u.outer; ++o) {
    const T* pa = x + (o * u.extent + a) * u.inner;
    const T* pb = x + (o * u.extent + b) * u.inner;
    for (int64_t i = 0; i < u.inner; ++i) {
      if (pa[i] < pb[i]) return -1;
      if (pb[i] < pa[i]) return 1;
      if constexpr (!std::is_integral_v<T>) {  // NaN is above everything and equal to itself
        const bool na = pa[i] != pa[i], nb = pb[i] != pb[i];
        if (na != nb) return na ? 1 : -1;
      }
    }
  }
  return 0;
}

void run(const OpCall& call, const Units& u, Compare compare) {
  const void* x = call.in[0].data;
  int64_t* order = reinterpret_cast<int64_t*>(call.scratch.data());  // units from low to high
  int64_t* first = order + u.extent;  // of each group, its first unit
  int64_t* count = first + u.extent;  // of each group
  int64_t* group = count + u.extent;  // of each unit
  for (int64_t i = 0; i < u.extent; ++i) order[i] = i;
  std::sort(order, order + u.extent, [&](int64_t a, int64_t b) {
    const int c = compare(x, u, a, b);
    return c != 0 ? c < 0 : a < b;
  });
  int64_t groups = 0;
  for (int64_t i = 0; i < u.extent; ++i) {
    if (i == 0 || compare(x, u, order[i - 1], order[i]) != 0) {
      first[groups] = order[i];
      count[groups++] = 0;
    }
    ++count[groups - 1];
    group[order[i]] = groups - 1;
  }
  int64_t* listed = order;  // groups in the order in which they are given out
  for (int64_t g = 0; g < groups; ++g) listed[g] = g;
  if (call.attrs.get_int("sorted", 1) == 0) {
    std::sort(listed, listed + groups, [&](int64_t a, int64_t b) { return first[a] < first[b]; });
  }
  const auto wanted = [&](size_t i) {
    return i < call.out.size() && call.out[i].data != nullptr
               ? static_cast<int64_t*>(call.out[i].data)
               : nullptr;
  };
  const auto* from = static_cast<const std::byte*>(x);
  auto* to = static_cast<std::byte*>(call.out[0].data);
  const auto run_bytes = u.inner * static_cast<int64_t>(size_of(call.in[0].dtype));
  for (int64_t g = 0; g < groups; ++g) {
    for (int64_t o = 0; o < u.outer; ++o) {
      std::memcpy(to + (o * groups + g) * run_bytes,
                  from + (o * u.extent + first[listed[g]]) * run_bytes,
                  static_cast<size_t>(run_bytes));
    }
    if (int64_t* indices = wanted(1)) indices[g] = first[listed[g]];
    if (int64_t* counts = wanted(3)) counts[g] = count[listed[g]];
  }
  if (int64_t* inverse = wanted(2)) {
    int64_t* place = count;  // of each group; counts are out
    for (int64_t g = 0; g < groups; ++g) place[listed[g]] = g;
    for (int64_t i = 0; i < u.extent; ++i) inverse[i] = place[group[i]];
  }
  set_count(call, u, groups);
}

Status reference(const OpCall& call) {
  Units u;
  FETTLE_TRY(find_units(call, &u));
  visit_dtype(
      call.in[0].dtype,
      [&]<class T>(T) {
        run(call, u, compare<T>);
        return 0;
      },
      0);
  return {};
}

std::vector<Case> cases() {
  return {{.name = "flat", .inputs = {typed(DType::i32, {4, 9})}, .low = 0, .high = 9}};
}

constexpr OnnxRule kOnnx[] = {{"Unique"}};
constexpr OpDef kOps[] = {{.name = "Unique",
                           .schema = Schema(1, 1, 1, 4, kAttrs),
                           .infer = infer,
                           .cost = kNotApplicable,
                           .reference = reference,
                           .scratch = scratch,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kOnnx,
                           .tflite = kNotApplicable,
                           .cases = cases}};

}  // namespace

FETTLE_OP_TABLE(unique, kOps)

}  // namespace fettle::ops
