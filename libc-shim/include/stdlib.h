#ifndef MOONLET_STDLIB_H
#define MOONLET_STDLIB_H

#include <stddef.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1

_Noreturn void abort(void);
int abs(int x);
_Noreturn void exit(int status);
void free(void *pointer);
char *getenv(const char *name);
void *realloc(void *pointer, size_t size);
double strtod(const char *string, char **end);
int system(const char *command);

#endif
