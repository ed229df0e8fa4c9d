# Everything here is a Debian 12 package; script/setup installs them.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto SSL)
# Static where a session process would have to load it: docs/decisions/0060-start-of-a-session.md.
set(Protobuf_USE_STATIC_LIBS ON)
find_package(Protobuf REQUIRED)
find_path(FMT_INCLUDE_DIR fmt/format-inl.h REQUIRED)
add_library(bulkhead_fmt STATIC "${CMAKE_CURRENT_LIST_DIR}/fmt.cpp")
target_include_directories(bulkhead_fmt SYSTEM PUBLIC "${FMT_INCLUDE_DIR}")
add_library(fmt::fmt ALIAS bulkhead_fmt)
find_package(SQLite3 REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(TSS2 REQUIRED IMPORTED_TARGET tss2-esys tss2-mu)
find_path(PKCS11_INCLUDE_DIR p11-kit/pkcs11.h PATH_SUFFIXES p11-kit-1 REQUIRED)  # the interface only; nothing is linked
find_package(CLI11 REQUIRED)
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
if(BULKHEAD_TESTS)
  find_package(GTest REQUIRED)
endif()
find_path(SIMDJSON_INCLUDE_DIR simdjson.h REQUIRED)
find_library(SIMDJSON_LIBRARY simdjson REQUIRED)
# Its parser has another layout with -pthread than without, and what several files inline is linked once: the same
# definition for all who include it, or they read each other's memory wrongly.
add_library(bulkhead_simdjson INTERFACE)
target_link_libraries(bulkhead_simdjson INTERFACE "${SIMDJSON_LIBRARY}")
target_compile_definitions(bulkhead_simdjson INTERFACE SIMDJSON_THREADS_ENABLED)
