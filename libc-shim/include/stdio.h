#ifndef MOONLET_STDIO_H
#define MOONLET_STDIO_H

#include <stddef.h>

typedef struct FILE FILE;

extern FILE *stdin;
extern FILE *stdout;
extern FILE *stderr;

#define EOF (-1)
#define BUFSIZ 1024
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define _IOFBF 0
#define _IOLBF 1
#define _IONBF 2
#define L_tmpnam 20

void clearerr(FILE *stream);
int fclose(FILE *stream);
int feof(FILE *stream);
int ferror(FILE *stream);
int fflush(FILE *stream);
char *fgets(char *buffer, int size, FILE *stream);
FILE *fopen(const char *name, const char *mode);
int fprintf(FILE *stream, const char *format, ...);
int fputs(const char *string, FILE *stream);
size_t fread(void *buffer, size_t size, size_t count, FILE *stream);
FILE *freopen(const char *name, const char *mode, FILE *stream);
int fseek(FILE *stream, long offset, int origin);
long ftell(FILE *stream);
size_t fwrite(const void *buffer, size_t size, size_t count, FILE *stream);
int getc(FILE *stream);
int remove(const char *name);
int rename(const char *from, const char *to);
int setvbuf(FILE *stream, char *buffer, int mode, size_t size);
int snprintf(char *buffer, size_t size, const char *format, ...);
FILE *tmpfile(void);
char *tmpnam(char *buffer);
int ungetc(int c, FILE *stream);

#endif
