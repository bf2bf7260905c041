// SPDX-License-Identifier: Apache-2.0
//
// Inputs and outputs in the caller's memory.
#include <algorithm>
#include <cstdint>

#include "runtime/session.h"

namespace fettle::runtime {

namespace {

bool overlap(std::span<const std::byte> a, const std::byte* b, size_t b_size) {
  return a.data() < b + b_size && b < a.data() + a.size();
}

bool contains(const std::vector<int32_t>& list, int32_t tensor) {
  return std::find(list.begin(), list.end(), tensor) != list.end();
}

}  // namespace

Status Session::bind_input(size_t i, std::span<const std::byte> memory) {
  if (i >= inputs()) return usage_error("there is no input " + std::to_string(i) + " to bind");
  const int32_t tensor = plan_->inputs[i];
  FETTLE_TRY(check_binding(tensor, memory));
  // Steps write to their outputs alone, and none of those is an input.
  bind(tensor, const_cast<std::byte*>(memory.data()));
  return {};
}

Status Session::bind_output(size_t i, std::span<std::byte> memory) {
  if (i >= outputs()) return usage_error("there is no output " + std::to_string(i) + " to bind");
  const int32_t tensor = plan_->outputs[i];
  if (plan_->tensors[tensor].is_weight() || contains(plan_->inputs, tensor)) {
    return usage_error("output '" + std::string(output_name(i)) + "' is " +
                       (plan_->tensors[tensor].is_weight() ? "a constant" : "one of the inputs") +
                       ": no step writes it, so it cannot be bound");
  }
  FETTLE_TRY(check_binding(tensor, memory));
  bind(tensor, memory.data());
  return {};
}

Status Session::check_binding(int32_t tensor, std::span<const std::byte> memory) const {
  if (memory.empty()) return {};
  const plan::PlanTensor& planned = plan_->tensors[tensor];
  const std::string name = "the memory for '" + planned.name + "' ";
  if (memory.size() < planned.bytes()) {
    return usage_error(name + "has " + std::to_string(memory.size()) + " bytes and needs " +
                       std::to_string(planned.bytes()));
  }
  if (reinterpret_cast<uintptr_t>(memory.data()) % size_of(planned.dtype) != 0) {
    return usage_error(name + "is not aligned for elements of " +
                       std::to_string(size_of(planned.dtype)) + " bytes");
  }
  const auto used = memory.first(planned.bytes());
  if (overlap(used, arena_.get(), memory_.arena)) {
    return usage_error(name + "lies in the session's own arena");
  }
  for (const auto* list : {&plan_->inputs, &plan_->outputs}) {
    for (const int32_t other : *list) {
      if (other == tensor) continue;
      const auto* data = static_cast<const std::byte*>(tensors_[other].data);
      if (!overlap(used, data, plan_->tensors[other].bytes())) continue;
      return usage_error(name + "overlaps with that of '" + plan_->tensors[other].name + "'");
    }
  }
  return {};
}

void Session::bind(int32_t tensor, std::byte* memory) {
  tensors_[tensor].data = memory != nullptr ? memory : arena_.get() + plan_->tensors[tensor].offset;
  for (size_t s = 0; s < steps_.size(); ++s) gather(steps_[s], plan_->steps[s]);
}

}  // namespace fettle::runtime
