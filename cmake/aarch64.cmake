# SPDX-License-Identifier: Apache-2.0
# 64-bit Arm from an x86-64 Debian: its cross compiler, the libraries that
# tools/make_aarch64_sysroot.sh unpacked, native protoc and flatc, and tests under QEMU.
# The emulated processor is chosen when a test runs: QEMU_CPU=cortex-a53 ctest ...
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)

get_filename_component(FETTLE_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../build/aarch64-sysroot ABSOLUTE)
if(NOT EXISTS ${FETTLE_SYSROOT}/.packages)
  message(FATAL_ERROR "${FETTLE_SYSROOT} is not there: run tools/make_aarch64_sysroot.sh "
                      "build/aarch64-sysroot, or 'make aarch64', which does")
endif()
set(CMAKE_SYSROOT ${FETTLE_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Flags for the linker's own search of what libraries depend on.
add_link_options(-Wl,-rpath-link,${FETTLE_SYSROOT}/lib/aarch64-linux-gnu
                 -Wl,-rpath-link,${FETTLE_SYSROOT}/usr/lib/aarch64-linux-gnu)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L ${FETTLE_SYSROOT})
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${FETTLE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR}
    ${FETTLE_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${FETTLE_SYSROOT}/usr/share/pkgconfig)
