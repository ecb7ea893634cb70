#ifndef MOONLET_STDLIB_H
#define MOONLET_STDLIB_H

#include <stddef.h>

/* realloc, free and exit are macros in lua_user.h: they need more than C passes them. */

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1

_Noreturn void abort(void);
int abs(int x);
char *getenv(const char *name);
double strtod(const char *string, char **end);
int system(const char *command);

#endif
