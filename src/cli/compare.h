// SPDX-License-Identifier: Apache-2.0
//
// What the files of `fettle compare` share: arguments are read in compare.cc, reports are made in
// compare_report.cc, Fettle's own worker is compare_worker.cc.
#pragma once

#include "measure/compare/compare.h"

namespace fettle::cli {

Status serve_compare_worker();  // until its stdin ends

void print_comparison(const measure::CompareReport& report);
std::string comparison_json(const measure::CompareReport& report,
                            const measure::CompareOptions& options, bool samples);

}  // namespace fettle::cli
