# bulkhead_library(ssh SOURCES a.cpp b.cpp LIBS bulkhead_base ...): target bulkhead_ssh of one folder in src/.
function(bulkhead_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS;PRIVATE_LIBS" ${ARGN})
  add_library(bulkhead_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(bulkhead_${name} PUBLIC ${ARG_LIBS} PRIVATE bulkhead_flags ${ARG_PRIVATE_LIBS})
  target_include_directories(bulkhead_${name} PUBLIC "${CMAKE_SOURCE_DIR}/src")
endfunction()

# bulkhead_program(bulkhead-vault SOURCES main.cpp LIBS ... [LIBEXEC]): lands in bin/ or, with LIBEXEC, in libexec/.
function(bulkhead_program name)
  cmake_parse_arguments(ARG "LIBEXEC" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE bulkhead_flags ${ARG_LIBS})
  set_property(TARGET ${name} PROPERTY POSITION_INDEPENDENT_CODE ON)
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
