# SPDX-License-Identifier: Apache-2.0
# Compiler settings and the functions that our own CMakeLists files use. Plugins use sdk/cmake instead.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
add_compile_options(-fPIC)  # one setting for libraries, programs and plugins, so that all share one precompiled header
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

find_program(CCACHE ccache)
if(CCACHE)
  # Precompiled headers need the sloppiness; without it every file that uses one misses.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(Boost 1.74 REQUIRED)
find_package(prometheus-cpp REQUIRED CONFIG COMPONENTS core)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(LIBDW REQUIRED IMPORTED_TARGET libdw)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)

# What every target of ours is compiled with. g++ 12 sees string overflows where there are none (GCC bugs 105329, 105651):
# clang++ watches those.
add_library(eddy_flags INTERFACE)
target_compile_options(eddy_flags INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  "$<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-restrict;-Wno-stringop-overflow;-Wno-stringop-overread;-Wno-maybe-uninitialized>"
  $<$<BOOL:${EDDY_WERROR}>:-Werror> -fno-omit-frame-pointer)
# Line tables are all that a backtrace needs; full debug information doubles the time of a build.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
# For the presets that check and do not race: they must build in reasonable time.
set(CMAKE_CXX_FLAGS_CHECK "-O1 -g1")
set(CMAKE_C_FLAGS_CHECK "-O1 -g1")
if(EDDY_SANITIZE)
  add_compile_options(-fsanitize=${EDDY_SANITIZE} -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${EDDY_SANITIZE})
endif()
# The host tells which of its branches are taken: tests/fuzz is guided by it.
add_library(eddy_guided INTERFACE)
if(EDDY_SANITIZE MATCHES address AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(eddy_guided INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(EDDY_PCH)
  file(WRITE ${CMAKE_BINARY_DIR}/pch.cc "")
  add_library(eddy_pch OBJECT ${CMAKE_BINARY_DIR}/pch.cc)
  target_link_libraries(eddy_pch PRIVATE eddy_flags eddy_guided)
  target_precompile_headers(eddy_pch PRIVATE <algorithm> <array> <atomic> <chrono> <functional> <map> <memory> <mutex>
    <optional> <span> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>)
endif()

# Test programs are compiled more often than they are run: without optimization, and with GoogleTest in the precompiled
# header, which is more than half of the time of a build.
function(eddy_test_defaults target)
  target_link_libraries(${target} PRIVATE eddy_flags fmt::fmt GTest::gmock GTest::gtest_main)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_options(${target} PRIVATE -O0)
  if(EDDY_PCH AND NOT TARGET eddy_test_pch)
    add_library(eddy_test_pch OBJECT ${CMAKE_BINARY_DIR}/pch.cc)
    target_link_libraries(eddy_test_pch PRIVATE eddy_flags fmt::fmt GTest::gmock)
    target_compile_options(eddy_test_pch PRIVATE -O0)
    target_precompile_headers(eddy_test_pch PRIVATE <algorithm> <array> <atomic> <chrono> <filesystem> <fstream>
      <functional> <map> <memory> <mutex> <optional> <span> <string> <string_view> <thread> <unordered_map> <utility>
      <variant> <vector> <fmt/format.h> <gmock/gmock.h> <gtest/gtest.h>)
  endif()
  if(EDDY_PCH)
    target_precompile_headers(${target} REUSE_FROM eddy_test_pch)
  endif()
endfunction()

function(eddy_target_defaults target)
  target_link_libraries(${target} PRIVATE eddy_flags eddy_guided)
  if(EDDY_PCH)
    target_precompile_headers(${target} REUSE_FROM eddy_pch)
  endif()
endfunction()

# Several files of a folder as one: their headers, and what these make the compiler write, are read once. For folders whose
# files name nothing twice. Not in a debug build, which is made again after each edit of one file.
function(eddy_unity target files)
  if(NOT CMAKE_BUILD_TYPE STREQUAL Debug)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${files})
  endif()
endfunction()

# eddy_library(name deps…): a static library of all sources in this folder, seen as <folder/header.h> by those above it.
function(eddy_library name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  if(NOT sources)
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${ARGN})
    target_include_directories(${name} INTERFACE ${CMAKE_SOURCE_DIR}/host)
    return()
  endif()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/host)
  target_link_libraries(${name} PUBLIC ${ARGN})
  eddy_target_defaults(${name})
  if(NOT name MATCHES "_(guard|metrics)$")
    eddy_unity(${name} 8)
  endif()
endfunction()

# eddy_test(name LIBS libs… [LABELS labels…] [TOGETHER suites…] SOURCES sources…): one GoogleTest program, its cases listed
# by ctest; those of the suites that match a pattern of TOGETHER are one test, name.pattern in small letters, because they
# share what takes long to start.
function(eddy_test name)
  cmake_parse_arguments(arg "" "" "LIBS;LABELS;TOGETHER;SOURCES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBS})
  eddy_test_defaults(${name})
  eddy_unity(${name} 10)
  set(alone)
  if(arg_TOGETHER)
    list(JOIN arg_TOGETHER ":" together)
    set(alone TEST_FILTER -${together})
  endif()
  gtest_discover_tests(${name} TEST_PREFIX "${EDDY_TEST_PREFIX}" ${alone} DISCOVERY_TIMEOUT 120
    PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 600)
  foreach(pattern ${arg_TOGETHER})
    string(TOLOWER "${pattern}" suites)
    string(REGEX REPLACE "[^a-z0-9]" "" suites "${suites}")
    set(test ${EDDY_TEST_PREFIX}${name}.${suites})
    add_test(NAME ${test} COMMAND ${name} --gtest_filter=${pattern})
    # So many cases one after another take minutes, and under a sanitizer many: they begin first, beside all others.
    set_tests_properties(${test} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 1800 COST 900)
  endforeach()
endfunction()
