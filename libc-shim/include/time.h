#ifndef MOONLET_TIME_H
#define MOONLET_TIME_H

#include <stddef.h>

typedef long long time_t;
typedef long long clock_t;

#define CLOCKS_PER_SEC ((clock_t)1000000)

struct tm {
  int tm_sec;
  int tm_min;
  int tm_hour;
  int tm_mday;
  int tm_mon;
  int tm_year;
  int tm_wday;
  int tm_yday;
  int tm_isdst;
  int tm_gmtoff; /* seconds east of UTC; a name of glibc, an extension in C */
  int tm_zone;   /* which of the time zone's names is shown; there it is the name */
};

clock_t clock(void);
double difftime(time_t later, time_t earlier);
struct tm *gmtime(const time_t *time);
struct tm *localtime(const time_t *time);
time_t mktime(struct tm *broken_down);
size_t strftime(char *buffer, size_t size, const char *format, const struct tm *broken_down);
time_t time(time_t *result);

#endif
