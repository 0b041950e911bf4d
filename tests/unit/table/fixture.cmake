# SPDX-License-Identifier: Apache-2.0
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)
target_sources(unit_table PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/table/sink_bed.cc
  ${CMAKE_CURRENT_SOURCE_DIR}/table/clickhouse_bed.cc)
target_compile_definitions(unit_table PRIVATE EDDY_POSTGRES_SERVER="${CMAKE_SOURCE_DIR}/tests/postgres/server"
  EDDY_CLICKHOUSE_SERVER="${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/clickhouse/server")
