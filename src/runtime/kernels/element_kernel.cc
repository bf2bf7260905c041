// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/element_kernel.h"

namespace fettle::runtime {

Status ElementKernel::run(const OpCall& call, ThreadPool& pool) {
  pool.parallel_for(call.out[0].elements(), grain_,
                    [&](int64_t begin, int64_t end, int) { run_elements(call, begin, end); });
  return {};
}

void ElementKernel::run_rows(const OpCall& call, Rows out) {
  run_elements(call, out.begin * row_elements_, out.end * row_elements_);
}

}  // namespace fettle::runtime
