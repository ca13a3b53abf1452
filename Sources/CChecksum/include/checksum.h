#ifndef KEELSON_CHECKSUM_H
#define KEELSON_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, reflected, initial and final XOR of all ones) of `count` bytes at `bytes`,
/// continued from `crc`, the checksum of the bytes before them, or 0.
uint32_t keelson_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The same by tables alone: what a processor without a CRC instruction runs.
uint32_t keelson_crc32c_portable(uint32_t crc, const void *bytes, size_t count);

#endif
