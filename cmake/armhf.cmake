# SPDX-License-Identifier: Apache-2.0
# 32-bit Arm with NEON and VFPv4 (a Raspberry Pi 2 or 3 under a 32-bit system) from an x86-64 Debian,
# see arm_cross.cmake. Kernels are the portable ones, of which GCC makes NEON (isa_flags.cmake says
# how it comes to do so with floats). Needs g++-arm-linux-gnueabihf.
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(FETTLE_TRIPLE arm-linux-gnueabihf)
set(FETTLE_EMULATOR qemu-arm)
set(FETTLE_SYSROOT_NAME armhf-sysroot)
set(FETTLE_SYSROOT_ARCHITECTURE armhf)
add_compile_options(-march=armv7-a -mfpu=neon-vfpv4 -mfloat-abi=hard)
# Of a file over 2 GB, or a directory whose file system counts in 64 bits, nothing is read otherwise.
add_compile_definitions(_FILE_OFFSET_BITS=64)
include(${CMAKE_CURRENT_LIST_DIR}/arm_cross.cmake)
