// SPDX-License-Identifier: Apache-2.0
//
// One timed run and what the kernel counted during it.
#pragma once

#include <cstdint>

namespace fettle::measure {

struct RunRecord {
  double us = 0;         // what is reported
  double at_s = 0;       // when it began, since sampling began
  double pause_us = 0;   // slept before it, waiting for its time
  double waited_us = 0;  // ready, while others had the cores
  double stolen_us = 0;  // neither computing, waiting nor asleep: the core itself was away
  double clock_mhz = 0;  // the lower of before and after; 0: not known
  int32_t minor_faults = 0, major_faults = 0;
  int32_t voluntary_switches = 0, involuntary_switches = 0;
  bool moved = false;      // ended on another core than it began on
  bool held_down = false;  // the machine throttled its clock about then
};

}  // namespace fettle::measure
