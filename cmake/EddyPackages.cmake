# SPDX-License-Identifier: Apache-2.0
# What is installed beside the binary and the SDK, and the Debian packages: `umask 022; cpack --config
# build/release/CPackConfig.cmake` makes eddy (the host, as a service), its debug symbols, and eddy-dev (the SDK).

# Debian wants changelogs and manual pages compressed, and the same bytes every time.
function(eddy_gzip file name)
  set(copy ${CMAKE_BINARY_DIR}/debian/${name})
  configure_file(${file} ${copy} COPYONLY)
  execute_process(COMMAND gzip -9nkf ${copy} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

set(debian ${CMAKE_SOURCE_DIR}/deploy/debian)
set(systemd ${CMAKE_SOURCE_DIR}/deploy/systemd)
eddy_gzip(${CMAKE_SOURCE_DIR}/CHANGELOG.md changelog)
eddy_gzip(${debian}/changelog changelog.Debian)
eddy_gzip(${debian}/eddy.1 eddy.1)
configure_file(${CMAKE_SOURCE_DIR}/CHANGELOG.md ${CMAKE_BINARY_DIR}/debian/CHANGELOG.md COPYONLY)

# Only where it is asked for: these go to fixed places of the system, whatever the prefix.
function(eddy_service)
  install(${ARGN} COMPONENT service EXCLUDE_FROM_ALL)
endfunction()
eddy_service(FILES ${systemd}/eddy.service DESTINATION /lib/systemd/system)
eddy_service(FILES ${systemd}/eddy.sysusers DESTINATION /usr/lib/sysusers.d RENAME eddy.conf)
eddy_service(FILES ${systemd}/eddy.tmpfiles DESTINATION /usr/lib/tmpfiles.d RENAME eddy.conf)
eddy_service(FILES ${systemd}/eddy.yaml DESTINATION /etc/eddy)
eddy_service(DIRECTORY DESTINATION /var/lib/eddy/plugins.d DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
  GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

# Of both packages: what Debian asks for.
foreach(package eddy eddy-dev)
  set(component documentation)
  if(package STREQUAL "eddy-dev")
    set(component sdk_documentation)
  endif()
  install(FILES ${debian}/copyright ${CMAKE_BINARY_DIR}/debian/changelog.gz ${CMAKE_BINARY_DIR}/debian/changelog.Debian.gz
    DESTINATION share/doc/${package} COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()

function(eddy_documentation)
  install(${ARGN} COMPONENT documentation EXCLUDE_FROM_ALL)
endfunction()
file(GLOB examples CONFIGURE_DEPENDS config/*.yaml)
eddy_documentation(FILES ${CMAKE_BINARY_DIR}/debian/eddy.1.gz DESTINATION share/man/man1)
eddy_documentation(FILES README.md VERSIONING.md config/reference.md DESTINATION share/doc/eddy)
eddy_documentation(FILES deploy/README.md DESTINATION share/doc/eddy RENAME OPERATING.md)
eddy_documentation(FILES deploy/UPGRADING.md DESTINATION share/doc/eddy)
eddy_documentation(FILES ${examples} DESTINATION share/doc/eddy/examples)
eddy_documentation(FILES config/demo/README.md config/demo/eddy.yaml config/demo/movies.ndjson DESTINATION
  share/doc/eddy/examples/demo)
eddy_documentation(FILES config/eddy.schema.json DESTINATION share/eddy)
eddy_documentation(DIRECTORY deploy/prometheus deploy/grafana DESTINATION share/eddy OPTIONAL)

install(FILES sdk/README.md sdk/LANGUAGES.md VERSIONING.md DESTINATION share/doc/eddy-dev COMPONENT sdk_documentation
  EXCLUDE_FROM_ALL)
install(DIRECTORY plugins/ DESTINATION share/doc/eddy-dev/examples COMPONENT sdk_documentation
  EXCLUDE_FROM_ALL PATTERN target EXCLUDE PATTERN CMakeLists.txt EXCLUDE)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME eddy)
set(CPACK_PACKAGE_VENDOR Eddy)
set(CPACK_PACKAGE_CONTACT "The Eddy authors <eddy@localhost.localdomain>")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_VERBATIM_VARIABLES ON)
# Files with places of their own (/etc, /lib/systemd) are installed beneath a folder, too.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
# As CPack has it by itself: anything else would become the first line of each package's description.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_NAME} built using CMake")
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENTS_ALL host service documentation sdk sdk_documentation)
foreach(component host service documentation)
  string(TOUPPER ${component} upper)
  set(CPACK_COMPONENT_${upper}_GROUP eddy)
endforeach()
set(CPACK_COMPONENT_SDK_GROUP dev)
set(CPACK_COMPONENT_SDK_DOCUMENTATION_GROUP dev)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_EDDY_PACKAGE_NAME eddy)
set(CPACK_DEBIAN_EDDY_PACKAGE_SECTION net)
set(CPACK_DEBIAN_EDDY_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_EDDY_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_EDDY_PACKAGE_CONTROL_EXTRA ${debian}/postinst ${debian}/prerm ${debian}/postrm ${debian}/conffiles)
set(CPACK_DEBIAN_EDDY_DEBUGINFO_PACKAGE ON)
set(CPACK_DEBIAN_EDDY_DESCRIPTION "host for native stream functions with dead letter queues
Eddy runs transforms and consumers that are compiled to shared objects over
durable streams: Kafka topics, or an embedded store. Every call is guarded,
every record that fails becomes a dead letter with its exact bytes and the
reason, and recovery functions bring dead letters back.

This package has the host, as a command and as a service. The service is
neither enabled nor started by the installation.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME eddy-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_DEV_PACKAGE_RECOMMENDS "g++ | clang, nlohmann-json3-dev")
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS "eddy, cmake, pkg-config")
set(CPACK_DEBIAN_DEV_DESCRIPTION "SDK for functions of the Eddy stream host
Headers (C11 and C++20), a CMake and a pkg-config package, and examples for
whoever writes functions for Eddy. Nothing of it is linked.")
include(CPack)
