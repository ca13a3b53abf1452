#pragma once
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

/// Asks the system's name servers for the SRV records of a name, as /etc/resolv.conf says. Returns the length of the
/// answer, cut to the buffer; or a negative number of netdb.h: -HOST_NOT_FOUND, -TRY_AGAIN, -NO_RECOVERY, -NO_DATA.
static inline int keelson_ask_services(const char *name, unsigned char *answer, int capacity) {
  struct __res_state state;
  memset(&state, 0, sizeof state);
  if (res_ninit(&state) != 0) return -NO_RECOVERY;
  int length = res_nsearch(&state, name, ns_c_in, ns_t_srv, answer, capacity);
  int problem = state.res_h_errno;
  res_nclose(&state);
  if (length >= 0) return length < capacity ? length : capacity;
  return problem > 0 ? -problem : -NO_RECOVERY;
}

/// How many records of any kind the answer section of an answer has; negative if it is none.
static inline int keelson_answer_count(const unsigned char *answer, int length) {
  ns_msg message;
  if (ns_initparse(answer, length, &message) != 0) return -1;
  return ns_msg_count(message, ns_s_an);
}

/// Reads one record of an answer. Returns 1 for an SRV record, 0 for one of another kind, negative for one that
/// cannot be read. `fields` takes priority, weight and port, `target` the name in text, ended by a zero.
static inline int keelson_service_at(
    const unsigned char *answer, int length, int place, unsigned short fields[3],
    char target[NS_MAXDNAME]) {
  ns_msg message;
  ns_rr record;
  if (ns_initparse(answer, length, &message) != 0) return -1;
  if (ns_parserr(&message, ns_s_an, place, &record) != 0) return -1;
  if (ns_rr_type(record) != ns_t_srv || ns_rr_class(record) != ns_c_in) return 0;
  if (ns_rr_rdlen(record) < 7) return -1;
  const unsigned char *data = ns_rr_rdata(record);
  for (int field = 0; field < 3; field++) fields[field] = ns_get16(data + 2 * field);
  if (ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), data + 6, target, NS_MAXDNAME) < 0)
    return -1;
  return 1;
}
