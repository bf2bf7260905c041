# SPDX-License-Identifier: Apache-2.0
# Language, warnings and tools, the same for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# One arithmetic everywhere: no contraction into FMA behind the source's back.
add_compile_options(-Wall -Wextra -ffp-contract=off -fno-math-errno)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict)  # false alarms on "a" + std::string (GCC bug 105651)
endif()

find_program(FETTLE_CCACHE ccache)
if(FETTLE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${FETTLE_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${FETTLE_CCACHE})
endif()
find_program(FETTLE_MOLD mold)
if(FETTLE_MOLD AND NOT CMAKE_CROSSCOMPILING)
  add_link_options(-fuse-ld=mold)
endif()

set(FETTLE_ISA_FLOOR "" CACHE STRING
    "An instruction set that every machine has that this is built for; kernels for less are left out")
if(FETTLE_ISA_FLOOR)
  add_compile_definitions(FETTLE_ISA_FLOOR=${FETTLE_ISA_FLOOR})
endif()
set(CMAKE_CXX_FLAGS_MINSIZEREL "-Os -DNDEBUG")

set(FETTLE_SHARED "${CMAKE_SOURCE_DIR}/../shared" CACHE PATH
    "Real models and data; tests that need them skip where it is absent")
set(FETTLE_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")
if(FETTLE_SANITIZE)
  add_compile_options(-fsanitize=${FETTLE_SANITIZE} -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${FETTLE_SANITIZE})
endif()
