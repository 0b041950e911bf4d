# SPDX-License-Identifier: Apache-2.0
# eddy_add_plugin(name sources…): the plugin name.so, compiled and linked with the flags the host asks for.
# Add include folders and libraries to the target `name` as to any other.

# eddy::Json is optional for a plugin: where nlohmann_json is installed, it is used.
find_package(nlohmann_json QUIET)

function(eddy_add_plugin name)
  if(NOT ARGN)
    message(FATAL_ERROR "eddy_add_plugin(${name}): expected the source files after the name")
  endif()
  # The version script lies beside this file in the source tree, in share/eddy of an installation.
  set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
  if(NOT EXISTS ${map})
    get_filename_component(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../../../share/eddy/plugin.map ABSOLUTE)
  endif()
  add_library(${name} MODULE ${ARGN})
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so" POSITION_INDEPENDENT_CODE ON
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${map})
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if(CXX IN_LIST languages)
    target_compile_features(${name} PRIVATE cxx_std_20)
  endif()
  target_link_libraries(${name} PRIVATE Eddy::sdk)
  if(TARGET nlohmann_json::nlohmann_json)
    target_link_libraries(${name} PRIVATE nlohmann_json::nlohmann_json)
  endif()
  target_compile_options(${name} PRIVATE -fstack-clash-protection -fno-omit-frame-pointer
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  target_link_options(${name} PRIVATE LINKER:--version-script=${map} LINKER:-z,now LINKER:-z,noexecstack)
  # A sanitizer's own functions are in the executable, so nothing can be checked against them here.
  get_directory_property(options LINK_OPTIONS)
  if(NOT "${options} ${CMAKE_CXX_FLAGS} ${CMAKE_C_FLAGS} ${CMAKE_MODULE_LINKER_FLAGS}" MATCHES "-fsanitize")
    target_link_options(${name} PRIVATE LINKER:-z,defs)
  endif()
endfunction()
