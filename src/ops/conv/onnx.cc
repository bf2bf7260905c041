// SPDX-License-Identifier: Apache-2.0
#include "ops/conv/conv.h"

namespace fettle::ops {

constexpr OnnxRule kConvOnnx[] = {{"Conv"}};

}  // namespace fettle::ops
