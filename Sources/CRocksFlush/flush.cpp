#include "rocks_flush.h"

#include <cstring>
#include <new>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <sys/resource.h>
#include <vector>

// RocksDB's C interface wraps each object in a struct whose first member points to it. The structs are not
// declared in a header.
struct rocksdb_t {
  rocksdb::DB *rep;
};
struct rocksdb_column_family_handle_t {
  rocksdb::ColumnFamilyHandle *rep;
};

void keelson_rocksdb_flush(rocksdb_t *database, rocksdb_column_family_handle_t *const *families, size_t count,
                           char **error) try {
  std::vector<rocksdb::ColumnFamilyHandle *> handles;
  for (size_t place = 0; place < count; ++place)
    handles.push_back(families[place]->rep);
  rocksdb::FlushOptions options;
  options.wait = true;
  rocksdb::Status status = database->rep->Flush(options, handles);
  if (!status.ok())
    *error = strdup(status.ToString().c_str());
} catch (const std::bad_alloc &) {
  *error = strdup("IO error: no memory for a flush");
}

void keelson_rocksdb_yield_compactions(void) {
  // RocksDB itself lowers its threads to the very last priority only, where a busy machine would starve them. A
  // thread of a pool lowers itself, and one that is there already does so again without harm.
  auto lower = [](void *) { setpriority(PRIO_PROCESS, 0, 10); };
  rocksdb::Env::Default()->Schedule(lower, nullptr, rocksdb::Env::Priority::LOW);
}
