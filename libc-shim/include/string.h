#ifndef MOONLET_STRING_H
#define MOONLET_STRING_H

#include <stddef.h>

void *memchr(const void *block, int c, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *block, int c, size_t size);
char *strchr(const char *string, int c);
int strcmp(const char *a, const char *b);
int strcoll(const char *a, const char *b);
char *strcpy(char *restrict to, const char *restrict from);
char *strerror(int number);
size_t strlen(const char *string);
int strncmp(const char *a, const char *b, size_t size);
char *strpbrk(const char *string, const char *accept);
size_t strspn(const char *string, const char *accept);
char *strstr(const char *string, const char *part);

#endif
