#ifndef MOONLET_SHA256_H
#define MOONLET_SHA256_H

#include <stddef.h>
#include <stdint.h>

/** The SHA-256 of bytes. */
static void moonlet_sha256(const void *data, size_t length, uint8_t digest[32]);

#endif
