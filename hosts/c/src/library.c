/*
 * The library as one unit: what is not in moonlet.h stays within it, so nothing else of the program can clash with its names.
 */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif

#include "codec.c"
#include "instance.c"
#include "error.c"
#include "options.c"
#include "objects.c"
#include "run.c"
#include "calls.c"
#include "task.c"
#include "files.c"
#include "sha256.c"
#include "snapshot.c"
#include "state.c"
