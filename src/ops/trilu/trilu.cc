// SPDX-License-Identifier: Apache-2.0
//
// Trilu: the upper or lower triangle of each matrix, zero elsewhere; k moves the diagonal.
#include <algorithm>
#include <cstring>

#include "ops/cases.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"upper", AttrKind::integer}};

Status infer(const OpCall& call) {
  FETTLE_TRY(require_rank("Trilu", "input", call.in[0], 2, kMaxRank));
  if (call.has_in(1) && (call.in[1].dtype != DType::i64 || call.in[1].elements() != 1)) {
    return invalid_input("Trilu: k should be one i64");
  }
  FETTLE_TRY(refuse_quantized("Trilu", call));
  return infer_same(call);
}

Status reference(const OpCall& call) {
  const TensorView &x = call.in[0], &y = call.out[0];
  const bool upper = call.attrs.get_int("upper", 1) != 0;
  const int rank = x.dims.rank();
  const int64_t rows = x.dims[rank - 2], columns = x.dims[rank - 1];
  int64_t k = call.has_in(1) ? value_at(call.in[1], 0) : 0;
  k = std::clamp(k, -rows - 1, columns + 1);
  if (x.data != y.data) std::memcpy(y.data, x.data, x.bytes());
  const auto size = static_cast<int64_t>(size_of(x.dtype));
  char* to = static_cast<char*>(y.data);
  for (int64_t m = 0, n = x.dims.product(0, rank - 2); m < n; ++m) {
    for (int64_t r = 0; r < rows; ++r, to += columns * size) {
      // Upper keeps columns r + k and on, lower the ones up to it.
      const int64_t split = std::clamp(upper ? r + k : r + k + 1, int64_t{0}, columns);
      if (upper)
        std::memset(to, 0, static_cast<size_t>(split * size));
      else
        std::memset(to + split * size, 0, static_cast<size_t>((columns - split) * size));
    }
  }
  return {};
}

std::vector<Case> cases() {
  return {{.name = "upper", .inputs = {f32({2, 5, 7})}},
          {.name = "lower", .attrs = {{"upper", int64_t{0}}}, .inputs = {f32({2, 7, 5})}}};
}

constexpr OnnxRule kOnnx[] = {{"Trilu"}};
constexpr OpDef kOps[] = {{.name = "Trilu",
                           .schema = Schema(1, 2, 1, 1, kAttrs),
                           .infer = infer,
                           .cost = kNotApplicable,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = in_place_first,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kOnnx,
                           .tflite = kNotApplicable,
                           .cases = cases}};

}  // namespace

FETTLE_OP_TABLE(trilu, kOps)

}  // namespace fettle::ops
