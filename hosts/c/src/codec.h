/* What the codec has beyond moonlet.h: the values of the host and of Lua that it passes over. */
#ifndef MOONLET_CODEC_H
#define MOONLET_CODEC_H

#include "../moonlet.h"

/** Values nest so deep at most, the array of all of them not counted. */
#define MOONLET_DEPTH 128

/** Where the value that starts at `at` ends; NULL where it is malformed, cut off, or nests deeper than `depth`. */
static const uint8_t *moonlet_skip(const uint8_t *at, const uint8_t *end, unsigned depth);

/** The number of whole values; -1 where what is there is not made of whole values. */
static long moonlet_count(const uint8_t *at, const uint8_t *end);

/** Bytes as they are. */
static void moonlet_put_encoded(moonlet_writer *writer, const void *data, size_t length);
/** An ext value of four bytes. */
static void moonlet_put_extension(moonlet_writer *writer, int kind, uint32_t number);

/** Opens the array that a result or request is; false where it is none. */
static bool moonlet_open_array(moonlet_reader *reader, size_t *count);

/** Where a string of the host's is UTF-8, so that Lua's strings come back as they are. */
static bool moonlet_is_utf8(const uint8_t *at, size_t length);

/* Of the state: what the numbers in ext values stand for. */
static const moonlet_object *moonlet_object_of(moonlet *lua, uint32_t number);
static uint32_t moonlet_number_of(moonlet *lua, const moonlet_object *object);
static uint32_t moonlet_generation_of(const moonlet *lua);

#endif
