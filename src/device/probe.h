// SPDX-License-Identifier: Apache-2.0
//
// Describes the machine at hand: what the kernel tells (cores, caches, clocks, memory, thermal trip
// points) and what is measured here (peaks per instruction set and type, read bandwidth per thread
// count, the real clock). Takes under 15 seconds. Power and heat cannot be measured from here and
// are left out.
//
// Weakness: run it on an idle machine at a steady clock; what else runs makes every figure smaller.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "device/profile.h"

namespace fettle::device {

struct ProbeOptions {
  std::string id = "this-machine";
  double seconds = 10;  // about how long to measure, all together
  // What is being measured, and how much of everything is done.
  std::function<void(std::string_view what, double fraction)> on_progress;
};

Result<Profile> probe_device(const ProbeOptions& options = {});

}  // namespace fettle::device
