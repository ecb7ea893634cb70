#ifndef MOONLET_ERRNO_H
#define MOONLET_ERRNO_H

extern int errno;

/* The numbers of Linux, which scripts see as the third result of io functions. */
#define ENOENT 2
#define EBADF 9
#define ENOMEM 12
#define EACCES 13
#define EEXIST 17
#define ENOTDIR 20
#define EISDIR 21
#define EINVAL 22
#define ENOSPC 28
#define ESPIPE 29
#define EDOM 33
#define ERANGE 34
#define ENOSYS 38
#define EOVERFLOW 75
#define ENOTSUP 95

#endif
