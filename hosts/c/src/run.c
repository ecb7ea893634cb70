/* What happens from the start of an evaluation to its end: values in and out, and the loop that answers host calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

/** What `<close>` handlers and finalizers may use where the host ends something. */
#define FAREWELL 1000000.0
/** An array's head of five bytes, so that its length can be told last. */
#define ARRAY_HEAD "\xdd\0\0\0\0"

bool ids_add(ids *to, uint32_t id) {
  if (to->count == to->capacity) {
    size_t capacity = to->capacity * 2 + 4;
    uint32_t *list = realloc(to->list, capacity * sizeof *list);
    if (list == NULL) return false;
    to->list = list;
    to->capacity = capacity;
  }
  to->list[to->count++] = id;
  return true;
}

bool ids_hold(const ids *held, uint32_t id) {
  for (size_t i = 0; i < held->count; i++)
    if (held->list[i] == id) return true;
  return false;
}

void ids_remove(ids *from, uint32_t id) {
  for (size_t i = 0; i < from->count; i++)
    if (from->list[i] == id) {
      from->list[i] = from->list[--from->count];
      return;
    }
}

int begin_use(moonlet *lua) {
  if (lua == NULL) return MOONLET_STATUS_BAD_ARGUMENT;
  if (lua->is_to_be_freed) return refuse(lua, MOONLET_STATUS_BAD_STATE, "this state was freed; it ends when the function of the host returns");
  return MOONLET_STATUS_OK;
}

void begin_request(moonlet *lua) {
  moonlet_writer_clear(&lua->request);
  moonlet_put_encoded(&lua->request, ARRAY_HEAD, 5);
}

/** Puts the length into the head of an array that was begun by ARRAY_HEAD; NULL, or what is wrong. */
static const char *close_array(moonlet_writer *writer) {
  if (writer->wrong != NULL) return writer->wrong;
  long count = moonlet_count(writer->data + 5, writer->data + writer->length);
  if (count < 0) return "the values end within an array or map: put as many values as its length says, at most 128 deep";
  for (int i = 4; i > 0; i--, count >>= 8) writer->data[i] = (uint8_t)count;
  return NULL;
}

int end_request(moonlet *lua, const moonlet_writer *arguments) {
  moonlet_writer *request = &lua->request;
  if (arguments != NULL) {
    if (arguments->wrong != NULL) return refuse(lua, MOONLET_STATUS_BAD_DATA, arguments->wrong);
    moonlet_put_encoded(request, arguments->data, arguments->length);
  }
  const char *wrong = close_array(request);
  return wrong == NULL ? MOONLET_STATUS_OK : refuse(lua, MOONLET_STATUS_BAD_DATA, wrong);
}

/** One call of a run export; its result goes into `result`. */
static step run(moonlet *lua, int export_number, int64_t before, const void *data, size_t length, bytes *result) {
  clocks_set(lua);
  result->length = 0;
  int answer = instance_give(lua, export_number, before, data, length);
  /* Where the data found no room nothing ran, and the result is that of before. */
  bool is_result = answer != -MOONLET_STATUS_TOO_BIG;
  step left = instance_step(lua, answer);
  const uint8_t *found = is_result && left.result_length > 0 ? instance_read(lua, left.result, left.result_length) : NULL;
  if (found != NULL && !bytes_set(result, found, left.result_length)) result->length = 0;
  return left;
}

static void deliver(moonlet *lua, uint32_t at, uint32_t length, bool is_error) {
  const uint8_t *found = instance_read(lua, at, length);
  const moonlet_options *options = &lua->options;
  /* The function may use the state, which moves memory. */
  char *copy = options->on_output != NULL ? malloc(length) : NULL;
  if (copy != NULL && found != NULL) memcpy(copy, found, length);
  else if (options->on_output == NULL && found != NULL) fwrite(found, 1, length, is_error ? stderr : stdout);
  instance_call(lua, is_error ? MOONLET_EXPORT_error_output_clear : MOONLET_EXPORT_output_clear, 0, 0, 0, 0);
  if (copy != NULL && found != NULL) options->on_output(options->context, copy, length, is_error);
  free(copy);
}

/** What the host does after a run: it takes the output, and hears what Lua dropped. */
static void attend_to(moonlet *lua, const step *left) {
  if (left->status == MOONLET_STATUS_POISONED) return;
  if (left->dropped > 0) {
    bytes list = {0};
    moonlet_reader numbers;
    moonlet_value number;
    if (take_list(lua, MOONLET_EXPORT_dropped, &list, &numbers) == MOONLET_STATUS_OK)
      while (moonlet_next(&numbers, &number)) objects_forget(lua, (uint32_t)number.integer, true);
    free(list.data);
  }
  if (left->output_length > 0) deliver(lua, left->output, left->output_length, false);
  if (left->error_output_length > 0) {
    /* Memory may have moved since. */
    step again = instance_step(lua, 0);
    deliver(lua, again.error_output, again.error_output_length, true);
  }
}

void attend(moonlet *lua) {
  step left = instance_step(lua, 0);
  attend_to(lua, &left);
}

int take_list(moonlet *lua, int export_number, bytes *into, moonlet_reader *list) {
  int answer = (int)instance_call(lua, export_number, 0, 0, 0, 0);
  if (answer < 0) return -answer;
  step left = instance_step(lua, answer);
  const uint8_t *found = instance_read(lua, left.result, left.result_length);
  if (found == NULL || !bytes_set(into, found, left.result_length)) return MOONLET_STATUS_TOO_BIG;
  *list = (moonlet_reader){into->data, into->data + into->length, lua};
  size_t count;
  return moonlet_open_array(list, &count) ? MOONLET_STATUS_OK : MOONLET_STATUS_BAD_DATA;
}

void farewell(moonlet *lua, double used) {
  double fuel = (double)lua->options.fuel, limit = used + FAREWELL;
  instance_set(lua, MOONLET_OPTION_FUEL, fuel > 0 && fuel < limit ? fuel : limit);
}

void end_farewell(moonlet *lua) { instance_set(lua, MOONLET_OPTION_FUEL, (double)lua->options.fuel); }

int end_task(moonlet *lua, uint32_t task) {
  bytes listed = {0};
  moonlet_reader list;
  moonlet_value one, field;
  double used = 0;
  if (take_list(lua, MOONLET_EXPORT_tasks, &listed, &list) == MOONLET_STATUS_OK)
    while (moonlet_next(&list, &one))
      if (moonlet_next(&one.items, &field) && field.integer == task)
        while (moonlet_next(&one.items, &field)) used = field.number;
  free(listed.data);
  farewell(lua, used);
  int status = (int)instance_call(lua, MOONLET_EXPORT_cancel, task, 0, 0, 0);
  end_farewell(lua);
  return instance_is_poisoned(lua) ? MOONLET_STATUS_POISONED : status;
}

/** The definition of a name, or NULL. */
static const definition *defined(const moonlet *lua, const char *name, size_t length) {
  for (size_t i = 0; i < lua->function_count; i++) {
    const definition *one = &lua->functions[i];
    if (one->length == length && memcmp(one->name, name, length) == 0) return one;
  }
  return NULL;
}

static bool is_operation(const char *name, size_t length) {
  return (length == 6 && memcmp(name, "__call", 6) == 0) || (length == 7 && memcmp(name, "__index", 7) == 0) ||
         (length == 10 && memcmp(name, "__newindex", 10) == 0);
}

/** Opens a request: the function's name, and its arguments in the reader. */
static bool open_request(moonlet *lua, const bytes *request, const char **name, size_t *length, moonlet_reader *arguments) {
  size_t count;
  *arguments = (moonlet_reader){request->data, request->data + request->length, lua};
  return request->length > 0 && moonlet_open_array(arguments, &count) && moonlet_next_string(arguments, name, length);
}

/** Has the host's function answer; what is to be said to the module, in `answer`, and by which export. */
static int answer_call(moonlet *lua, const bytes *request, moonlet_writer *answer) {
  const char *name = NULL;
  size_t length = 0;
  moonlet_reader arguments;
  int status;
  moonlet_writer_clear(answer);
  moonlet_put_encoded(answer, ARRAY_HEAD, 5);
  if (!open_request(lua, request, &name, &length, &arguments)) status = moonlet_fail(lua, "there is no memory for the arguments");
  else if (is_operation(name, length)) status = objects_operate(lua, length == 6 ? "__call" : length == 7 ? "__index" : "__newindex", arguments, answer);
  else {
    const definition *found = defined(lua, name, length);
    int shown = length < 200 ? (int)length : 200;
    if (found == NULL) status = moonlet_fail(lua, "the host has no function '%.*s'; define it first", shown, name);
    else if (found->function == NULL) status = moonlet_fail(lua, "the host function '%.*s' waits, which only a task that the host steps can do; use moonlet_start", shown, name);
    else status = found->function(lua, found->context, &arguments, answer);
  }
  if (status == MOONLET_STATUS_OK) {
    const char *wrong = close_array(answer);
    if (wrong == NULL) return MOONLET_EXPORT_resume;
    status = moonlet_fail(lua, "what the host function '%.*s' put cannot go to Lua: %s", length < 200 ? (int)length : 200, name != NULL ? name : "", wrong);
    /* The script may catch it, and the fault is the host's. */
    const moonlet_options *options = &lua->options;
    if (options->on_output != NULL) options->on_output(options->context, lua->error.message, strlen(lua->error.message), true);
    else fprintf(stderr, "%s\n", lua->error.message);
  } else if (status == MOONLET_RAISE) {
    if (answer->wrong == NULL && moonlet_count(answer->data + 5, answer->data + answer->length) == 1) {
      answer->length -= 5;
      memmove(answer->data, answer->data + 5, answer->length);
      return MOONLET_EXPORT_raise;
    }
    status = moonlet_fail(lua, "a host function answered MOONLET_RAISE without one whole value");
  } else if (lua->error.status != status) {
    status = moonlet_fail(lua, "the host function '%.*s' failed with the status %d", length < 200 ? (int)length : 200, name != NULL ? name : "", status);
  }
  moonlet_writer_clear(answer);
  if (lua->error.value.at != NULL) moonlet_put_rest(answer, lua->error.value);
  else moonlet_put_text(answer, lua->error.message);
  return MOONLET_EXPORT_raise;
}

/** The answer was refused, and the task waits for another: it gets the refusal as an error, else it ends. */
static step insist(moonlet *lua, step refused, uint32_t task, moonlet_writer *answer, bytes *result) {
  error_of_step(lua, &refused, result);
  moonlet_writer_clear(answer);
  moonlet_put_text(answer, lua->error.message);
  step left = run(lua, MOONLET_EXPORT_raise, task, answer->data, answer->length, result);
  if (left.status < MOONLET_STATUS_BAD_ARGUMENT || left.status == MOONLET_STATUS_POISONED) return left;
  end_task(lua, task);
  result->length = 0;
  return refused;
}

/** Adds to standard input what the script waits for. */
static int feed(moonlet *lua) {
  char buffer[1024];
  if (lua->options.on_input == NULL)
    return refuse(lua, MOONLET_STATUS_INPUT, "the script waits for input: give `on_input`, or step the task by moonlet_start and use moonlet_write_input");
  size_t length = lua->options.on_input(lua->options.context, buffer, sizeof buffer);
  return moonlet_write_input(lua, buffer, length < sizeof buffer ? length : sizeof buffer);
}

static bool is_suspension(int status) {
  return status == MOONLET_STATUS_YIELD || status == MOONLET_STATUS_PAUSED || status == MOONLET_STATUS_OUTPUT || status == MOONLET_STATUS_INPUT;
}

/** Whether a host call is one that the host answers itself when it steps the task. */
static bool is_waiting(const moonlet *lua, const char *name, size_t length) {
  const definition *found = defined(lua, name, length);
  return !is_operation(name, length) && (found == NULL || found->function == NULL);
}

/** Tells the host what its task waits for: the request is in `result`. */
static void tell_task(moonlet *lua, moonlet_task *task, uint32_t id, int status, const bytes *result) {
  *task = (moonlet_task){.id = id};
  task->kind = status == MOONLET_STATUS_YIELD ? MOONLET_CALL : status == MOONLET_STATUS_INPUT ? MOONLET_INPUT : status == MOONLET_STATUS_OUTPUT ? MOONLET_OUTPUT : MOONLET_PAUSED;
  if (task->kind == MOONLET_CALL) open_request(lua, result, &task->name, &task->name_length, &task->values);
}

/** What the values of a result are: of a text, which a restored task may have, that text. */
static int tell_results(moonlet *lua, bytes *result, bool is_text, moonlet_reader *results) {
  if (is_text) {
    moonlet_writer text = moonlet_writer_new(NULL);
    moonlet_put_string(&text, (const char *)result->data, result->length);
    bool is_set = text.wrong == NULL && bytes_set(result, text.data, text.length);
    moonlet_writer_free(&text);
    if (!is_set) return refuse(lua, MOONLET_STATUS_ERRMEM, "there is no memory for the results");
    *results = (moonlet_reader){result->data, result->data + result->length, lua};
    return MOONLET_STATUS_OK;
  }
  size_t count;
  *results = (moonlet_reader){result->data, result->data + result->length, lua};
  if (result->length > 0 && moonlet_open_array(results, &count)) return MOONLET_STATUS_OK;
  return refuse(lua, MOONLET_STATUS_ERRMEM, "there is no memory for the results");
}

/** Why an evaluation cannot go on after a function of the host ran; NULL if it can. */
static const char *ended(const moonlet *lua, uint32_t generation) {
  if (lua->is_to_be_freed) return "the state was freed while this evaluation ran";
  return lua->generation != generation ? "a snapshot was restored while this evaluation ran, which ended it" : NULL;
}

/** The loop. What it ends with is in `result`. */
static int conduct(moonlet *lua, step left, uint32_t *id, bytes *result, moonlet_writer *answer, moonlet_task *task, moonlet_reader *results, bool is_due) {
  const uint32_t generation = lua->generation;
  const double began = left.fuel_used, slice = (double)lua->options.slice;
  for (;; is_due = false) {
    const char *why;
    bool waits = is_suspension(left.status);
    if (waits && left.task != *id) {
      ids_remove(&lua->owned, *id);
      *id = left.task;
      ids_add(&lua->owned, *id);
    }
    attend_to(lua, &left);
    if ((why = ended(lua, generation)) != NULL) return refuse(lua, MOONLET_STATUS_BAD_STATE, why);
    if (left.status == MOONLET_STATUS_OK) {
      moonlet_reader unread;
      int status = tell_results(lua, result, ids_hold(&lua->text_tasks, *id), results != NULL ? results : &unread);
      if (task != NULL) *task = (moonlet_task){.id = *id, .kind = MOONLET_DONE, .values = results != NULL ? *results : unread};
      return status;
    }
    if (!waits) return error_of_step(lua, &left, result);
    if (atomic_load(&lua->interrupted)) {
      end_task(lua, *id);
      attend(lua);
      return refuse(lua, MOONLET_STATUS_CANCELLED, "the evaluation was interrupted");
    }
    if (left.status == MOONLET_STATUS_YIELD) {
      const char *name;
      size_t length;
      moonlet_reader arguments;
      bool is_asked = open_request(lua, result, &name, &length, &arguments);
      if (task != NULL && is_asked && is_waiting(lua, name, length)) {
        tell_task(lua, task, *id, left.status, result);
        return MOONLET_STATUS_OK;
      }
      /* Each answer begins another slice; a task that asks without end is to let its host in all the same. */
      if (task != NULL && !is_due && slice > 0 && left.fuel_used - began > slice) {
        *task = (moonlet_task){.id = *id, .kind = MOONLET_PAUSED};
        return MOONLET_STATUS_OK;
      }
      int export_number = answer_call(lua, result, answer);
      if ((why = ended(lua, generation)) != NULL) return refuse(lua, MOONLET_STATUS_BAD_STATE, why);
      left = run(lua, export_number, *id, answer->data, answer->length, result);
      if (left.status >= MOONLET_STATUS_BAD_ARGUMENT && left.status != MOONLET_STATUS_POISONED) left = insist(lua, left, *id, answer, result);
    } else if (task != NULL) {
      tell_task(lua, task, *id, left.status, result);
      return MOONLET_STATUS_OK;
    } else {
      int status = left.status == MOONLET_STATUS_INPUT ? feed(lua) : MOONLET_STATUS_OK;
      if ((why = ended(lua, generation)) != NULL) return refuse(lua, MOONLET_STATUS_BAD_STATE, why);
      if (status != MOONLET_STATUS_OK) {
        moonlet_error error = lua->error;
        end_task(lua, *id);
        attend(lua);
        lua->error = error;
        return status;
      }
      left = run(lua, MOONLET_EXPORT_resume, *id, NULL, 0, result);
    }
  }
}

/** Whether another evaluation may begin. */
static int begin_evaluation(moonlet *lua) {
  if (lua->depth > lua->options.nesting)
    return refuse(lua, MOONLET_STATUS_BAD_STATE, "evaluations within functions of the host nest too deep; return to the script first, or raise `nesting`");
  if (!atomic_load(&lua->interrupted)) return MOONLET_STATUS_OK;
  if (lua->depth == 0) atomic_store(&lua->interrupted, 0);
  return refuse(lua, MOONLET_STATUS_CANCELLED, "the evaluation was interrupted before it began");
}

/** Conducts from the first step on; what it ends with becomes the state's results. */
static int conduct_all(moonlet *lua, step left, bytes *result, uint32_t id, moonlet_task *task, moonlet_reader *results, bool is_due) {
  moonlet_writer answer = moonlet_writer_new(lua);
  int status = conduct(lua, left, &id, result, &answer, task, results, is_due);
  moonlet_writer_free(&answer);
  ids_remove(&lua->owned, id);
  free(lua->results.data);
  lua->results = *result;
  lua->depth--;
  if (lua->depth == 0 && status == MOONLET_STATUS_CANCELLED) atomic_store(&lua->interrupted, 0);
  if (lua->depth == 0 && lua->is_to_be_freed) {
    lua->is_to_be_freed = false;
    moonlet_free(lua);
  }
  return status;
}

/** The buffer of the last results, for the next. */
static bytes take_results(moonlet *lua) {
  bytes result = lua->results;
  lua->results = (bytes){NULL, 0, 0};
  return result;
}

int evaluate(moonlet *lua, int export_number, int64_t before, moonlet_task *task, moonlet_reader *results) {
  int status = begin_evaluation(lua);
  /* To a task that was to go on any error but a refusal is its end. */
  if (status == MOONLET_STATUS_CANCELLED && before >= 0) end_task(lua, (uint32_t)before);
  if (status != MOONLET_STATUS_OK) return status;
  bytes result = take_results(lua);
  uint32_t id = before < 0 ? 0 : (uint32_t)before;
  lua->depth++;
  if (id != 0) ids_add(&lua->owned, id);
  step left = run(lua, export_number, before, lua->request.data, lua->request.length, &result);
  return conduct_all(lua, left, &result, id, task, results, false);
}

int evaluate_due(moonlet *lua, moonlet_task *task) {
  int status = begin_evaluation(lua);
  if (status == MOONLET_STATUS_CANCELLED) end_task(lua, task->id);
  if (status != MOONLET_STATUS_OK) return status;
  int answer = (int)instance_call(lua, MOONLET_EXPORT_request, task->id, 0, 0, 0);
  step left = instance_step(lua, answer);
  const uint8_t *found = instance_read(lua, left.result, left.result_length);
  bytes result = take_results(lua);
  if (found == NULL || !bytes_set(&result, found, left.result_length)) result.length = 0;
  lua->depth++;
  left.task = task->id;
  ids_add(&lua->owned, task->id);
  return conduct_all(lua, left, &result, task->id, task, NULL, true);
}
