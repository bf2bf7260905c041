// SPDX-License-Identifier: Apache-2.0
//
// A call of an operator over codes, run by its reference and by a fast kernel on every instruction
// set of this machine: bit for bit the same, and nothing written but the result.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "base/attributes.h"
#include "base/tensor.h"

namespace fettle::operators {

struct IntegerOperand {
  DType dtype = DType::i8;
  Dims dims = {};
  float scale = 0.05F;
  int32_t zero_point = 3;
  bool known = false;                // constant: there at load
  int fill = 1000;                   // every element, if it fits the type
  float spread = 1;                  // of random floats
  std::vector<int64_t> values = {};  // of an i64 or i16 operand
  std::vector<int8_t> codes = {};    // of an i8 operand, in place of random ones
  bool every_code = false;           // of an i16 operand: from the least on, one after another
};

struct IntegerCall {
  std::string kernel;  // by its name in kernels.def
  std::string op;
  Attributes attrs = {};
  std::vector<IntegerOperand> in = {};
  IntegerOperand out = {};  // its dims follow from the others
  bool in_place = false;    // over input 0
};

// Every instruction set, one thread and three. Also that the kernel takes the call.
void check(const IntegerCall& call, uint32_t seed = 1);
// Whether the kernel takes the call.
bool takes(const IntegerCall& call);

}  // namespace fettle::operators
