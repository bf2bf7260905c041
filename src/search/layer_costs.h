// SPDX-License-Identifier: Apache-2.0
//
// A plan's steps as the device's cost model takes them.
#pragma once

#include <vector>

#include "device/roofline.h"
#include "plan/plan.h"

namespace fettle::search {

std::vector<device::LayerCost> layer_costs(const plan::Plan& plan);

}  // namespace fettle::search
