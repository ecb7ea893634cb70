#ifndef MOONLET_LOCALE_H
#define MOONLET_LOCALE_H

#define LC_CTYPE 0
#define LC_NUMERIC 1
#define LC_TIME 2
#define LC_COLLATE 3
#define LC_MONETARY 4
#define LC_ALL 6

/* Only the decimal point is read by Lua, and lua_user.h answers that without a call. */
char *setlocale(int category, const char *locale);

#endif
