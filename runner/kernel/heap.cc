#include "runner/kernel/heap.h"

#include <malloc.h>

namespace trun {

void give_back_free_memory() {
#ifdef __GLIBC__
  (void)::malloc_trim(0);
#endif
}

}  // namespace trun
