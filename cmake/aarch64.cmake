# SPDX-License-Identifier: Apache-2.0
# 64-bit Arm from an x86-64 Debian, see arm_cross.cmake.
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(FETTLE_TRIPLE aarch64-linux-gnu)
set(FETTLE_EMULATOR qemu-aarch64)
set(FETTLE_SYSROOT_NAME aarch64-sysroot)
set(FETTLE_SYSROOT_ARCHITECTURE arm64)
include(${CMAKE_CURRENT_LIST_DIR}/arm_cross.cmake)
