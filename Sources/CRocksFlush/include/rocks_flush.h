#pragma once

#include <rocksdb/c.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Flushes several column families and returns when that is durable; with the option atomic_flush, in one step.
///
/// The C interface of RocksDB 7 flushes one family at a time, so this goes through the C++ one.
/// What went wrong is left in `error`, to be freed with rocksdb_free, as RocksDB's own functions do.
void keelson_rocksdb_flush(rocksdb_t *database, rocksdb_column_family_handle_t *const *families, size_t count,
                           char **error);

/// Lowers the priority of the one thread that compacts: what serves requests gets a processor before it. To be called
/// once a database is open.
void keelson_rocksdb_yield_compactions(void);

#ifdef __cplusplus
}
#endif
