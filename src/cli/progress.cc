// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace fettle::cli {

Progress::Progress(std::string what) : what_(std::move(what)), terminal_(isatty(2) != 0) {}

Progress::~Progress() {
  if (terminal_ && shown_ >= 0) std::fputs("\r\033[K", stderr);
}

void Progress::show(const std::string& what, double share) {
  if (what != what_) shown_ = -1;
  what_ = what;
  show(share);
}

void Progress::show(double share) {
  constexpr int kWidth = 30;
  const int percent = static_cast<int>(std::clamp(share, 0.0, 1.0) * 100);
  if (!terminal_ || percent == shown_) return;
  shown_ = percent;
  const std::string bar(static_cast<size_t>(percent * kWidth / 100), '#');
  std::fprintf(stderr, "\r\033[K%s [%-*s] %3d %%", what_.c_str(), kWidth, bar.c_str(), percent);
}

}  // namespace fettle::cli
