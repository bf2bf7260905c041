# SPDX-License-Identifier: Apache-2.0
# fettle_flatbuffer(TARGET schema.fbs [option of flatc...]): <schema>_generated.h below the
# build's generated/ folder, at the schema's own place, for TARGET and its tests.
find_program(FETTLE_FLATC flatc REQUIRED)
function(fettle_flatbuffer target schema)
  get_filename_component(folder ${schema} DIRECTORY)
  get_filename_component(name ${schema} NAME_WE)
  set(out ${CMAKE_BINARY_DIR}/generated/${folder})
  add_custom_command(
    OUTPUT ${out}/${name}_generated.h
    COMMAND ${FETTLE_FLATC} --cpp ${ARGN} -o ${out} ${CMAKE_CURRENT_SOURCE_DIR}/${schema}
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${schema} VERBATIM)
  target_sources(${target} PRIVATE ${out}/${name}_generated.h)
  foreach(user ${target} ${target}_test)
    if(TARGET ${user})
      target_include_directories(${user} PRIVATE ${CMAKE_BINARY_DIR}/generated)
    endif()
  endforeach()
endfunction()
