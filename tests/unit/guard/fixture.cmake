# SPDX-License-Identifier: Apache-2.0
# The "plugin" of the guard's tests: a real shared object, so that what lies inside and outside of it is real. Built
# without sanitizers, whose reports would end the process before the fault does.
add_library(guard_fixture MODULE ${CMAKE_CURRENT_SOURCE_DIR}/guard/fixture.cc)
set_target_properties(guard_fixture PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
target_compile_options(guard_fixture PRIVATE -g -O1 -fno-omit-frame-pointer -fno-optimize-sibling-calls
  -fstack-clash-protection -fno-sanitize=all)
target_link_options(guard_fixture PRIVATE -fno-sanitize=all)
add_dependencies(unit_guard guard_fixture)
target_compile_definitions(unit_guard PRIVATE EDDY_GUARD_FIXTURE="$<TARGET_FILE:guard_fixture>")
