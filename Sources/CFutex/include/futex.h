#ifndef KEELSON_FUTEX_H
#define KEELSON_FUTEX_H

#include <stddef.h>
#include <stdint.h>

/// Sleeps while `*word` is `expected`, at most `timeout_ns` nanoseconds (negative: without a bound). It may
/// return early. See futex(2), FUTEX_WAIT_PRIVATE.
void keelson_futex_wait(uint32_t *word, uint32_t expected, int64_t timeout_ns);

/// Wakes up to `count` threads that sleep on `word`. See futex(2), FUTEX_WAKE_PRIVATE.
void keelson_futex_wake(uint32_t *word, int32_t count);

/// Lets blocks of up to `bytes` (at most 32 MiB) come from the heaps, where twice as much stays when it is freed, rather
/// than from mappings of their own. See mallopt(3).
void keelson_heap_keep(int32_t bytes);

/// Makes `bytes` of room for smaller blocks in the calling thread's heap, and returns the block behind it, to be freed
/// when the room is used up: glibc gives a heap back that is free to its end, and would grow the one before it by
/// pages again.
void *keelson_heap_reserve(size_t bytes);

/// Names the calling thread: what `ps` and `top` show, at most 15 bytes.
void keelson_thread_name(const char *name);

#endif
