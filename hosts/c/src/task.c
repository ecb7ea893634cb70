/* Tasks that the host steps itself. */
#include <stdlib.h>
#include <string.h>

#include "state.h"

/** Whether a task can go on; else the error is made. */
static int begin_task(moonlet *lua, const moonlet_task *task) {
  int status = begin_use(lua);
  if (status != MOONLET_STATUS_OK) return status;
  if (task == NULL) return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "the task is NULL; moonlet_start and moonlet_tasks give them");
  if (task->kind == MOONLET_DONE) return refuse(lua, MOONLET_STATUS_BAD_STATE, "this task has ended; start another");
  if (ids_hold(&lua->owned, task->id)) return refuse(lua, MOONLET_STATUS_BAD_STATE, "this task is not suspended: an evaluation goes on with it");
  return status;
}

/** Goes on by a run export; a task that has ended says so. */
static int go_on(moonlet *lua, moonlet_task *task, int export_number) {
  uint32_t id = task->id;
  moonlet_task left = *task;
  int status = evaluate(lua, export_number, id, &left, NULL);
  if (status == MOONLET_STATUS_OK) *task = left;
  else if (status < MOONLET_STATUS_BAD_ARGUMENT) *task = (moonlet_task){.id = id, .kind = MOONLET_DONE};
  return status;
}

int moonlet_resume(moonlet *lua, moonlet_task *task, const moonlet_writer *values) {
  int status = begin_task(lua, task);
  if (status != MOONLET_STATUS_OK) return status;
  if (task->kind == MOONLET_CALL) {
    begin_request(lua);
    status = end_request(lua, values);
    return status != MOONLET_STATUS_OK ? status : go_on(lua, task, MOONLET_EXPORT_resume);
  }
  if (values != NULL && (values->length > 0 || values->wrong != NULL))
    return refuse(lua, MOONLET_STATUS_BAD_STATE, "the task waits for no values; resume it without");
  if (task->kind == MOONLET_PAUSED && (int)instance_call(lua, MOONLET_EXPORT_request, task->id, 0, 0, 0) == -MOONLET_STATUS_YIELD) {
    /* It was paused before its answer, which a function of the host gives. */
    moonlet_task left = *task;
    status = evaluate_due(lua, &left);
    if (status == MOONLET_STATUS_OK) *task = left;
    else if (status < MOONLET_STATUS_BAD_ARGUMENT) *task = (moonlet_task){.id = left.id, .kind = MOONLET_DONE};
    return status;
  }
  moonlet_writer_clear(&lua->request);
  return go_on(lua, task, MOONLET_EXPORT_resume);
}

int moonlet_raise(moonlet *lua, moonlet_task *task, const moonlet_writer *value) {
  int status = begin_task(lua, task);
  if (status != MOONLET_STATUS_OK) return status;
  if (task->kind != MOONLET_CALL) return refuse(lua, MOONLET_STATUS_BAD_STATE, "the task waits for no call; resume it without values");
  if (value != NULL && value->wrong != NULL) return refuse(lua, MOONLET_STATUS_BAD_DATA, value->wrong);
  if (value == NULL || moonlet_count(value->data, value->data + value->length) != 1)
    return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "a writer with one whole value is needed: the error, a text for example");
  moonlet_writer_clear(&lua->request);
  moonlet_put_encoded(&lua->request, value->data, value->length);
  return go_on(lua, task, MOONLET_EXPORT_raise);
}

int moonlet_cancel(moonlet *lua, moonlet_task *task) {
  int status = begin_use(lua);
  if (status != MOONLET_STATUS_OK) return status;
  if (task != NULL && task->kind == MOONLET_DONE) return status;
  status = begin_task(lua, task);
  if (status != MOONLET_STATUS_OK) return status;
  status = end_task(lua, task->id);
  if (status == MOONLET_STATUS_BAD_ARGUMENT) return refuse(lua, status, "this task is not suspended any more; moonlet_tasks lists those that are");
  *task = (moonlet_task){.id = task->id, .kind = MOONLET_DONE};
  if (status != MOONLET_STATUS_OK) {
    /* An error of a handler is a result, which what the host hears next would move. */
    step left = instance_step(lua, -status);
    bytes result = {0};
    const uint8_t *found = instance_read(lua, left.result, left.result_length);
    if (found != NULL) bytes_set(&result, found, left.result_length);
    attend(lua);
    status = error_of_step(lua, &left, &result);
    free(result.data);
    return status;
  }
  attend(lua);
  return status;
}

int moonlet_tasks(moonlet *lua, moonlet_task *tasks, size_t capacity, size_t *count) {
  int status = begin_use(lua);
  if (status != MOONLET_STATUS_OK) return status;
  if (count == NULL || (tasks == NULL && capacity > 0)) return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "the place for the tasks or their number is NULL");
  moonlet_reader list;
  moonlet_value one, id, kind;
  *count = 0;
  status = take_list(lua, MOONLET_EXPORT_tasks, &lua->results, &list);
  if (status != MOONLET_STATUS_OK) return refuse_by_status(lua, status, "there is no memory for the list of tasks; raise `memory`");
  while (moonlet_next(&list, &one)) {
    if (!moonlet_next(&one.items, &id) || !moonlet_next(&one.items, &kind) || ids_hold(&lua->owned, (uint32_t)id.integer)) continue;
    if (*count < capacity) {
      static const moonlet_kind kinds[] = {[MOONLET_STATUS_YIELD] = MOONLET_CALL, [MOONLET_STATUS_PAUSED] = MOONLET_PAUSED, [MOONLET_STATUS_OUTPUT] = MOONLET_OUTPUT, [MOONLET_STATUS_INPUT] = MOONLET_INPUT};
      tasks[*count] = (moonlet_task){.id = (uint32_t)id.integer, .kind = kinds[kind.integer]};
    }
    ++*count;
  }
  return MOONLET_STATUS_OK;
}

int moonlet_request(moonlet *lua, moonlet_task *task) {
  int status = begin_task(lua, task);
  if (status != MOONLET_STATUS_OK || task->kind != MOONLET_CALL) return status;
  int answer = (int)instance_call(lua, MOONLET_EXPORT_request, task->id, 0, 0, 0);
  if (answer != -MOONLET_STATUS_YIELD) return refuse_by_status(lua, -answer, "this task is not suspended any more; moonlet_tasks lists those that are");
  step left = instance_step(lua, answer);
  const uint8_t *found = instance_read(lua, left.result, left.result_length);
  size_t count;
  if (found == NULL || !bytes_set(&lua->results, found, left.result_length)) return refuse(lua, MOONLET_STATUS_ERRMEM, "there is no memory for the request");
  task->values = (moonlet_reader){lua->results.data, lua->results.data + left.result_length, lua};
  moonlet_open_array(&task->values, &count);
  moonlet_next_string(&task->values, &task->name, &task->name_length);
  return MOONLET_STATUS_OK;
}
