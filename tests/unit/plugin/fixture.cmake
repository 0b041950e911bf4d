# SPDX-License-Identifier: Apache-2.0
target_sources(unit_plugin PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/plugin/main.cc)
add_dependencies(unit_plugin eddy_bad_plugins)
target_compile_definitions(unit_plugin PRIVATE EDDY_BAD_PLUGIN_DIR="${CMAKE_BINARY_DIR}/bad_plugins")
target_compile_definitions(unit_plugin PRIVATE
  EDDY_SIGNATURE_EXAMPLE="${CMAKE_CURRENT_SOURCE_DIR}/plugin/example.sig")
