// SPDX-License-Identifier: Apache-2.0
//
// Independent chains as separate variables: an array would be kept in memory, and the loop would
// then measure stores. Every step ends in an empty asm that makes its chain
// unknown to the compiler, which would otherwise see that all of them compute the same.
// FETTLE_CHAINS_12(X) is X(0) ... X(11).
#pragma once

#define FETTLE_CHAINS_12(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#define FETTLE_CHAINS_24(X) \
  FETTLE_CHAINS_12(X)       \
  X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23)
