#ifndef MOONLET_ASSERT_H
#define MOONLET_ASSERT_H

/* Lua's own checks go through lua_assert; nothing in it relies on assert. */
#define assert(condition) ((void)0)

#endif
