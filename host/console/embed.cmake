# SPDX-License-Identifier: Apache-2.0
# Writes OUT: every file under WEB as an array of bytes, with its path and its digest. assets.h declares what it defines.
file(GLOB_RECURSE files RELATIVE ${WEB} ${WEB}/*)
list(SORT files)
set(arrays "")
set(entries "")
set(number 0)
foreach(name IN LISTS files)
  file(READ ${WEB}/${name} bytes HEX)
  file(SHA256 ${WEB}/${name} digest)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(APPEND arrays "constexpr unsigned char kFile${number}[] = {${bytes}};\n")
  string(APPEND entries "      {\"${name}\", {kFile${number}, sizeof kFile${number}}, \"${digest}\"},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT} "// Made by embed.cmake.
#include \"console/assets.h\"

namespace eddy::host {
namespace {

${arrays}
}  // namespace

std::span<const ConsoleAsset> console_assets() {
  static constexpr ConsoleAsset kAll[] = {
${entries}  };
  return kAll;
}

}  // namespace eddy::host
")
