# SPDX-License-Identifier: Apache-2.0
# find_package(Eddy): the target Eddy::sdk and the function eddy_add_plugin.
include(${CMAKE_CURRENT_LIST_DIR}/EddyTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/EddyPlugin.cmake)
