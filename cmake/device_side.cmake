# SPDX-License-Identifier: Apache-2.0
# What runs on a device: the library libfettle_device.so and the program fettle-run.
#
# The layers that go into them are compiled position-independent, each function and object in a
# section of its own, so that the linker drops what is not reached: of the operators the rules,
# cases and costs (src/ops/portable.h says how), of src/device and src/measure what fettle-run does
# not call. --as-needed drops the libraries that only such parts ask for (YAML, pictures).
set(FETTLE_DEVICE_SIDE -ffunction-sections -fdata-sections -fPIC -fno-semantic-interposition)
# Of the layers that throw nothing themselves: what the standard library throws for want of memory
# ends a small program, as its tables of how to unwind are as large as a tenth of its code.
set(FETTLE_DEVICE_NOTHROW ${FETTLE_DEVICE_SIDE})
if(CMAKE_BUILD_TYPE STREQUAL "MinSizeRel")
  list(APPEND FETTLE_DEVICE_NOTHROW -fno-exceptions -fno-asynchronous-unwind-tables
       -fno-unwind-tables)
endif()
set(FETTLE_DEVICE_LINK -Wl,--gc-sections -Wl,--as-needed)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64" AND CMAKE_BUILD_TYPE STREQUAL "MinSizeRel")
  # Pages of 4 and 16 KiB (Raspberry Pi 5); not the 64 KiB of some servers.
  list(APPEND FETTLE_DEVICE_LINK -Wl,-z,max-page-size=16384)
endif()

# Called once the layers are there.
function(fettle_device_library)
  # Everything that an embedding program calls, and nothing else, is exported: device_library.map.
  set(exports ${CMAKE_SOURCE_DIR}/cmake/device_library.map)
  set(objects)
  foreach(layer runtime plan ops ir base)  # ir: what ops' rules call, all of it dropped
    list(APPEND objects $<TARGET_OBJECTS:fettle_${layer}>)
  endforeach()
  add_library(fettle_device_library SHARED ${objects})
  target_link_libraries(fettle_device_library PRIVATE Threads::Threads)
  target_link_options(fettle_device_library PRIVATE ${FETTLE_DEVICE_LINK}
                      -Wl,--version-script=${exports})
  if(NOT FETTLE_SANITIZE AND NOT FETTLE_FUZZ)  # they leave a library's own calls open
    target_link_options(fettle_device_library PRIVATE -Wl,-z,defs)
  endif()
  set_target_properties(fettle_device_library PROPERTIES OUTPUT_NAME fettle_device
                        LINK_DEPENDS ${exports})

  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/runner/*.cc)
  add_executable(fettle_run ${sources})
  target_compile_options(fettle_run PRIVATE ${FETTLE_DEVICE_SIDE})
  target_link_libraries(fettle_run PRIVATE fettle_measure fettle_realtime fettle_data fettle_runtime
                        fettle_plan fettle_ops)
  target_link_options(fettle_run PRIVATE ${FETTLE_DEVICE_LINK})
  set_target_properties(fettle_run PROPERTIES OUTPUT_NAME fettle-run)
endfunction()
