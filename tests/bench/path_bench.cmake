# SPDX-License-Identifier: Apache-2.0
include(${CMAKE_SOURCE_DIR}/sdk/cmake/EddyPlugin.cmake)
eddy_add_plugin(bench_path_plugin plugins/path.cpp)
set_target_properties(bench_path_plugin PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench_plugins)
add_dependencies(bench_path bench_path_plugin)
target_compile_definitions(bench_path PRIVATE
  EDDY_BENCH_PLUGIN="${CMAKE_BINARY_DIR}/bench_plugins/bench_path_plugin.so")
