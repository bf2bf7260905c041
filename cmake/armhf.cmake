# SPDX-License-Identifier: Apache-2.0
# 32-bit Arm with NEON and VFPv4 (a Raspberry Pi 2 or 3 under a 32-bit system) from an x86-64 Debian,
# see arm_cross.cmake. Kernels are the portable ones: GCC makes NEON of their integers, not of their
# floats, as NEON there takes denormals for 0. Needs g++-arm-linux-gnueabihf.
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(FETTLE_TRIPLE arm-linux-gnueabihf)
set(FETTLE_EMULATOR qemu-arm)
set(FETTLE_SYSROOT_NAME armhf-sysroot)
set(FETTLE_SYSROOT_ARCHITECTURE armhf)
add_compile_options(-march=armv7-a -mfpu=neon-vfpv4 -mfloat-abi=hard)
include(${CMAKE_CURRENT_LIST_DIR}/arm_cross.cmake)
