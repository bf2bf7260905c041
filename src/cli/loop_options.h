// SPDX-License-Identifier: Apache-2.0
//
// realtime::LoopRequest as options of a command.
#pragma once

#include <CLI/CLI.hpp>

#include "realtime/loop.h"

namespace fettle::cli {

struct LoopOptions : realtime::LoopRequest {
  void add_cores_to(CLI::App& app);
  void add_to(CLI::App& app);  // all of them
};

}  // namespace fettle::cli
