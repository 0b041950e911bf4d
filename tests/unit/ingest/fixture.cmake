# SPDX-License-Identifier: Apache-2.0
target_sources(unit_ingest PRIVATE ${CMAKE_SOURCE_DIR}/tests/support/scripted_ingest.cc)
# It says what its header only names.
set_source_files_properties(${CMAKE_SOURCE_DIR}/tests/support/scripted_ingest.cc PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
