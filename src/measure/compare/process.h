// SPDX-License-Identifier: Apache-2.0
//
// A child process that is spoken to line by line, is stopped while others are measured, and never
// outlives its owner: it heads a process group of its own, which is killed as a whole, and the
// kernel kills it should this process die first.
//
// Whatever it does is a Status here: it may hang (every wait has a limit), die (the message has
// how, and the last line that it wrote to stderr), or write without end (a line has a limit).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace fettle::measure {

class LineProcess {
 public:
  struct Options {
    std::vector<std::string> command;  // the program's path first
    std::vector<int> cores;            // that it may run on; empty: this process's
    std::string stderr_file;           // where its stderr goes
  };
  static Result<std::unique_ptr<LineProcess>> start(const Options& options);
  ~LineProcess();
  LineProcess(const LineProcess&) = delete;
  LineProcess& operator=(const LineProcess&) = delete;

  Status send(std::string_view line);           // without its end of line
  Result<std::string> receive(double seconds);  // likewise

  // The whole group, at once.
  Status pause();
  Status resume();
  // Each of its threads under SCHED_FIFO, so that other work of the machine does not disturb, or
  // back to the ordinary policy. Needs the privilege.
  Status set_realtime(bool on);
  // The most memory that it had resident so far, the program's own.
  std::optional<int64_t> peak_kib() const;

 private:
  LineProcess(pid_t pid, int to, int from, std::string stderr_file)
      : pid_(pid), to_(to), from_(from), stderr_file_(std::move(stderr_file)) {}
  Status died();  // how, once it has ended

  pid_t pid_;  // 0 once it has been waited for
  int to_, from_;
  std::string stderr_file_;
  std::string read_;  // what was read past the last line
};

}  // namespace fettle::measure
