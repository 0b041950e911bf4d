# SPDX-License-Identifier: Apache-2.0
# The plugin of the guard's unit tests.
add_dependencies(bench_guard guard_fixture)
target_compile_definitions(bench_guard PRIVATE EDDY_GUARD_FIXTURE="$<TARGET_FILE:guard_fixture>")
