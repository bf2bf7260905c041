// SPDX-License-Identifier: Apache-2.0
//
// What a model is, before anything is done to it: operators, shapes, parameters, work, memory.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compile/compile.h"

namespace fettle::compile {

struct OperandReport {
  std::string name, type;  // "f32 1x3x224x224", "i8 1x10 (scale 0.0039, zero point -128)"
};

struct LayerReport {
  std::string op, name, output;
  int64_t macs = 0;
  size_t weight_bytes = 0, in_bytes = 0, out_bytes = 0;
  DType compute = DType::none;
};

// Steps that run together in stripes, and what that spares.
struct StripesReport {
  int32_t first_step = 0, last_step = 0, stripe_rows = 0;
  int64_t window_bytes = 0, whole_bytes = 0;  // of the tensors between them: held, and if whole
};

struct ModelReport {
  std::string name;
  std::vector<OperandReport> inputs, outputs;
  std::map<std::string, int> operators;
  std::vector<LayerReport> layers;
  int64_t parameters = 0, macs = 0;
  size_t weight_bytes = 0;
  std::vector<StripesReport> stripes;
  plan::ArenaReport arena;
  std::string arena_map;
  std::map<std::string, std::string> metadata;
};

ModelReport inspect(const CompiledModel& model);

}  // namespace fettle::compile
