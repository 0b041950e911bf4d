# SPDX-License-Identifier: Apache-2.0
target_sources(unit_ingest PRIVATE ${CMAKE_SOURCE_DIR}/tests/support/scripted_ingest.cc)
