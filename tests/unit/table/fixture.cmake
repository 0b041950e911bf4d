# SPDX-License-Identifier: Apache-2.0
target_sources(unit_table PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/table/sink_bed.cc)
target_compile_definitions(unit_table PRIVATE EDDY_POSTGRES_SERVER="${CMAKE_SOURCE_DIR}/tests/postgres/server")
