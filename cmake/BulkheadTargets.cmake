# Sources that may be compiled as one translation unit are: docs/decisions/0125-compiled-together.md.
option(BULKHEAD_TOGETHER "Compile several sources of a target at once: a clean build in half the time" OFF)
if(BULKHEAD_TOGETHER)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
endif()
function(bulkhead_compile_together target)
  if(NOT BULKHEAD_TOGETHER)
    return()
  endif()
  get_target_property(named ${target} SOURCES)
  set(sources)
  foreach(source IN LISTS named)
    cmake_path(ABSOLUTE_PATH source NORMALIZE OUTPUT_VARIABLE source)
    list(APPEND sources "${source}")
  endforeach()
  # A file that begins to keep a name to itself may have to leave its unit.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${sources})
  execute_process(
    COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/cmake/unity_groups.py" "${CMAKE_SOURCE_DIR}" 12 ${sources}
    OUTPUT_VARIABLE lines OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[0-9]+;[^\n]+" lines "${lines}")
  while(lines)
    list(POP_FRONT lines group file)
    set_source_files_properties("${file}" PROPERTIES UNITY_GROUP "${target}_${group}")
  endwhile()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # In a shared unit g++ takes a file's own types for a header's.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
endfunction()

# APART: never compiled together, because tests stand in for functions that its files call in each other.
# bulkhead_library(ssh SOURCES a.cpp b.cpp LIBS bulkhead_base ...): target bulkhead_ssh of one folder in src/.
function(bulkhead_library name)
  cmake_parse_arguments(ARG "APART" "" "SOURCES;LIBS;PRIVATE_LIBS" ${ARGN})
  add_library(bulkhead_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(bulkhead_${name} PUBLIC ${ARG_LIBS} PRIVATE bulkhead_flags ${ARG_PRIVATE_LIBS})
  target_include_directories(bulkhead_${name} PUBLIC "${CMAKE_SOURCE_DIR}/src")
  if(NOT ARG_APART)
    bulkhead_compile_together(bulkhead_${name})
  endif()
endfunction()

# bulkhead_program(bulkhead-vault SOURCES main.cpp LIBS ... [LIBEXEC]): lands in bin/ or, with LIBEXEC, in libexec/.
function(bulkhead_program name)
  cmake_parse_arguments(ARG "LIBEXEC" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE bulkhead_flags ${ARG_LIBS})
  set_property(TARGET ${name} PROPERTY POSITION_INDEPENDENT_CODE ON)
  bulkhead_compile_together(${name})
  if(ARG_LIBEXEC)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/libexec")
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT BULKHEAD_SANITIZE)
      target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc)  # started for every connection
    endif()
  endif()
endfunction()

# bulkhead_test(ssh SOURCES ... LIBS ...): GoogleTest program test_ssh; each case becomes a ctest case.
# Tests find checked-in vectors under BULKHEAD_TEST_DATA (tests/) and programs under BULKHEAD_BINARY_DIR.
function(bulkhead_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(test_${name} ${ARG_SOURCES})
  target_link_libraries(test_${name} PRIVATE bulkhead_flags ${ARG_LIBS} GTest::gmock GTest::gtest_main)
  target_compile_definitions(test_${name} PRIVATE
    BULKHEAD_TEST_DATA="${CMAKE_SOURCE_DIR}/tests"
    BULKHEAD_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
    BULKHEAD_BINARY_DIR="${CMAKE_BINARY_DIR}")
  bulkhead_compile_together(test_${name})
  add_test(NAME ${name} COMMAND test_${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()

# bulkhead_fuzzer(x12 SOURCES ... LIBS ...): libFuzzer target fuzz_x12.
function(bulkhead_fuzzer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(fuzz_${name} ${ARG_SOURCES})
  target_link_libraries(fuzz_${name} PRIVATE bulkhead_flags ${ARG_LIBS})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endfunction()
