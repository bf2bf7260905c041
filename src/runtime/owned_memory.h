// SPDX-License-Identifier: Apache-2.0
//
// The large blocks of a session: aligned for every kernel, zero, and in memory from the start.
#pragma once

#include <cstddef>
#include <memory>

#include "base/status.h"

namespace fettle::runtime {

using OwnedMemory = std::unique_ptr<std::byte, void (*)(void*)>;

// Fails where the machine does not have so much; `what` names it in the message.
Result<OwnedMemory> allocate_touched(uint64_t bytes, const char* what);

}  // namespace fettle::runtime
