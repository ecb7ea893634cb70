/*
 * The vectors of tests/vectors, on bare instances and through the codec. They come as lines, which `cargo xtask` makes of the JSON: a letter, then
 * fields; bytes are hexadecimal.
 *
 *   v NAME            a vector begins, in a fresh instance       n                 it needs a library that the mini variants leave out
 *   o KEY NUMBER      sets an option                             c BYTES           compute
 *   k BYTES           call                                       r BYTES, x BYTES  resume, raise the task that was suspended last
 *   p                 compact                                    d                 dropped
 *   = STATUS BYTES    what the last answered; - for any bytes    s KEY NUMBER STATUS   set, and what it answers
 *   e SOURCE CHUNK    an error of the package's own: eval; then the fields that it has, each of which must be told, and no other:
 *   m BYTES, h BYTES, l NUMBER, u BYTES   message, chunk, line, value; t BYTES a line of the traceback, in order; . the end
 */
#include "../../src/library.c"

#include <stdlib.h>

const moonlet_module *test_module(const char *name);

static int failed, passed;
static const char *vector_name;

static size_t from_hex(const char *text, uint8_t *to) {
  size_t length = 0;
  unsigned byte;
  for (; text[0] > ' ' && text[0] != '-' && sscanf(text, "%2x", &byte) == 1; text += 2) to[length++] = (uint8_t)byte;
  return length;
}

static void expect(bool condition, const char *what) {
  if (condition) return;
  failed++;
  printf("%s: %s\n", vector_name, what);
}

/** What the module wrote comes out of the codec as it went in. */
static void check_codec(moonlet *lua, const bytes *result) {
  moonlet_writer again = moonlet_writer_new(lua);
  moonlet_put_rest(&again, (moonlet_reader){result->data, result->data + result->length, lua});
  expect(again.wrong == NULL && again.length == result->length && memcmp(again.data, result->data, again.length) == 0, "the codec gives other bytes");
  moonlet_writer_free(&again);
}

static bool is_equal(moonlet_reader read, const uint8_t *bytes, size_t length) {
  return (size_t)(read.end - read.at) == length && (length == 0 || memcmp(read.at, bytes, length) == 0);
}

static bool is_text(const char *text, const uint8_t *bytes, size_t length) {
  return text != NULL && strlen(text) == length && memcmp(text, bytes, length) == 0;
}

int main(int count, char **words) {
  if (count != 3) {
    fputs("usage: vectors MODULE LINES\n", stderr);
    return 2;
  }
  FILE *file = fopen(words[2], "r");
  const moonlet_module *module = test_module(words[1]);
  const bool is_mini = strstr(words[1], "-mini") != NULL;
  static char line[400000], name[400];
  static uint8_t data[200000];
  moonlet_options options = moonlet_defaults();
  moonlet *lua = NULL;
  bytes result = {0};
  step left = {0};
  bool is_skipped = false;
  const char *traceback = NULL;
  unsigned told = 0;
  if (file == NULL || module == NULL) return 1;
  vector_name = name;
  while (fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\n")] = 0;
    char *rest = line + 2;
    if (line[0] == 'v') {
      if (lua != NULL) release_state(lua);
      snprintf(name, sizeof name, "%.399s", rest);
      const char *why = NULL;
      /* Bare: no option in force, but the form of results. */
      lua = open_state(module, &options, &why);
      if (lua == NULL) {
        printf("%s\n", why);
        return 1;
      }
      instance_set(lua, MOONLET_OPTION_FORMAT, 1);
      is_skipped = false;
      passed++;
      continue;
    }
    if (line[0] == 'n' && is_mini) is_skipped = true, passed--;
    if (is_skipped) continue;
    unsigned key, status;
    double number;
    size_t length = from_hex(rest, data);
    switch (line[0]) {
    case 'o': expect(sscanf(rest, "%u %lf", &key, &number) == 2 && instance_set(lua, key, number) == 0, "an option is refused"); break;
    case 's': expect(sscanf(rest, "%u %lf %u", &key, &number, &status) == 3 && instance_set(lua, key, number) == (int)status, "set answers otherwise"); break;
    case 'c': left = run(lua, MOONLET_EXPORT_compute, -1, data, length, &result); break;
    case 'k': left = run(lua, MOONLET_EXPORT_call, -1, data, length, &result); break;
    case 'r': left = run(lua, MOONLET_EXPORT_resume, left.task, data, length, &result); break;
    case 'x': left = run(lua, MOONLET_EXPORT_raise, left.task, data, length, &result); break;
    case 'p': instance_compact(lua); break;
    case 'd': {
      int answer = (int)instance_call(lua, MOONLET_EXPORT_dropped, 0, 0, 0, 0);
      left = instance_step(lua, answer);
      bytes_set(&result, instance_read(lua, left.result, left.result_length), left.result_length);
      break;
    }
    case '=': {
      char *at = strchr(rest, ' ');
      expect(left.status == atoi(rest), "another status");
      if (at == NULL || at[1] == '-') break;
      length = from_hex(at + 1, data);
      expect(result.length == length && memcmp(result.data, data, length) == 0, "another result");
      check_codec(lua, &result);
      break;
    }
    case 'e': {
      static char chunk[400];
      size_t chunk_length = from_hex(strchr(rest, ' ') + 1, (uint8_t *)chunk);
      chunk[chunk_length] = 0;
      moonlet_eval_chunk(lua, (const char *)data, length, chunk, NULL, NULL);
      left.status = lua->error.status;
      traceback = lua->error.traceback;
      told = (lua->error.chunk != NULL) + (lua->error.line != 0) + (lua->error.value.at != NULL) + 1u;
      break;
    }
    case 'm': told--, expect(is_text(lua->error.message, data, length), "another message"); break;
    case 'h': told--, expect(is_text(lua->error.chunk, data, length), "another chunk"); break;
    case 'l': told--, expect(lua->error.line == atoi(rest), "another line"); break;
    case 'u': told--, expect(is_equal(lua->error.value, data, length), "another value"); break;
    case 't':
      data[length] = 0;
      expect(traceback != NULL && (traceback = strstr(traceback, (const char *)data)) != NULL, "another traceback");
      break;
    case '.': expect(told == 0, "the error tells more than it should"); break;
    default: break;
    }
  }
  fclose(file);
  if (lua != NULL) release_state(lua);
  free(result.data);
  printf("%d vectors, %d checks failed\n", passed, failed);
  return failed > 0 || passed == 0;
}
