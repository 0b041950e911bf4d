# SPDX-License-Identifier: Apache-2.0
# The program is its own zygote: its main() must begin with zygote_main().
target_sources(unit_sandbox PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/sandbox/main.cc)
