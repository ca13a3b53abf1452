#ifndef KEELSON_FUTEX_H
#define KEELSON_FUTEX_H

#include <stdint.h>

/// Sleeps while `*word` is `expected`, at most `timeout_ns` nanoseconds (negative: without a bound). It may
/// return early. See futex(2), FUTEX_WAIT_PRIVATE.
void keelson_futex_wait(uint32_t *word, uint32_t expected, int64_t timeout_ns);

/// Wakes up to `count` threads that sleep on `word`. See futex(2), FUTEX_WAKE_PRIVATE.
void keelson_futex_wake(uint32_t *word, int32_t count);

/// Names the calling thread: what `ps` and `top` show, at most 15 bytes.
void keelson_thread_name(const char *name);

#endif
