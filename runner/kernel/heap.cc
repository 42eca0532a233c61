#include "runner/kernel/heap.h"

#include <malloc.h>

namespace trun {

void give_back_free_memory() {
#ifdef __GLIBC__
  // free() returns memory from the top of the heap only; this also gives back whole pages within it (malloc_trim(3)).
  (void)::malloc_trim(0);
#endif
}

}  // namespace trun
