/* The stored form of a state (ABI.md, "Snapshots"): the same bytes in every language. */
#include <stdlib.h>
#include <string.h>

#include "sha256.h"
#include "state.h"

#define HEADER 128u
#define RECORD (4u + MOONLET_PAGE)
#define FORM 2u

static void put_number(uint8_t *at, uint64_t number, unsigned width) {
  for (; width > 0; width--, number >>= 8) *at++ = (uint8_t)number;
}

static uint64_t get_number(const uint8_t *at, unsigned width) {
  uint64_t number = 0;
  while (width > 0) number = number << 8 | at[--width];
  return number;
}

static bool is_zero(const uint8_t *page) { return *page == 0 && memcmp(page, page + 1, MOONLET_PAGE - 1) == 0; }

int moonlet_compact(moonlet *lua, uint64_t *used) {
  int status = begin_use(lua);
  if (status != MOONLET_STATUS_OK) return status;
  if (instance_is_poisoned(lua)) return refuse_poisoned(lua);
  farewell(lua, 0);
  double in_use = instance_compact(lua);
  end_farewell(lua);
  if (instance_is_poisoned(lua)) return refuse_poisoned(lua);
  attend(lua);
  if (used != NULL) *used = (uint64_t)in_use;
  return MOONLET_STATUS_OK;
}

int moonlet_snapshot(moonlet *lua, uint8_t **data, size_t *length) {
  int status = begin_use(lua);
  if (status != MOONLET_STATUS_OK) return status;
  if (data == NULL || length == NULL) return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "the place for the snapshot or its length is NULL");
  *data = NULL;
  *length = 0;
  status = moonlet_compact(lua, NULL);
  if (status != MOONLET_STATUS_OK) return status;
  instance_drop_buffer(lua);
  uint32_t build = instance_call(lua, MOONLET_EXPORT_build_id_ptr, 0, 0, 0, 0), abi = instance_call(lua, MOONLET_EXPORT_abi_version, 0, 0, 0, 0);
  size_t all, count = 0, pages = 0;
  const uint8_t *memory = lua->module->memory(lua->instance, &all);
  for (size_t page = 0; page < all / MOONLET_PAGE; page++)
    if (!is_zero(memory + page * MOONLET_PAGE)) count++, pages = page + 1;
  size_t size = HEADER + count * RECORD;
  uint8_t *made = malloc(size);
  if (made == NULL) return refuse(lua, MOONLET_STATUS_TOO_BIG, "there is no memory for the snapshot");
  uint8_t *at = made + HEADER;
  for (size_t page = 0; page < pages; page++) {
    if (is_zero(memory + page * MOONLET_PAGE)) continue;
    put_number(at, page, 4);
    memcpy(at + 4, memory + page * MOONLET_PAGE, MOONLET_PAGE);
    at += RECORD;
  }
  memcpy(made, "MOONSNAP", 8);
  put_number(made + 8, FORM, 4);
  put_number(made + 12, abi, 4);
  put_number(made + 16, lua->lua_version, 4);
  put_number(made + 20, pages, 4);
  memcpy(made + 24, memory + build, 32);
  put_number(made + 56, size - HEADER, 8);
  moonlet_sha256(made + HEADER, size - HEADER, made + 64);
  moonlet_sha256(made, 96, made + 96);
  *data = made;
  *length = size;
  return MOONLET_STATUS_OK;
}

/** What is wrong with a snapshot for this state; NULL if nothing is. */
static const char *check_snapshot(moonlet *lua, const uint8_t *data, size_t length) {
  uint8_t digest[32];
  if (length < HEADER || memcmp(data, "MOONSNAP", 8) != 0) return "these bytes are no snapshot, or not even its header";
  if (get_number(data + 8, 4) != FORM) return "the snapshot has another form than 2; use the package that it was made with";
  moonlet_sha256(data, 96, digest);
  if (memcmp(digest, data + 96, 32) != 0) return "the snapshot's header is damaged; restore an older one";
  uint64_t made_by = get_number(data + 16, 4), pages = get_number(data + 20, 4), payload = get_number(data + 56, 8);
  if (made_by != lua->lua_version)
    return made_by == 505 ? "the snapshot was made by Lua 5.5; restore it into a state of moonlet_lua55" : "the snapshot was made by Lua 5.4; restore it into a state of moonlet_lua54";
  /* This call also puts in order what a call that was torn down left outside of memory. */
  const uint8_t *build = instance_read(lua, instance_call(lua, MOONLET_EXPORT_build_id_ptr, 0, 0, 0, 0), 32);
  if (build == NULL || memcmp(build, data + 24, 32) != 0) return "the snapshot was made by another build of the module; use the package that it was made with";
  if (payload != length - HEADER || payload % RECORD != 0) return "the snapshot is damaged or cut short; restore an older one";
  moonlet_sha256(data + HEADER, length - HEADER, digest);
  if (memcmp(digest, data + 64, 32) != 0) return "the snapshot is damaged or cut short; restore an older one";
  if (pages > (lua->page_limit != 0 ? lua->page_limit : 32768)) return "the snapshot needs more pages of memory than this state may have; raise `memory` or `pages`";
  uint64_t next = 0;
  for (const uint8_t *at = data + HEADER; at < data + length; at += RECORD) {
    if (get_number(at, 4) < next) return "the snapshot's pages are out of order; restore an older one";
    next = get_number(at, 4) + 1;
  }
  return next != pages ? "the snapshot's pages are out of order; restore an older one" : NULL;
}

int moonlet_restore(moonlet *lua, const void *data, size_t length) {
  int status = begin_use(lua);
  if (status != MOONLET_STATUS_OK) return status;
  if (data == NULL) return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "the snapshot is NULL; give what moonlet_snapshot made");
  const char *wrong = check_snapshot(lua, data, length);
  if (wrong != NULL) return refuse(lua, MOONLET_STATUS_BAD_DATA, wrong);
  const uint8_t *from = data, *end = from + length;
  size_t all, wanted = (size_t)get_number(from + 20, 4) * MOONLET_PAGE;
  lua->module->memory(lua->instance, &all);
  if (wanted > all && !lua->module->grow(lua->instance, (uint32_t)((wanted - all) / MOONLET_PAGE)))
    return refuse(lua, MOONLET_STATUS_TOO_BIG, "the memory cannot grow as far as the snapshot needs; free memory, or restore it elsewhere");
  uint8_t *memory = lua->module->memory(lua->instance, &all);
  memset(memory, 0, all);
  for (from += HEADER; from < end; from += RECORD) memcpy(memory + get_number(from, 4) * MOONLET_PAGE, from + 4, MOONLET_PAGE);
  return start_anew(lua);
}
