#include "checksum.h"

#include <stdatomic.h>
#include <string.h>

static uint32_t tables[8][256];
static atomic_int tables_ready;

// Idempotent, so two threads that race both write the same words.
static void fill_tables(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1)));
    tables[0][byte] = crc;
  }
  for (uint32_t byte = 0; byte < 256; byte++)
    for (int slice = 1; slice < 8; slice++)
      tables[slice][byte] = (tables[slice - 1][byte] >> 8) ^ tables[0][tables[slice - 1][byte] & 0xFF];
  atomic_store_explicit(&tables_ready, 1, memory_order_release);
}

uint32_t keelson_crc32c_portable(uint32_t crc, const void *bytes, size_t count) {
  if (!atomic_load_explicit(&tables_ready, memory_order_acquire)) fill_tables();
  const uint8_t *at = bytes;
  crc = ~crc;
  while (count >= 8) {
    uint32_t low = crc ^ ((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24);
    crc = tables[7][low & 0xFF] ^ tables[6][(low >> 8) & 0xFF] ^ tables[5][(low >> 16) & 0xFF] ^
          tables[4][low >> 24] ^ tables[3][at[4]] ^ tables[2][at[5]] ^ tables[1][at[6]] ^ tables[0][at[7]];
    at += 8;
    count -= 8;
  }
  while (count-- > 0) crc = (crc >> 8) ^ tables[0][(crc ^ *at++) & 0xFF];
  return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_hardware(uint32_t crc, const void *bytes, size_t count) {
  const uint8_t *at = bytes;
  uint64_t state = (uint32_t)~crc;
  while (count >= 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    state = __builtin_ia32_crc32di(state, word);
    at += 8;
    count -= 8;
  }
  uint32_t narrow = (uint32_t)state;
  while (count-- > 0) narrow = __builtin_ia32_crc32qi(narrow, *at++);
  return ~narrow;
}

uint32_t keelson_crc32c(uint32_t crc, const void *bytes, size_t count) {
  if (__builtin_cpu_supports("sse4.2")) return crc32c_hardware(crc, bytes, count);
  return keelson_crc32c_portable(crc, bytes, count);
}
#else
uint32_t keelson_crc32c(uint32_t crc, const void *bytes, size_t count) {
  return keelson_crc32c_portable(crc, bytes, count);
}
#endif
