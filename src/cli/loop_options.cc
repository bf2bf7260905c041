// SPDX-License-Identifier: Apache-2.0
#include "cli/loop_options.h"

namespace fettle::cli {

void LoopOptions::add_cores_to(CLI::App& app) {
  app.add_option("--cores", cores,
                 "where to run: a list (0-3,6), the name of a kind (cortex-a76), big or little");
}

void LoopOptions::add_to(CLI::App& app) {
  add_cores_to(app);
  app.add_flag("--lock-memory", lock_memory, "lock and fill all memory before it counts");
  app.add_option("--fifo", fifo_priority, "run under SCHED_FIFO with this priority (1 to 99)")
      ->check(CLI::Range(1, 99));
}

}  // namespace fettle::cli
