// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/move/tile_kernels_body.h"

namespace fettle::runtime {
extern const TileKernels kTileKernelsNeon[];
const TileKernels kTileKernelsNeon[] = FETTLE_TILE_KERNELS;
}  // namespace fettle::runtime
