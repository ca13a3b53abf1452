#pragma once
#include <crypt.h>
#include <stdlib.h>
#include <string.h>

/// Writes the bcrypt setting for a cost and 16 random bytes, 29 characters and a zero, to `setting`. Returns whether
/// the library knows bcrypt and the cost is one.
static inline int keelson_bcrypt_setting(
    unsigned long cost, const char random[16], char setting[CRYPT_GENSALT_OUTPUT_SIZE]) {
  return crypt_gensalt_rn("$2b$", cost, random, 16, setting, CRYPT_GENSALT_OUTPUT_SIZE) != NULL;
}

/// Writes the hash of a phrase that ends in a zero to `hash`: 60 characters and a zero. What the computation leaves in
/// memory is wiped. Returns whether the setting is one.
static inline int keelson_bcrypt(const char *phrase, const char *setting, char hash[64]) {
  struct crypt_data *data = (struct crypt_data *)calloc(1, sizeof *data);
  if (data == NULL) return 0;
  const char *result = crypt_rn(phrase, setting, data, sizeof *data);
  int fits = result != NULL && strlen(result) < 64;
  if (fits) strcpy(hash, result);
  explicit_bzero(data, sizeof *data);
  free(data);
  return fits;
}
