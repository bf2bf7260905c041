// SPDX-License-Identifier: Apache-2.0
//
// Operators of two quantized operands, each with a range of its own, to a third range:
//
//   Add, Sub   of i8: base/sum_of_codes.h
//              of i16: y = requantize(m_a * (a - zero_a) ± m_b * (b - zero_b)), m_a = scale_a /
//              scale_y
//   Min, Max   as i16, with min or max in place of the sum
//   Mul        y = requantize(((a - zero_a) * (b - zero_b)) * (scale_a * scale_b / scale_y))
//
// with every multiplication and addition rounded to float32, in this order.
#pragma once

#include "base/op_call.h"

namespace fettle::ops {

enum class PairKind : uint8_t { add, sub, mul, min, max };

// Types and broadcast shape of output 0; Code::unsupported where there is no integer form.
Status infer_integer_pair(const char* op, const OpCall& call);
Status run_integer_pair(const char* op, PairKind kind, const OpCall& call);

}  // namespace fettle::ops
