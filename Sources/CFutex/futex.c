#define _GNU_SOURCE
#include "futex.h"

#include <linux/futex.h>
#include <malloc.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void keelson_futex_wait(uint32_t *word, uint32_t expected, int64_t timeout_ns) {
  struct timespec timeout;
  if (timeout_ns >= 0) {
    timeout.tv_sec = timeout_ns / 1000000000;
    timeout.tv_nsec = timeout_ns % 1000000000;
  }
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, timeout_ns >= 0 ? &timeout : NULL, NULL, 0);
}

void keelson_futex_wake(uint32_t *word, int32_t count) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

void keelson_thread_name(const char *name) { pthread_setname_np(pthread_self(), name); }

void keelson_heap_keep(int32_t bytes) {
  mallopt(M_MMAP_THRESHOLD, bytes);
  mallopt(M_TRIM_THRESHOLD, 2 * bytes);
}

void *keelson_heap_reserve(size_t bytes) {
  // Volatile, or the compiler leaves out an allocation that nobody uses.
  void *volatile room = malloc(bytes);
  void *end = malloc(64);
  free(room);
  return end;
}
