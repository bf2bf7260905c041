// SPDX-License-Identifier: Apache-2.0
//
// A progress bar on stderr for long work; nothing where stderr is no terminal.
#pragma once

#include <functional>
#include <string>

namespace fettle::cli {

class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();  // clears the line
  void show(double share);
  void show(const std::string& what, double share);
  std::function<void(double)> callback() {
    return [this](double share) { show(share); };
  }

 private:
  std::string what_;
  bool terminal_;
  int shown_ = -1;  // percent
};

}  // namespace fettle::cli
