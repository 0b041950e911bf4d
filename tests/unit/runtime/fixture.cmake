# SPDX-License-Identifier: Apache-2.0
add_dependencies(unit_runtime eddy_bad_plugins)
target_compile_definitions(unit_runtime PRIVATE EDDY_BAD_PLUGIN_DIR="${CMAKE_BINARY_DIR}/bad_plugins")
