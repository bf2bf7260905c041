# SPDX-License-Identifier: Apache-2.0
# What the toolchain files of Arm architectures share: Debian's cross compiler, the libraries that
# tools/make_arm_sysroot.sh unpacked, native protoc and flatc, and tests under QEMU.
# The emulated processor is chosen when a test runs: QEMU_CPU=cortex-a53 ctest ...
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${FETTLE_TRIPLE}-gcc)
set(CMAKE_CXX_COMPILER ${FETTLE_TRIPLE}-g++)
set(CMAKE_LIBRARY_ARCHITECTURE ${FETTLE_TRIPLE})

get_filename_component(FETTLE_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../build/${FETTLE_SYSROOT_NAME}
                       ABSOLUTE)
if(NOT EXISTS ${FETTLE_SYSROOT}/.packages)
  message(FATAL_ERROR "${FETTLE_SYSROOT} is not there: run tools/make_arm_sysroot.sh "
                      "${FETTLE_SYSROOT_ARCHITECTURE} build/${FETTLE_SYSROOT_NAME}")
endif()
set(CMAKE_SYSROOT ${FETTLE_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Flags for the linker's own search of what libraries depend on.
add_link_options(-Wl,-rpath-link,${FETTLE_SYSROOT}/lib/${FETTLE_TRIPLE}
                 -Wl,-rpath-link,${FETTLE_SYSROOT}/usr/lib/${FETTLE_TRIPLE})
set(CMAKE_CROSSCOMPILING_EMULATOR ${FETTLE_EMULATOR} -L ${FETTLE_SYSROOT})
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${FETTLE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR}
    ${FETTLE_SYSROOT}/usr/lib/${FETTLE_TRIPLE}/pkgconfig:${FETTLE_SYSROOT}/usr/share/pkgconfig)
