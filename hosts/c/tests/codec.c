/* The codec by itself: edges of lengths and numbers, any bytes, and values of random shapes. */
#include <math.h>

#include "test.h"

static void integers(void) {
  static const int64_t edges[] = {0, 1, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296, INT64_MAX, -1, -32, -33, -128, -129, -32768, -32769, INT32_MIN, (int64_t)INT32_MIN - 1, INT64_MIN};
  moonlet_writer written = moonlet_writer_new(NULL);
  for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) moonlet_put_integer(&written, edges[i]);
  moonlet_reader read = {written.data, written.data + written.length, NULL};
  for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
    int64_t number;
    CHECK(moonlet_next_integer(&read, &number) && number == edges[i]);
  }
  moonlet_writer_free(&written);
}

static void typed_reads(void) {
  moonlet_writer written = moonlet_writer_new(NULL);
  moonlet_put_number(&written, 3.0);
  moonlet_put_number(&written, 3.5);
  moonlet_put_number(&written, 1e300);
  moonlet_put_number(&written, -9223372036854775808.0);
  moonlet_put_number(&written, 9223372036854775808.0);
  moonlet_put_number(&written, 0.0 / 0.0);
  moonlet_put_boolean(&written, true);
  moonlet_put_string(&written, "", 0);
  moonlet_put_text(&written, NULL);
  moonlet_reader read = {written.data, written.data + written.length, NULL};
  int64_t integer;
  double number;
  bool boolean = false;
  const char *data;
  size_t length = 1;
  moonlet_value value;
  CHECK(moonlet_next_integer(&read, &integer) && integer == 3);
  CHECK(!moonlet_next_integer(&read, &integer) && moonlet_next_number(&read, &number) && number == 3.5);
  CHECK(!moonlet_next_integer(&read, &integer) && moonlet_next_number(&read, &number) && number == 1e300);
  CHECK(moonlet_next_integer(&read, &integer) && integer == INT64_MIN);
  CHECK(!moonlet_next_integer(&read, &integer) && moonlet_next_number(&read, &number));
  CHECK(!moonlet_next_integer(&read, &integer) && moonlet_next_number(&read, &number) && isnan(number));
  CHECK(!moonlet_next_number(&read, &number) && !moonlet_next_string(&read, &data, &length) && moonlet_next_boolean(&read, &boolean) && boolean);
  CHECK(!moonlet_next_boolean(&read, &boolean) && moonlet_next_string(&read, &data, &length) && length == 0);
  CHECK(moonlet_next(&read, &value) && value.type == MOONLET_NIL && !moonlet_next(&read, &value));
  moonlet_writer_free(&written);
}

static uint64_t state = 88172645463325252u;

static uint32_t random_to(uint32_t bound) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 33) % bound;
}

static void lengths(void) {
  static const size_t edges[] = {0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536, 70000};
  char *text = malloc(70000);
  memset(text, 'x', 70000);
  for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
    for (int is_binary = 0; is_binary < 2; is_binary++) {
      text[0] = is_binary ? '\xff' : 'x';
      moonlet_writer written = moonlet_writer_new(NULL);
      moonlet_put_string(&written, text, edges[i]);
      moonlet_put_array(&written, edges[i]);
      for (size_t item = 0; item < edges[i]; item++) moonlet_put_boolean(&written, item % 2);
      moonlet_put_map(&written, edges[i]);
      for (size_t item = 0; item < 2 * edges[i]; item++) moonlet_put_integer(&written, (int64_t)item);
      moonlet_reader read = {written.data, written.data + written.length, NULL};
      moonlet_value value, inner;
      CHECK(moonlet_next(&read, &value) && value.length == edges[i] && value.type == (is_binary && edges[i] > 0 ? MOONLET_BYTES : MOONLET_STRING));
      CHECK(moonlet_next(&read, &value) && value.type == MOONLET_ARRAY && value.length == edges[i]);
      size_t count = 0;
      while (moonlet_next(&value.items, &inner)) count++;
      CHECK(count == edges[i]);
      CHECK(moonlet_next(&read, &value) && value.type == MOONLET_MAP && value.length == edges[i] && !moonlet_next(&read, &inner));
      moonlet_writer_free(&written);
    }
  free(text);
}

static void random_value(moonlet_writer *written, int depth) {
  char text[40];
  switch (random_to(depth > 4 ? 6 : 8)) {
  case 0: moonlet_put_nil(written); break;
  case 1: moonlet_put_boolean(written, random_to(2)); break;
  case 2: moonlet_put_integer(written, (int64_t)(state >> random_to(64))); break;
  case 3: moonlet_put_number(written, (double)(int64_t)state / 3); break;
  case 4:
  case 5: {
    uint32_t length = random_to(40);
    for (uint32_t i = 0; i < length; i++) text[i] = (char)random_to(random_to(2) ? 128 : 256);
    moonlet_put_string(written, text, length);
    break;
  }
  case 6: {
    uint32_t count = random_to(20);
    moonlet_put_array(written, count);
    while (count-- > 0) random_value(written, depth + 1);
    break;
  }
  default: {
    uint32_t count = random_to(10);
    moonlet_put_map(written, count);
    for (count *= 2; count > 0; count--) random_value(written, depth + 1);
  }
  }
}

/** What is read and written again is the same bytes. */
static void round_trips(void) {
  for (int i = 0; i < 20000; i++) {
    moonlet_writer written = moonlet_writer_new(NULL), again = moonlet_writer_new(NULL);
    random_value(&written, 0);
    moonlet_put_rest(&again, (moonlet_reader){written.data, written.data + written.length, NULL});
    CHECK(again.wrong == NULL && again.length == written.length && memcmp(again.data, written.data, written.length) == 0);
    moonlet_writer_free(&written);
    moonlet_writer_free(&again);
  }
}

/** Any bytes are values, or are none: nothing is read beyond their end. */
static void any_bytes(void) {
  for (int i = 0; i < 200000; i++) {
    size_t length = random_to(40);
    /* Of its own size, so that a read beyond it is found. */
    uint8_t *bytes = malloc(length + 1);
    for (size_t at = 0; at < length; at++) bytes[at] = (uint8_t)random_to(256);
    if (length > 0 && random_to(2)) bytes[0] = (uint8_t)(0xc0 + random_to(32));
    uint8_t *exact = malloc(length > 0 ? length : 1);
    memcpy(exact, bytes, length);
    moonlet_reader read = {exact, exact + length, NULL};
    moonlet_value value;
    moonlet_writer again = moonlet_writer_new(NULL);
    while (moonlet_next(&read, &value)) moonlet_put_value(&again, &value);
    CHECK(read.at <= read.end && again.length <= 9 * length + 9);
    moonlet_writer_free(&again);
    free(exact);
    free(bytes);
  }
  static const uint8_t bombs[][6] = {{0xdd, 0xff, 0xff, 0xff, 0xff, 0xc0}, {0xdf, 0xff, 0xff, 0xff, 0xff, 0xc0}, {0xdb, 0xff, 0xff, 0xff, 0xff, 0xc0}, {0xc6, 0xff, 0xff, 0xff, 0xff, 0xc0}};
  moonlet_value value;
  for (size_t i = 0; i < sizeof bombs / sizeof *bombs; i++) CHECK(!moonlet_next(&(moonlet_reader){bombs[i], bombs[i] + 6, NULL}, &value));
  /* Nesting beyond any stack. */
  uint8_t *deep = malloc(1000000);
  memset(deep, 0x91, 1000000);
  CHECK(!moonlet_next(&(moonlet_reader){deep, deep + 1000000, NULL}, &value));
  free(deep);
}

void test_codec(void) {
  integers();
  typed_reads();
  lengths();
  round_trips();
  any_bytes();
}
