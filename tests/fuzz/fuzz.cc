// Where libFuzzer, and standalone.cc in its place, hand in an input.
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  trun::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
