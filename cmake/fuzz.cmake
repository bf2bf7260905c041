# SPDX-License-Identifier: Apache-2.0
# fettle_fuzzer(NAME SOURCES file... LINK target...): one entry point LLVMFuzzerTestOneInput.
#
# Everywhere it becomes a program that replays its seeds (tests/fuzz/corpus/NAME) with a fixed set
# of mutations, run by ctest as fuzz_NAME_replay. With clang and -DFETTLE_FUZZ=ON it is also built
# as a libFuzzer program fuzz_NAME, the whole tree instrumented and its
# assertions on: the preset "fuzz", run by tools/fuzz.sh ('make fuzz'). The target fuzzers is all of
# them.
option(FETTLE_FUZZ "Build libFuzzer programs (clang only)" OFF)
if(FETTLE_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "FETTLE_FUZZ needs clang: -DCMAKE_CXX_COMPILER=clang++")
  endif()
  set(FETTLE_FUZZ_FLAGS -fsanitize=address,undefined -fno-sanitize-recover=undefined
      -fno-omit-frame-pointer)
  add_compile_options(-fsanitize=fuzzer-no-link ${FETTLE_FUZZ_FLAGS})
  add_link_options(${FETTLE_FUZZ_FLAGS})
  add_custom_target(fuzzers)
endif()

function(fettle_fuzzer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  foreach(target ${ARG_LINK})
    if(NOT TARGET ${target})
      return()  # a layer that this target is built without
    endif()
  endforeach()
  set(corpus ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
  if(NOT EXISTS ${corpus})
    message(FATAL_ERROR "fuzzer ${name}: there are no seeds in ${corpus}")
  endif()
  add_executable(fuzz_${name}_replay ${ARG_SOURCES} ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cc)
  target_link_libraries(fuzz_${name}_replay PRIVATE ${ARG_LINK})
  if(FETTLE_FUZZ OR FETTLE_SANITIZE)
    target_compile_definitions(fuzz_${name}_replay PRIVATE FETTLE_SANITIZED)
  endif()
  add_test(NAME fuzz_${name}_replay COMMAND fuzz_${name}_replay ${corpus})
  set_tests_properties(fuzz_${name}_replay PROPERTIES LABELS fuzz)
  if(FETTLE_FUZZ)
    add_executable(fuzz_${name} ${ARG_SOURCES})
    target_link_libraries(fuzz_${name} PRIVATE ${ARG_LINK})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers fuzz_${name} fuzz_${name}_replay)
  endif()
endfunction()
