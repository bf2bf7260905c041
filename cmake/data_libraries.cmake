# SPDX-License-Identifier: Apache-2.0
# The libraries of src/data: pictures, archives, YAML and JSON. A cross build that lacks them for
# its target goes without that layer; a native build must have them.
set(required REQUIRED)
if(CMAKE_CROSSCOMPILING)
  set(required QUIET)
endif()
foreach(package JPEG PNG ZLIB nlohmann_json yaml-cpp PkgConfig)
  find_package(${package} ${required})
endforeach()
if(PKG_CONFIG_FOUND)
  # libzip's own CMake file asks for the zip tools as well.
  pkg_check_modules(libzip ${required} IMPORTED_TARGET libzip)
endif()
if(JPEG_FOUND AND PNG_FOUND AND ZLIB_FOUND AND nlohmann_json_FOUND AND yaml-cpp_FOUND
   AND libzip_FOUND)
  set(FETTLE_DATA_LIBRARIES JPEG::JPEG PNG::PNG ZLIB::ZLIB nlohmann_json::nlohmann_json yaml-cpp
      PkgConfig::libzip)
else()
  message(STATUS "src/data is left out: its libraries are not all there for this target")
endif()
