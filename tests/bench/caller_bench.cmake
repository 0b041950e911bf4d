# SPDX-License-Identifier: Apache-2.0
# The functions of the path benchmark.
add_dependencies(bench_caller bench_path_plugin)
target_compile_definitions(bench_caller PRIVATE
  EDDY_BENCH_PLUGIN="${CMAKE_BINARY_DIR}/bench_plugins/bench_path_plugin.so")
