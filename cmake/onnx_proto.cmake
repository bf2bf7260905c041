# SPDX-License-Identifier: Apache-2.0
# fettle_onnx_proto: the generated reader and writer of ONNX's messages (src/formats/onnx/onnx.proto),
# over protobuf's small runtime without reflection. protoc runs on the host in cross builds.
# A cross build whose target has no protobuf goes without src/formats/onnx.
if(CMAKE_CROSSCOMPILING)
  find_package(Protobuf QUIET)
else()
  find_package(Protobuf REQUIRED)
endif()
find_program(FETTLE_PROTOC protoc)
if(NOT TARGET protobuf::libprotobuf-lite OR NOT FETTLE_PROTOC)
  message(STATUS "src/formats/onnx is left out: no protobuf for this target")
  return()
endif()
set(proto_dir ${CMAKE_BINARY_DIR}/generated/onnx)
file(MAKE_DIRECTORY ${proto_dir})
add_custom_command(
  OUTPUT ${proto_dir}/onnx.pb.cc ${proto_dir}/onnx.pb.h
  COMMAND ${FETTLE_PROTOC} --cpp_out=lite:${proto_dir} -I ${CMAKE_SOURCE_DIR}/src/formats/onnx onnx.proto
  DEPENDS ${CMAKE_SOURCE_DIR}/src/formats/onnx/onnx.proto)
add_library(fettle_onnx_proto STATIC ${proto_dir}/onnx.pb.cc ${proto_dir}/onnx.pb.h)
target_include_directories(fettle_onnx_proto SYSTEM PUBLIC ${proto_dir})
target_compile_options(fettle_onnx_proto PRIVATE -w)
target_link_libraries(fettle_onnx_proto PUBLIC protobuf::libprotobuf-lite)
