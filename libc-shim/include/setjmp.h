#ifndef MOONLET_SETJMP_H
#define MOONLET_SETJMP_H

/* Lua 5.5 embeds a jmp_buf in its error frame even when LUAI_TRY and LUAI_THROW are replaced, as they are
   here (see lua_user.h). There is no setjmp and no longjmp to call. */
typedef char jmp_buf[1];

#endif
