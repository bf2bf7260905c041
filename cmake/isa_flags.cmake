# SPDX-License-Identifier: Apache-2.0
# Files that end in an instruction set's name get its flags, and only they; those of another
# architecture are not compiled. fettle_isa_sources(VAR) filters the list in VAR and sets flags.
# Contraction into FMA is allowed in them alone: float kernels have a stated tolerance.
set(FETTLE_ISA_avx2 -mavx2 -mfma)
set(FETTLE_ISA_avx512 -mavx2 -mfma -mavx512f -mavx512bw -mavx512dq -mavx512vl
    -mprefer-vector-width=512)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarms in its own header (GCC bug 105593).
  list(APPEND FETTLE_ISA_avx512 -Wno-uninitialized -Wno-maybe-uninitialized)
endif()
set(FETTLE_ISA_avx512vnni ${FETTLE_ISA_avx512} -mavx512vnni)
set(FETTLE_ISA_avx512vbmi ${FETTLE_ISA_avx512vnni} -mavx512vbmi)
# GCC's generic order of instructions is as good as a core's own or better, on the models of the A53,
# A57, A72 and A76 (bench/results/neon_flags.md), so a preset's -mtune stays out of kernels. And they
# are ordered only once registers are known: before, ordering makes values live longer than a tile's
# 32 registers allow, which ends in copies and spills. Taking registers in turn leaves it room then,
# which cores that reorder nothing need (A53).
set(FETTLE_ISA_NEON_ORDER -mtune=generic -fno-schedule-insns -frename-registers)
set(FETTLE_ISA_neon -march=armv8-a ${FETTLE_ISA_NEON_ORDER})
set(FETTLE_ISA_neondot -march=armv8.2-a+dotprod ${FETTLE_ISA_NEON_ORDER})
set(FETTLE_ISA_neoni8mm -march=armv8.2-a+dotprod+i8mm ${FETTLE_ISA_NEON_ORDER})
# What is built small is so without its kernels: they are what the time goes to.
set(FETTLE_ISA_ALWAYS -ffp-contract=fast)
if(CMAKE_BUILD_TYPE STREQUAL "MinSizeRel")
  list(APPEND FETTLE_ISA_ALWAYS -O2)
endif()
# 32-bit Arm has no files of its own: the toolchain's flags give the portable ones NEON, and GCC gives
# it integers, but floats only as unsafe mathematics, since NEON there takes denormals for 0. That is
# what float kernels get of it: nothing is reordered, no quotient becomes a product.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^armv7")
  set(FETTLE_PORTABLE_F32 -funsafe-math-optimizations -fno-associative-math -fno-reciprocal-math
      -fsigned-zeros -ftrapping-math)
endif()
set(FETTLE_X86_ISAS avx2 avx512 avx512vnni avx512vbmi)
set(FETTLE_ARM_ISAS neon neondot neoni8mm)

function(fettle_isa_sources var)
  set(list ${${var}})
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64|AMD64")
    set(have ${FETTLE_X86_ISAS})
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    set(have ${FETTLE_ARM_ISAS})
  endif()
  foreach(isa ${FETTLE_X86_ISAS} ${FETTLE_ARM_ISAS} portable)
    set(files ${list})
    list(FILTER files INCLUDE REGEX "_${isa}\\.cc$")
    if(isa STREQUAL "portable")
      set_source_files_properties(${files} PROPERTIES COMPILE_OPTIONS "${FETTLE_ISA_ALWAYS}")
      list(FILTER files INCLUDE REGEX "_f32_portable\\.cc$")
      set_source_files_properties(${files} PROPERTIES
                                  COMPILE_OPTIONS "${FETTLE_ISA_ALWAYS};${FETTLE_PORTABLE_F32}")
    elseif(isa IN_LIST have)
      set_source_files_properties(${files} PROPERTIES
                                  COMPILE_OPTIONS "${FETTLE_ISA_${isa}};${FETTLE_ISA_ALWAYS}")
    else()
      list(FILTER list EXCLUDE REGEX "_${isa}\\.cc$")
    endif()
  endforeach()
  set(${var} ${list} PARENT_SCOPE)
endfunction()
