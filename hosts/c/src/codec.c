/* MessagePack as far as Lua's values go (ABI.md, "MessagePack"). Every read is checked against the end. */
#include "codec.h"

#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------------------------------------- reading */

static uint64_t big_endian(const uint8_t *at, unsigned bytes) {
  uint64_t number = 0;
  while (bytes-- > 0) number = number << 8 | *at++;
  return number;
}

/** The head of a value: what it is, and how far its own bytes go. */
typedef struct head {
  enum { HEAD_PLAIN, HEAD_TEXT, HEAD_BIN, HEAD_ARRAY, HEAD_MAP, HEAD_EXT } form;
  /** Bytes of the head. */
  unsigned bytes;
  /** Bytes, items or pairs that follow it. */
  uint64_t length;
} head;

/** Bytes of the number that follows a tag from 0xc0 to 0xdf, and what the tag begins. */
static bool head_of(const uint8_t *at, const uint8_t *end, head *found) {
  if (at >= end) return false;
  uint8_t tag = *at;
  *found = (head){HEAD_PLAIN, 1, 0};
  unsigned width = 0;
  if (tag <= 0x7f || tag >= 0xe0 || tag == 0xc0 || tag == 0xc2 || tag == 0xc3) return true;
  if (tag <= 0x8f) *found = (head){HEAD_MAP, 1, tag & 15u};
  else if (tag <= 0x9f) *found = (head){HEAD_ARRAY, 1, tag & 15u};
  else if (tag <= 0xbf) *found = (head){HEAD_TEXT, 1, tag & 31u};
  else if (tag >= 0xc4 && tag <= 0xc6) found->form = HEAD_BIN, width = 1u << (tag - 0xc4);
  else if (tag == 0xca) found->bytes = 5;
  else if (tag == 0xcb) found->bytes = 9;
  else if (tag >= 0xcc && tag <= 0xcf) found->bytes = 1 + (1u << (tag - 0xcc));
  else if (tag >= 0xd0 && tag <= 0xd3) found->bytes = 1 + (1u << (tag - 0xd0));
  else if (tag == 0xd6) *found = (head){HEAD_EXT, 6, 0};
  else if (tag >= 0xd9 && tag <= 0xdb) found->form = HEAD_TEXT, width = 1u << (tag - 0xd9);
  else if (tag == 0xdc || tag == 0xdd) found->form = HEAD_ARRAY, width = 2u << (tag - 0xdc);
  else if (tag == 0xde || tag == 0xdf) found->form = HEAD_MAP, width = 2u << (tag - 0xde);
  else return false; /* 0xc1, and ext forms of other lengths. */
  found->bytes += width;
  if ((size_t)(end - at) < found->bytes) return false;
  if (width > 0) found->length = big_endian(at + 1, width);
  if (found->form == HEAD_EXT) return at[1] == MOONLET_EXTENSION_HANDLE || at[1] == MOONLET_EXTENSION_REFERENCE;
  if (found->form == HEAD_TEXT || found->form == HEAD_BIN) return found->length <= (size_t)(end - at) - found->bytes;
  return true;
}

const uint8_t *moonlet_skip(const uint8_t *at, const uint8_t *end, unsigned depth) {
  head found;
  if (!head_of(at, end, &found)) return NULL;
  at += found.bytes;
  if (found.form == HEAD_TEXT || found.form == HEAD_BIN) return at + found.length;
  if (found.form != HEAD_ARRAY && found.form != HEAD_MAP) return at;
  if (depth == 0) return NULL;
  uint64_t items = found.form == HEAD_MAP ? 2 * found.length : found.length;
  /* Each takes a byte at least, so a length takes no time by itself. */
  for (; items > 0 && at != NULL; items--) at = moonlet_skip(at, end, depth - 1);
  return at;
}

long moonlet_count(const uint8_t *at, const uint8_t *end) {
  long count = 0;
  for (; at < end; count++) {
    at = moonlet_skip(at, end, MOONLET_DEPTH);
    if (at == NULL) return -1;
  }
  return count;
}

bool moonlet_open_array(moonlet_reader *reader, size_t *count) {
  head found;
  if (reader->at == NULL || !head_of(reader->at, reader->end, &found) || found.form != HEAD_ARRAY) return false;
  reader->at += found.bytes;
  *count = (size_t)found.length;
  return true;
}

static void plain(const uint8_t *at, moonlet_value *value) {
  uint8_t tag = *at++;
  value->type = MOONLET_INTEGER;
  if (tag <= 0x7f || tag >= 0xe0) value->integer = (int8_t)tag;
  else if (tag == 0xc0) value->type = MOONLET_NIL;
  else if (tag <= 0xc3) value->type = MOONLET_BOOLEAN, value->boolean = tag == 0xc3;
  else if (tag == 0xca) {
    uint32_t bits = (uint32_t)big_endian(at, 4);
    float number;
    memcpy(&number, &bits, 4);
    value->type = MOONLET_NUMBER, value->number = number;
  } else if (tag == 0xcb) {
    uint64_t bits = big_endian(at, 8);
    memcpy(&value->number, &bits, 8);
    value->type = MOONLET_NUMBER;
  } else if (tag <= 0xcf) {
    value->integer = (int64_t)big_endian(at, 1u << (tag - 0xcc));
  } else {
    unsigned bytes = 1u << (tag - 0xd0), unused = 64 - 8 * bytes;
    value->integer = (int64_t)(big_endian(at, bytes) << unused) >> unused;
  }
  if (value->type == MOONLET_INTEGER) value->number = (double)value->integer;
}

bool moonlet_next(moonlet_reader *reader, moonlet_value *value) {
  head found;
  memset(value, 0, sizeof *value);
  if (reader->at == NULL || reader->at >= reader->end) return false;
  const uint8_t *at = reader->at, *next = moonlet_skip(at, reader->end, MOONLET_DEPTH + 2);
  if (next == NULL || !head_of(at, reader->end, &found)) return false;
  reader->at = next;
  const uint8_t *inside = at + found.bytes;
  switch (found.form) {
  case HEAD_PLAIN: plain(at, value); return true;
  case HEAD_TEXT:
  case HEAD_BIN:
    value->type = found.form == HEAD_TEXT ? MOONLET_STRING : MOONLET_BYTES;
    value->data = (const char *)inside;
    value->length = (size_t)found.length;
    return true;
  case HEAD_ARRAY:
  case HEAD_MAP:
    value->type = found.form == HEAD_ARRAY ? MOONLET_ARRAY : MOONLET_MAP;
    value->length = (size_t)found.length;
    value->items = (moonlet_reader){inside, next, reader->lua};
    return true;
  case HEAD_EXT: break;
  }
  uint32_t number = (uint32_t)big_endian(at + 2, 4);
  if (at[1] == MOONLET_EXTENSION_HANDLE) {
    value->type = MOONLET_FUNCTION;
    value->function = (moonlet_handle){reader->lua, number, reader->lua != NULL ? moonlet_generation_of(reader->lua) : 0};
  } else {
    value->type = MOONLET_OBJECT;
    value->object_number = number;
    value->object = reader->lua != NULL ? moonlet_object_of(reader->lua, number) : NULL;
  }
  return true;
}

/** Takes the next value if `type` is its type. */
static bool take(moonlet_reader *reader, moonlet_value *value, moonlet_type type) {
  moonlet_reader ahead = *reader;
  if (!moonlet_next(&ahead, value) || value->type != type) return false;
  *reader = ahead;
  return true;
}

bool moonlet_next_boolean(moonlet_reader *reader, bool *value) {
  moonlet_value found;
  if (!take(reader, &found, MOONLET_BOOLEAN)) return false;
  *value = found.boolean;
  return true;
}

bool moonlet_next_integer(moonlet_reader *reader, int64_t *value) {
  moonlet_value found;
  moonlet_reader ahead = *reader;
  if (!moonlet_next(&ahead, &found)) return false;
  if (found.type == MOONLET_NUMBER) {
    if (!(found.number >= -9223372036854775808.0 && found.number < 9223372036854775808.0)) return false;
    found.integer = (int64_t)found.number;
    if ((double)found.integer != found.number) return false;
  } else if (found.type != MOONLET_INTEGER) {
    return false;
  }
  *value = found.integer;
  *reader = ahead;
  return true;
}

bool moonlet_next_number(moonlet_reader *reader, double *value) {
  moonlet_value found;
  if (!take(reader, &found, MOONLET_NUMBER) && !take(reader, &found, MOONLET_INTEGER)) return false;
  *value = found.number;
  return true;
}

bool moonlet_next_string(moonlet_reader *reader, const char **data, size_t *length) {
  moonlet_value found;
  if (!take(reader, &found, MOONLET_STRING) && !take(reader, &found, MOONLET_BYTES)) return false;
  *data = found.data;
  *length = found.length;
  return true;
}

bool moonlet_next_function(moonlet_reader *reader, moonlet_handle *function) {
  moonlet_value found;
  if (!take(reader, &found, MOONLET_FUNCTION)) return false;
  *function = found.function;
  return true;
}

/* ---------------------------------------------------------------------------------------------- writing */

moonlet_writer moonlet_writer_new(moonlet *lua) { return (moonlet_writer){NULL, 0, 0, lua, NULL}; }

void moonlet_writer_clear(moonlet_writer *writer) {
  writer->length = 0;
  writer->wrong = NULL;
}

void moonlet_writer_free(moonlet_writer *writer) {
  if (writer == NULL) return;
  free(writer->data);
  *writer = moonlet_writer_new(writer->lua);
}

/** Room for so many bytes at the end; NULL once anything is wrong. */
static uint8_t *room(moonlet_writer *writer, size_t bytes) {
  if (writer->wrong != NULL) return NULL;
  if (bytes > writer->capacity - writer->length) {
    size_t wanted = writer->capacity * 2 > 64 ? writer->capacity * 2 : 64;
    if (wanted < writer->length + bytes) wanted = writer->length + bytes;
    uint8_t *data = wanted < writer->length ? NULL : realloc(writer->data, wanted);
    if (data == NULL) {
      writer->wrong = "there is no memory for the values; write fewer at a time";
      return NULL;
    }
    writer->data = data;
    writer->capacity = wanted;
  }
  uint8_t *at = writer->data + writer->length;
  writer->length += bytes;
  return at;
}

/** A tag, and a number of so many bytes. */
static void tagged(moonlet_writer *writer, uint8_t tag, uint64_t number, unsigned bytes) {
  uint8_t *at = room(writer, 1 + bytes);
  if (at == NULL) return;
  *at = tag;
  for (; bytes > 0; bytes--, number >>= 8) at[bytes] = (uint8_t)number;
}

/** The head of something long: the short form up to `most`, or one of the tags of 1, 2 and 4 bytes, of which 0 is none. */
static void long_head(moonlet_writer *writer, uint8_t little, size_t most, uint8_t one, uint8_t two, size_t length) {
  if (most > 0 && length <= most) tagged(writer, (uint8_t)(little | length), 0, 0);
  else if (one != 0 && length <= 0xff) tagged(writer, one, length, 1);
  else if (length <= 0xffff) tagged(writer, two, length, 2);
  else if (length <= 0xffffffff) tagged(writer, (uint8_t)(two + 1), length, 4);
  else if (writer->wrong == NULL) writer->wrong = "a value has 4 GiB or more, which no state takes; give less";
}

void moonlet_put_encoded(moonlet_writer *writer, const void *data, size_t length) {
  uint8_t *at = room(writer, length);
  if (at != NULL && length > 0) memcpy(at, data, length);
}

void moonlet_put_nil(moonlet_writer *writer) { tagged(writer, 0xc0, 0, 0); }

void moonlet_put_boolean(moonlet_writer *writer, bool value) { tagged(writer, value ? 0xc3 : 0xc2, 0, 0); }

void moonlet_put_integer(moonlet_writer *writer, int64_t value) {
  if (value >= -32 && value <= 127) tagged(writer, (uint8_t)value, 0, 0);
  else if (value >= 0) {
    unsigned power = value <= 0xff ? 0 : value <= 0xffff ? 1 : value <= 0xffffffff ? 2 : 3;
    tagged(writer, (uint8_t)(0xcc + power), (uint64_t)value, 1u << power);
  } else {
    unsigned power = value >= INT8_MIN ? 0 : value >= INT16_MIN ? 1 : value >= INT32_MIN ? 2 : 3;
    tagged(writer, (uint8_t)(0xd0 + power), (uint64_t)value, 1u << power);
  }
}

void moonlet_put_number(moonlet_writer *writer, double value) {
  uint64_t bits = 0x7ff8000000000000u;
  if (value == value) memcpy(&bits, &value, 8);
  tagged(writer, 0xcb, bits, 8);
}

bool moonlet_is_utf8(const uint8_t *at, size_t length) {
  const uint8_t *end = at + length;
  while (at < end) {
    uint8_t first = *at++;
    if (first < 0x80) continue;
    unsigned more = first >= 0xc2 && first <= 0xdf ? 1 : first >= 0xe0 && first <= 0xef ? 2 : first >= 0xf0 && first <= 0xf4 ? 3 : 0;
    if (more == 0 || (size_t)(end - at) < more) return false;
    /* No longer form than needed, no surrogate, nothing beyond 10FFFF. */
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80, high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (*at < low || *at > high) return false;
    for (at++; more > 1; more--, at++)
      if ((*at & 0xc0) != 0x80) return false;
  }
  return true;
}

void moonlet_put_string(moonlet_writer *writer, const char *data, size_t length) {
  if (data == NULL && length > 0) {
    if (writer->wrong == NULL) writer->wrong = "a string is NULL and has a length; give its bytes, or the length 0";
    return;
  }
  if (length == 0 || moonlet_is_utf8((const uint8_t *)data, length)) long_head(writer, 0xa0, 31, 0xd9, 0xda, length);
  else long_head(writer, 0, 0, 0xc4, 0xc5, length);
  moonlet_put_encoded(writer, data, length);
}

void moonlet_put_text(moonlet_writer *writer, const char *text) {
  if (text == NULL) moonlet_put_nil(writer);
  else moonlet_put_string(writer, text, strlen(text));
}

void moonlet_put_array(moonlet_writer *writer, size_t count) { long_head(writer, 0x90, 15, 0, 0xdc, count); }

void moonlet_put_map(moonlet_writer *writer, size_t count) { long_head(writer, 0x80, 15, 0, 0xde, count); }

void moonlet_put_extension(moonlet_writer *writer, int kind, uint32_t number) {
  tagged(writer, 0xd6, (uint64_t)kind << 32 | number, 5);
}

void moonlet_put_function(moonlet_writer *writer, moonlet_handle function) {
  if (writer->wrong != NULL) return;
  if (function.number == 0) writer->wrong = "this is no function of Lua; take one from what a state gave";
  else if (writer->lua == NULL) writer->wrong = "the writer has no state: make it by moonlet_writer_new(lua) to write functions and objects";
  else if (function.lua != writer->lua) writer->wrong = "this function belongs to another state; pass values between states";
  else if (function.generation != moonlet_generation_of(writer->lua)) writer->wrong = "this function is older than the snapshot that was restored; get it anew";
  else moonlet_put_extension(writer, MOONLET_EXTENSION_HANDLE, function.number);
}

void moonlet_put_object(moonlet_writer *writer, const moonlet_object *object) {
  if (writer->wrong != NULL) return;
  if (object == NULL) writer->wrong = "the object is NULL; put nil in its place";
  else if (writer->lua == NULL) writer->wrong = "the writer has no state: make it by moonlet_writer_new(lua) to write functions and objects";
  else {
    uint32_t number = moonlet_number_of(writer->lua, object);
    if (number == 0) writer->wrong = "there is no memory for another object";
    else moonlet_put_extension(writer, MOONLET_EXTENSION_REFERENCE, number);
  }
}

void moonlet_put_value(moonlet_writer *writer, const moonlet_value *value) {
  switch (value->type) {
  case MOONLET_NIL: moonlet_put_nil(writer); break;
  case MOONLET_BOOLEAN: moonlet_put_boolean(writer, value->boolean); break;
  case MOONLET_INTEGER: moonlet_put_integer(writer, value->integer); break;
  case MOONLET_NUMBER: moonlet_put_number(writer, value->number); break;
  case MOONLET_STRING: moonlet_put_string(writer, value->data, value->length); break;
  case MOONLET_BYTES:
    long_head(writer, 0, 0, 0xc4, 0xc5, value->length);
    moonlet_put_encoded(writer, value->data, value->length);
    break;
  case MOONLET_ARRAY:
  case MOONLET_MAP:
    if (value->type == MOONLET_ARRAY) moonlet_put_array(writer, value->length);
    else moonlet_put_map(writer, value->length);
    moonlet_put_rest(writer, value->items);
    break;
  case MOONLET_FUNCTION: moonlet_put_function(writer, value->function); break;
  case MOONLET_OBJECT: moonlet_put_extension(writer, MOONLET_EXTENSION_REFERENCE, value->object_number); break;
  default:
    if (writer->wrong == NULL) writer->wrong = "this is no value of Lua: its type is none of moonlet_type";
  }
}

void moonlet_put_rest(moonlet_writer *writer, moonlet_reader reader) {
  moonlet_value value;
  while (moonlet_next(&reader, &value)) moonlet_put_value(writer, &value);
  if (reader.at < reader.end && writer->wrong == NULL) writer->wrong = "what the reader has is no encoded value";
}
