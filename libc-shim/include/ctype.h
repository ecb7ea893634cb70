#ifndef MOONLET_CTYPE_H
#define MOONLET_CTYPE_H

/* The C locale: bytes above 127 belong to no class. */
int isalnum(int c);
int isalpha(int c);
int iscntrl(int c);
int isdigit(int c);
int isgraph(int c);
int islower(int c);
int ispunct(int c);
int isspace(int c);
int isupper(int c);
int isxdigit(int c);
int tolower(int c);
int toupper(int c);

#endif
